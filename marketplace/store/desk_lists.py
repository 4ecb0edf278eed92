"""Reads pairings as matchmakers look at them: what is due, a board by stage, a list, who carries how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.stages import OPEN_STAGES, STAGES
from marketplace.store.accounts import contains
from marketplace.store.database import Database

# The day something has to be done: the next step's or the stage's last, whichever comes first.
_ACT_ON = (
    "case when p.next_on = '' and p.due_on = '' then '9999-12-31' when p.next_on = '' then p.due_on "
    "when p.due_on = '' or p.next_on < p.due_on then p.next_on else p.due_on end"
)
_OPEN = ",".join(f"'{stage}'" for stage in OPEN_STAGES)
_COLUMNS = (
    f"p.key, p.opportunity_key, p.capability_key, p.stage, p.origin, p.matchmaker_key, p.acting, p.next_step, "
    f"p.next_on, p.stage_since, p.due_on, p.stamp, {_ACT_ON} as act_on, n.title as need, n.organisation as agency, "
    "n.district as need_district, f.title as offer, f.organisation as company, f.district as offer_district, "
    "m.score, coalesce(o.band, m.band) as band, a.name as matchmaker"
)
_TEXTS = "join posting n on n.key = p.opportunity_key join posting f on f.key = p.capability_key"
_ORDER = f"{_ACT_ON}, p.updated_at desc, p.key"
_JOINS = (
    f"{_TEXTS} left join match m on m.opportunity_key = p.opportunity_key and m.capability_key = p.capability_key "
    "left join rank_override o on o.opportunity_key = p.opportunity_key and o.capability_key = p.capability_key "
    "and o.live_mark is not null left join account a on a.key = p.matchmaker_key"
)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One pairing as a card: both titles and names, its score where it is stored, and the day something is due.

    ``act_on`` is 9999-12-31 where nothing is due.
    """

    key: int
    opportunity_key: int
    capability_key: int
    stage: str
    origin: str
    matchmaker_key: int
    acting: str
    next_step: str
    next_on: str
    stage_since: str
    due_on: str
    stamp: int
    act_on: str
    need: str
    agency: str
    need_district: str
    offer: str
    company: str
    offer_district: str
    score: float | None
    band: str | None
    matchmaker: str | None


@dataclass(frozen=True, slots=True)
class Served:
    """Whose pairings a matchmaker works on: with a side in these districts, empty for all.

    Pairings of the organisations ``apart`` are left out; ``nothing`` leaves out all.
    """

    districts: Sequence[str] = ()
    apart: Sequence[int] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """Which pairings: empty means all. ``matchmaker`` is an account, 0 for those without one, None for all.

    ``until`` is the last day something is due, ``before`` the first day it is not.
    """

    stages: tuple[str, ...] = ()
    matchmaker: int | None = None
    before: str = ""
    until: str = ""
    text: str = ""
    region: str = ""
    served: Served = Served()


def tallies(db: Database, account_key: int, served: Served, today: str, soon: str) -> dict[str, list[int]]:
    """Return in one look how many open pairings are overdue, due soon and due later: own ones and free ones.

    ``mine`` are those of the account, ``free`` those without a matchmaker; both of those served.
    """
    due = f"case when {_ACT_ON} < ? then 0 when {_ACT_ON} <= ? then 1 else 2 end"
    joined, values = _joined(served)
    sql = (
        f"select 'mine', {due} as bucket, count(*) from pairing p {joined} where p.matchmaker_key = ? "
        f"and p.stage in ({_OPEN}) group by bucket "
        f"union all select 'free', {due} as bucket, count(*) from pairing p {joined} "
        f"where p.matchmaker_key = 0 and p.stage in ({_OPEN}) group by bucket"
    )
    found = {"mine": [0, 0, 0], "free": [0, 0, 0]}
    for what, bucket, count in db.conn.execute(sql, [today, soon, *values, account_key, today, soon, *values]):
        found[what][bucket] = count
    return found


def due_rows(db: Database, account_key: int, served: Served, until: str, limit: int) -> list[DeskRow]:
    """Return what is due by a day of what is served, the longest overdue first: one's own, and what nobody has."""
    joined, values = _joined(served)
    # Own and free apart: each goes by its index, and only what is shown is joined with its texts.
    picked = (
        f"select p.key as key, {_ACT_ON} as day from pairing p {joined} where p.matchmaker_key = ? "
        f"and p.stage in ({_OPEN}) and {_ACT_ON} <= ? union all "
        f"select p.key as key, {_ACT_ON} as day from pairing p {joined} where p.matchmaker_key = 0 "
        f"and p.stage in ({_OPEN}) and {_ACT_ON} <= ? order by day, key limit ?"
    )
    sql = f"select {_COLUMNS} from ({picked}) d join pairing p on p.key = d.key {_JOINS} order by act_on, p.key"
    return [DeskRow(*row) for row in db.conn.execute(sql, [*values, account_key, until, *values, until, limit])]


def board_rows(db: Database, asked: DeskFilter, depth: int) -> tuple[list[DeskRow], dict[str, int]]:
    """Return the first cards of each stage, the longest due first, and how many each stage holds."""
    source, values = _source(asked)
    ranked = (
        f"select p.key, row_number() over (partition by p.stage order by {_ORDER}) as place, "
        f"count(*) over (partition by p.stage) as stage_total {source}"
    )
    sql = (
        f"select d.stage_total, {_COLUMNS} from ({ranked}) d join pairing p on p.key = d.key {_JOINS} "
        f"where d.place <= ? order by {_ORDER}"
    )
    rows, totals = list[DeskRow](), dict[str, int]()
    for total, *columns in db.conn.execute(sql, [*values, depth]):
        row = DeskRow(*columns)
        rows.append(row)
        totals[row.stage] = total
    return rows, totals


