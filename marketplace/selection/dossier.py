"""一案一档: everything about one case on one page, and the years side by side."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.access import Viewer
from marketplace.benchmarks.gates import effects_of
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError
from marketplace.exporting import OutputFile
from marketplace.pages import Effect, Gate
from marketplace.records import mask_personal
from marketplace.selection.cases import NO_CASE, TEXTS, Case, cases_with_pairs, code_of
from marketplace.selection.dossier_docx import dossier_docx
from marketplace.selection.evidence import Evidence, evidence_kept, evidence_now
from marketplace.selection.freezing import frozen_page
from marketplace.selection.masking import masked_deep
from marketplace.selection.record import outcomes_of
from marketplace.selection.rights import Year, find_open_year, require_organiser
from marketplace.selection_states import AFTERMATHS, BEGUN, NOTICE, RANKED
from marketplace.store import Database
from marketplace.store.benchmark_cases import cases_of
from marketplace.store.benchmark_years import load_result, load_results

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Shares and levels: added up they mean nothing.
LEVELS = ("%", "‰", "℃", "W/W")
Labelled = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One case whole; ``scores`` are (criterion, weight, mean), empty until they may be seen."""

    year: int
    number: int
    code: str
    title: str
    facts: Labelled
    texts: Labelled
    effects: tuple[Effect, ...]
    gates: tuple[Gate, ...]
    evidence: Labelled
    total: str
    rank: str
    outcome: str
    spread: str
    scores: tuple[tuple[str, int, str], ...]
    aftermath: tuple[tuple[str, str, str], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class YearSummary:
    """A frozen year in figures.

    ``sums`` are (name, unit, figure, how many) of indicators with the same name and unit in two cases or more: their
    sum, or their mean where shares and levels cannot be added.
    """

    year: int
    cases: int
    selected: int
    domains: tuple[tuple[str, int], ...]
    cities: tuple[tuple[str, int], ...]
    effects: int
    reached: int
    contract_wan: float
    sums: tuple[tuple[str, str, float, int], ...]
    winners: tuple[tuple[int, str, str, str, str], ...]
    sound: bool


class DossierBook:
    """Dossiers and the view over the years; what is not chosen and published is for organisers alone."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def dossier(self, viewer: Viewer, year: int, number: int) -> Dossier:
        """Return the dossier of a case; raises NotFoundError for all but organisers unless it was chosen and frozen."""
        db = self._keeper.db
        found = find_open_year(db, year)
        rows = [row for row in cases_of(db, year) if row.number == number and row.state != BEGUN]
        frozen = load_result(db, year)
        page = frozen_page(db, frozen) if frozen else None
        won = page is not None and any(
            one["case"] == number and one["outcome"] == "selected" for one in page.record["result"]
        )
        if not rows or number < 1:
            raise NotFoundError(NO_CASE)
        if not won:
            try:
                require_organiser(db, viewer, year)
            except ForbiddenError:
                raise NotFoundError(NO_CASE) from None
        case = cases_with_pairs(db, rows)[0]
        later = [] if page is None else [one for one in page.aftermath if one.case_number == number]
        told = tuple((one.on_day, AFTERMATHS[one.kind], mask_personal(one.text)) for one in later)
        result = self._result(db, found, page.record if page else None, number)
        kept: Mapping[str, Any] = (
            next((one for one in page.record["cases"] if one["number"] == number), {}) if page else {}
        )
        evidence = evidence_kept(db, year, kept) if kept else evidence_now(db, found, case)
        return _dossier(found, case, result, told, page.digest if page and kept else "", kept, evidence)

    def docx(self, viewer: Viewer, year: int, number: int) -> OutputFile:
        """Return the dossier as a Word file."""
        dossier = self.dossier(viewer, year, number)
        content = dossier_docx(dossier)
        name = f"{dossier.code} {dossier.title}.docx"
        return OutputFile(name, f"benchmark-{dossier.code}.docx", DOCX, io.BytesIO(content), len(content))

    def history(self) -> tuple[YearSummary, ...]:
        """Return every frozen year in figures, newest first."""
        db = self._keeper.db
        return tuple(_summary(db, row) for row in reversed(load_results(db)))

    def _result(
        self, db: Database, found: Year, record: Mapping[str, Any] | None, number: int
    ) -> Mapping[str, Any] | None:
        if record is not None:
            return next((one for one in record["result"] if one["case"] == number), None)
        if found.row.state not in (RANKED, NOTICE):
            return None
        one = next((one for one in outcomes_of(db, found)[0] if one.number == number), None)
        if one is None:
            return None
        means = {code: str(mean) for code, mean in one.means.items()}
        return {"total": str(one.total), "means": means, "rank": one.rank, "tied": one.tied, "outcome": one.outcome,
                "spread": str(one.spread)}  # fmt: skip


def _dossier(
    found: Year, case: Case, result: Mapping[str, Any] | None, told: tuple[tuple[str, str, str], ...],
    digest: str, frozen: Mapping[str, Any], evidence: Evidence,
) -> Dossier:  # fmt: skip
    # What stands beside the hash is what was frozen under it, whatever was noted of the project since.
    fixed = {name: frozen[name] for name in ("effects", "accepted_on", "contract_wan") if name in frozen}
    landing, year = masked_deep(case.landing) | fixed, found.number
    contract = landing.get("contract_wan")
    shown = result or {"total": "", "outcome": "", "spread": ""}
    rank = (
        "" if result is None or not result["rank"] else f"第 {result['rank']} 名{'（并列）' if result['tied'] else ''}"
    )
    return Dossier(
        year, case.row.number, code_of(year, case.row.number), str(frozen.get("title") or case.title),
        (
            ("需求单位", str(frozen.get("need") or getattr(case.need.posting, "publisher", ""))),
            ("能力单位", str(frozen.get("offer") or getattr(case.offer.posting, "company", ""))),
            ("采用的能力", frozen.get("offer_title") or case.offer.posting.title),
            ("领域", case.row.domain), ("城市", str(frozen.get("city", case.need.region))),
            ("验收日期", landing.get("accepted_on") or "未登记"),
            ("合同金额", f"{contract:g} 万元" if contract is not None else "未登记"),
        ),
        tuple((label, mask_personal(case.row.record.get(name, ""))) for name, (label, *_) in TEXTS.items()),
        effects_of(landing), evidence.gates, evidence.words,
        shown["total"], rank, shown["outcome"], shown["spread"],
        tuple((one.label, one.weight, result["means"][one.code]) for one in found.sheet.criteria) if result else (),
        told, digest,
    )  # fmt: skip


def _summary(db: Database, row: Any) -> YearSummary:
    page = frozen_page(db, row)
    cases = {one["number"]: one for one in page.record["cases"]}
    won = [cases[one["case"]] for one in page.record["result"] if one["outcome"] == "selected"]
    effects = [effect for case in won for effect in effects_of(case)]
    grouped: dict[tuple[str, str], list[float]] = defaultdict(list)
    for effect in effects:
        if effect.measured is not None:
            grouped[effect.name, effect.unit].append(effect.measured)
    last = {one.case_number: AFTERMATHS[one.kind] for one in page.aftermath}
    return YearSummary(
        row.year, len(cases), len(won), _counted(case["domain"] for case in won),
        _counted(case["city"] or "未注明" for case in won), len(effects),
        sum(effect.reached is True for effect in effects), sum(case["contract_wan"] or 0 for case in won),
        tuple((name, unit, _together(unit, values), len(values)) for (name, unit), values in sorted(grouped.items())
              if len(values) > 1),
        tuple((case["number"], case["title"], case["need"], case["offer"], last.get(case["number"], ""))
              for case in won),
        page.sound,
    )  # fmt: skip


def _together(unit: str, values: Sequence[float]) -> float:
    return sum(values) / (len(values) if unit in LEVELS else 1)


def _counted(words: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda one: (-one[1], one[0])))
