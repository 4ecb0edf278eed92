"""Candidates as the machine flags them: gate by gate, points with what is missing, in an order that is fair to gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from marketplace.access import ADMIN, MATCHMAKER, OF_DISTRICTS, REVIEWER, Viewer, require
from marketplace.benchmarks.provisional import RULES, CriterionPoints, Interval, reachable
from marketplace.benchmarks.sheet import CRITERIA, Sheet, sheet_of
from marketplace.benchmarks.stability import Stability, stability
from marketplace.desk import DeskKeeper
from marketplace.flagging import public_sheet
from marketplace.followup.rights import as_seen, place_of
from marketplace.pages import Gate
from marketplace.publicity import masked
from marketplace.records import mask_personal
from marketplace.selection import clock
from marketplace.selection.drafting import drafted_flags
from marketplace.selection.rights import edits_years
from marketplace.selection_states import DRAFT
from marketplace.stages import BUILDING, LANDED, SIGNED, STAGES
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_flags import FlagRow, load_flags
from marketplace.store.benchmark_years import load_year, load_years
from marketplace.store.matches import matches_of_pairs
from marketplace.store.pairings import PairingRow, pairings_in
from marketplace.store.postings import load_rows
from matching import Band, Capability

CERTAIN, OPEN_FACTS, UNFIT = "certain", "open_facts", "unfit"
GROUPS = {
    CERTAIN: "材料齐全",
    OPEN_FACTS: "待补材料",
    UNFIT: "未达条件",
}
_MATURE, _SIGNALS = 7, 3


@dataclass(frozen=True, slots=True)
class FlagView:
    """What the machine says of a landed pair; ``low`` and ``high`` are its provisional points out of ``reachable``.

    ``group`` is one of GROUPS: an interval is never ranked among figures.
    """

    landing_id: str
    opportunity_key: int
    capability_key: int
    status: str
    group: str
    gates: tuple[Gate, ...]
    points: tuple[CriterionPoints, ...]
    labels: tuple[str, ...]
    weights: tuple[int, ...]
    low: float
    high: float
    reachable: int
    missing: tuple[str, ...]
    hint: str
    at: str


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A landed pair in the list; ``place`` counts among the certain, 0 where nobody can say."""

    place: int
    title: str
    need_organisation: str
    offer_title: str
    offer_organisation: str
    domain: str
    accepted_on: str
    flag: FlagView


@dataclass(frozen=True, slots=True)
class PotentialLine:
    """A pair not landed yet that shows signs of becoming a benchmark, with the signs."""

    pairing_key: int
    title: str
    offer_title: str
    stage: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """All landed pairs of a year in their groups, how stable the order is, and those that promise something.

    ``drafted`` says that they are held against a sheet that is still being written.
    """

    year: int
    years: tuple[int, ...]
    lines: tuple[CandidateLine, ...]
    stability: Stability | None
    potentials: tuple[PotentialLine, ...]
    rules: tuple[str, ...]
    by_default: bool
    drafted: bool
    reachable: int
    domains: tuple[str, ...]