def list_rows(db: Database, asked: DeskFilter, *, limit: int, offset: int) -> tuple[list[DeskRow], int]:
    """Return one stretch of the pairings, the longest due first, and how many there are in all."""
    source, values = _source(asked)
    total = db.conn.execute(f"select count(*) {source}", values).fetchone()[0]
    # What is shown is joined with its texts, not what is only ordered.
    picked = f"select p.key {source} order by {_ORDER} limit ? offset ?"
    sql = f"select {_COLUMNS} from ({picked}) d join pairing p on p.key = d.key {_JOINS} order by {_ORDER}"
    rows = [DeskRow(*row) for row in db.conn.execute(sql, [*values, limit, offset])]
    return rows, int(total)


def loads(
    db: Database, today: str, since: str, until: str, days: tuple[str, str]
) -> list[tuple[int, int, int, dict[str, int]]]:
    """Return for each matchmaker account: open pairings, overdue ones, and stages reached within a time.

    ``days`` bound the revisits, which know only their day. A stage counts once a pairing and for who is in charge of
    it now; 0 stands for no matchmaker. Steps that were taken back do not count.
    """
    counts = (
        f"select matchmaker_key, count(*), sum(case when {_ACT_ON} < ? then 1 else 0 end) from pairing p "
        f"where stage in ({_OPEN}) group by matchmaker_key"
    )
    reached = (
        "select p.matchmaker_key, e.to_stage, count(distinct e.pairing_key) from pairing_event e "
        "join pairing p on p.key = e.pairing_key where e.action = 'move' and e.undone_at = '' "
        "and e.at >= ? and e.at < ? group by p.matchmaker_key, e.to_stage"
    )
    found: dict[int, tuple[int, int, dict[str, int]]] = {
        key: (count, late, {}) for key, count, late in db.conn.execute(counts, [today])
    }
    for key, stage, count in db.conn.execute(reached, [since, until]):
        found.setdefault(key, (0, 0, {}))[2][stage] = count
    made = (
        "select p.matchmaker_key, count(*) from revisit r join pairing p on p.key = r.pairing_key "
        "where r.done_on >= ? and r.done_on < ? group by p.matchmaker_key"
    )
    for key, count in db.conn.execute(made, list(days)):
        found.setdefault(key, (0, 0, {}))[2]["revisit"] = count
    return [(key, *rest) for key, rest in sorted(found.items())]


def role_holders(db: Database, role: str) -> dict[int, str]:
    """Return the accounts in use that hold a role, by key, in the order of their names."""
    sql = (
        "select distinct a.key, a.name from membership m join account a on a.key = m.account_key "
        "where m.role = ? and a.state <> 'disabled' order by a.name, a.key"
    )
    return dict(db.conn.execute(sql, [role]).fetchall())


def _source(asked: DeskFilter) -> tuple[str, list[Any]]:
    """Return where the pairings asked for come from; the postings are joined only when something asks for them."""
    where, values = _where(asked)
    return f"from pairing p {_TEXTS if ' n.' in where or '(n.' in where else ''} where {where}", values


def _where(asked: DeskFilter) -> tuple[str, list[Any]]:
    stages = asked.stages or tuple(STAGES)
    clauses, values = [f"p.stage in ({','.join('?' * len(stages))})"], list[Any](stages)
    if asked.matchmaker is not None:
        clauses.append("p.matchmaker_key = ?")
        values.append(asked.matchmaker)
    for day, sign in ((asked.before, "<"), (asked.until, "<=")):
        if day:
            clauses.append(f"p.stage in ({_OPEN}) and {_ACT_ON} {sign} ?")
            values.append(day)
    if asked.text:
        columns = ("n.title", "n.organisation", "f.title", "f.organisation")
        clauses.append("(" + " or ".join(f"{column} like ? escape '!'" for column in columns) + ")")
        values += [contains(asked.text)] * len(columns)
    if asked.region:
        clauses.append("(n.region = ? or f.region = ?)")
        values += [asked.region] * 2
    served, more = _served(asked.served)
    clauses += served
    values += more
    return " and ".join(clauses), values


def _joined(served: Served) -> tuple[str, list[Any]]:
    """Return the join that keeps the pairings served, empty where all are: then nothing is joined."""
    clauses, values = _served(served)
    return " and ".join([_TEXTS, *clauses]) if clauses else "", values


def _served(served: Served) -> tuple[list[str], list[Any]]:
    """Return the clauses that keep pairings with a side in the districts, and of nobody who is to be left out."""
    one = "(n.region = ? or n.district like ? escape '!' or f.region = ? or f.district like ? escape '!')"
    values: list[Any] = [value for place in served.districts for value in (place, begins(place)) * 2]
    clauses = [f"({' or '.join([one] * len(served.districts))})"] if served.districts else []
    if served.apart:
        marks = ",".join("?" * len(served.apart))
        clauses += [f"coalesce({side}.organisation_key, 0) not in ({marks})" for side in ("n", "f")]
        values += [*served.apart, *served.apart]
    return [*clauses, "1 = 0"] if served.nothing else clauses, values


def begins(text: str) -> str:
    """Return the ``like`` pattern of what begins with a text (escape '!')."""
    return contains(text).removeprefix("%")