class CandidateBook:
    """What the machine flags, for those who carry the round out and those who look after pairings."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, year: int, domain: str = "") -> CandidatePage:
        """Return the candidates of a year, of one field or all; raises ForbiddenError for outsiders.

        Who sets years up sees them under the sheet in preparation, everybody else as the public does until the call.
        """
        require(viewer, REVIEWER, MATCHMAKER, ADMIN)
        db = self._keeper.db
        draft = _draft_of(db, year) if edits_years(viewer) else None
        sheet = draft or public_sheet(db, year)
        flags = load_flags(db, year=year) if draft is None else drafted_flags(db, draft)
        lines = self._lines(db, viewer, flags, sheet)
        domains = tuple(sorted({line.domain for line in lines}))
        certain = [line.flag.points for line in lines if line.flag.group == CERTAIN]
        shown = [line for line in lines if not domain or line.domain == domain]
        return CandidatePage(
            year, self._years(db), _placed(shown), stability(certain, sheet.weights), self._potentials(db, viewer),
            RULES, sheet.by_default, draft is not None, reachable(sheet.weights), domains,
        )  # fmt: skip

    def _lines(self, db: Database, viewer: Viewer, flags: Sequence[FlagRow], sheet: Sheet) -> list[CandidateLine]:
        keys = {key for one in flags for key in (one.opportunity_key, one.capability_key)}
        rows = {row.key: row for row in load_rows(db, sorted(keys))}
        lines = []
        for one in flags:
            need, offer = rows.get(one.opportunity_key), rows.get(one.capability_key)
            if need is None or offer is None:
                continue
            if not _may_see(viewer, need, offer):
                continue
            first, second = masked(need.posting), masked(offer.posting)
            lines.append(
                CandidateLine(
                    0, first.title, getattr(first, "publisher", ""), second.title, getattr(second, "company", ""),
                    first.domains[0] if first.domains else "未注明领域", one.content.get("accepted_on", ""),
                    flag_view(one, sheet),
                )
            )  # fmt: skip
        return lines

    def _years(self, db: Database) -> tuple[int, ...]:
        known = {row.year for row in load_years(db)} | set(self._keeper.desk().years) | {clock.today().year}
        return tuple(sorted(known, reverse=True))

    def _potentials(self, db: Database, viewer: Viewer) -> tuple[PotentialLine, ...]:
        rows = pairings_in(db, (SIGNED, BUILDING))
        landed: dict[int, int] = defaultdict(int)
        for row in pairings_in(db, (LANDED,)):
            landed[row.capability_key] += 1
        matches = matches_of_pairs(db, [(row.opportunity_key, row.capability_key) for row in rows])
        keys = {key for row in rows for key in (row.opportunity_key, row.capability_key)}
        postings = {row.key: row for row in load_rows(db, sorted(keys))}
        found = []
        for row in rows:
            need, offer = postings.get(row.opportunity_key), postings.get(row.capability_key)
            if need is None or offer is None:
                continue
            if not as_seen(viewer, row, need, offer).office:
                continue
            match = matches.get((row.opportunity_key, row.capability_key))
            band = match.band if match else None
            signals = signals_of(row, offer.posting, band, landed[row.capability_key])
            if len(signals) >= _SIGNALS:
                found.append(
                    PotentialLine(row.key, masked(need.posting).title, masked(offer.posting).title, STAGES[row.stage],
                                  signals)
                )  # fmt: skip
        return tuple(sorted(found, key=lambda one: (-len(one.signals), one.pairing_key)))


def _may_see(viewer: Viewer, need: PostingRow, offer: PostingRow) -> bool:
    """Whether a pair lies in what the viewer looks after; who sets the years up sees what they lead to."""
    places = (place_of(need), place_of(offer))
    return viewer.has(ADMIN) or any(viewer.serves(role, *place) for role in OF_DISTRICTS for place in places)


def signals_of(row: PairingRow, offer: object, band: Band | None, landed: int) -> tuple[str, ...]:
    """Return what speaks for a pair on its way: signed, well matched, figures promised, mature, landed elsewhere."""
    signs = [f"已到“{STAGES[row.stage]}”"] if row.stage in (SIGNED, BUILDING) else []
    signs += ["匹配为“高度匹配”"] if band is Band.STRONG else []
    signs += [f"已约定 {len(row.planned_effect)} 个成效指标"] if row.planned_effect else []
    level = offer.maturity if isinstance(offer, Capability) else None
    signs += [f"技术成熟度 {level} 级"] if level is not None and level >= _MATURE else []
    signs += [f"同一能力已在本站落地 {landed} 处"] if landed else []
    return tuple(signs)


def _draft_of(db: Database, year: int) -> Sheet | None:
    row = load_year(db, year)
    return sheet_of(row.sheet) if row and row.state == DRAFT else None


def flag_view(row: FlagRow, sheet: Sheet) -> FlagView:
    """Return a stored flag, without personal data that a record may have named."""
    points = tuple(
        CriterionPoints(one["code"], Interval(**one["points"]) if one["points"] else None,
                        tuple(map(mask_personal, one["facts"])), tuple(one["missing"]))
        for one in row.content["points"]
    )  # fmt: skip
    gates = tuple(
        Gate(**one | {"fact": mask_personal(one["fact"]), "source": mask_personal(one["source"])})
        for one in row.content["gates"]
    )
    hint, names = row.content["hint"], {one.code: one.label for one in sheet.criteria}
    words = (
        f"与 {hint['year']} 年度标杆“{mask_personal(hint['title'])}”最相近（接近度 {hint['closeness']:.2f}）"
        if hint
        else ""
    )
    return FlagView(
        row.landing_id, row.opportunity_key, row.capability_key, row.status, _group(row), gates, points,
        tuple(names.get(one.code, CRITERIA[one.code]) for one in points),
        tuple(sheet.weights.get(one.code, 0) for one in points), row.low, row.high, reachable(sheet.weights),
        tuple(map(mask_personal, row.content["missing"])), words, row.at,
    )  # fmt: skip


def ordered(lines: Sequence[CandidateLine]) -> list[CandidateLine]:
    """Return candidates group by group: figures by points; the others by their day, which ranks nobody.

    Neither end of an interval orders: by the lower what is missing would count as nothing, by the upper as everything.
    """
    places = list(GROUPS)

    def order(line: CandidateLine) -> tuple[int, float, str, str]:
        flag = line.flag
        return places.index(flag.group), -flag.low if flag.group == CERTAIN else 0, line.accepted_on, flag.landing_id

    return sorted(lines, key=order)


def _group(row: FlagRow) -> str:
    if row.status == "failed":
        return UNFIT
    return CERTAIN if row.status == "candidate" and row.low == row.high else OPEN_FACTS


def _placed(lines: Sequence[CandidateLine]) -> tuple[CandidateLine, ...]:
    return tuple(
        replace(line, place=place if line.flag.group == CERTAIN else 0) for place, line in enumerate(ordered(lines), 1)
    )
