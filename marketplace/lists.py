"""Filters, counts, orders and pages one list; the words typed are searched by meaning and by word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.pages import Facet, FacetValue, ListQuery
from marketplace.regions import CITIES, OTHER
from marketplace.states import SHOWN_STATES
from marketplace.store import PostingRow
from matching import PUBLISHER_TYPES, Opportunity, Side

BUDGETS = (("under50", "50 万元以下", 0.0, 50.0), ("50to200", "50–200 万元", 50.0, 200.0),
           ("200to500", "200–500 万元", 200.0, 500.0), ("500to2000", "500–2000 万元", 500.0, 2000.0),
           ("over2000", "2000 万元以上", 2000.0, float("inf")))  # fmt: skip
TRLS = (("1-3", "1–3 级 原理与实验", 1, 3), ("4-6", "4–6 级 样机与示范", 4, 6), ("7-9", "7–9 级 应用与推广", 7, 9))
DEADLINES = (("open", "未截止"), ("month", "30 天内截止"), ("past", "已截止"))
UNKNOWN = "none"
PUBLISHER_LABELS = dict(zip(PUBLISHER_TYPES, ("政府部门", "事业单位", "国有企业", "企业"), strict=True))
ORDERS = ("relevance", "newest", "deadline", "confirmed")


@dataclass(frozen=True, slots=True)
class FacetRule:
    """How a facet reads its values off a posting, and how it names and sorts them."""

    name: str
    label: str
    values: Callable[[PostingRow, date], tuple[str, ...]]
    names: Mapping[str, str]
    fixed_order: tuple[str, ...] = ()


def _budget(row: PostingRow, _: date) -> tuple[str, ...]:
    amount = row.posting.budget_wan if isinstance(row.posting, Opportunity) else None
    if amount is None:
        return (UNKNOWN,)
    return tuple(name for name, _, low, high in BUDGETS if low <= amount < high)


def _trl(row: PostingRow, _: date) -> tuple[str, ...]:
    level = None if isinstance(row.posting, Opportunity) else row.posting.maturity
    if level is None:
        return (UNKNOWN,)
    return tuple(name for name, _, low, high in TRLS if low <= level <= high)


def _deadline(row: PostingRow, today: date) -> tuple[str, ...]:
    text = row.posting.deadline if isinstance(row.posting, Opportunity) else None
    if text is None:
        return (UNKNOWN,)
    days = (date.fromisoformat(text) - today).days
    if days < 0:
        return ("past",)
    return ("open", "month") if days <= 30 else ("open",)


_DOMAIN = FacetRule("domain", "领域", lambda row, _: row.posting.domains or (UNKNOWN,), {UNKNOWN: "未注明"})
_REGION = FacetRule("region", "区域", lambda row, _: (row.region or OTHER,), {}, CITIES)
_STATE = FacetRule("state", "状态", lambda row, _: (row.shown_state,), SHOWN_STATES)
_BENCHMARK = FacetRule(
    "benchmark", "年度标杆", lambda row, _: tuple(f"{year} 年度标杆候选" for year in row.benchmark_years), {}
)
RULES = {
    Side.OPPORTUNITY: (
        _DOMAIN,
        _REGION,
        FacetRule(
            "publisher_type", "发布单位类型",
            lambda row, _: ((row.posting.publisher_type if isinstance(row.posting, Opportunity) else "") or UNKNOWN,),
            PUBLISHER_LABELS | {UNKNOWN: "未注明"},
        ),
        _STATE,
        FacetRule("budget", "预算", _budget, {name: label for name, label, *_ in BUDGETS} | {UNKNOWN: "未公布"},
                  (*(name for name, *_ in BUDGETS), UNKNOWN)),
        FacetRule("deadline", "截止", _deadline, dict(DEADLINES) | {UNKNOWN: "未注明"},
                  (*(name for name, _ in DEADLINES), UNKNOWN)),
        _BENCHMARK,
    ),
    Side.CAPABILITY: (
        _DOMAIN,
        _REGION,
        FacetRule("trl", "技术成熟度", _trl, {name: label for name, label, *_ in TRLS} | {UNKNOWN: "未注明"},
                  (*(name for name, *_ in TRLS), UNKNOWN)),
        _STATE,
        _BENCHMARK,
    ),
}  # fmt: skip


def keep(rows: Sequence[PostingRow], query: ListQuery, today: date, without: str = "") -> list[PostingRow]:
    """Return the rows that pass every chosen facet, leaving out the facet named ``without``."""
    chosen = [
        (rule, set(query.facets[rule.name]))
        for rule in RULES[query.side]
        if query.facets.get(rule.name) and rule.name != without
    ]
    return [row for row in rows if all(wanted.intersection(rule.values(row, today)) for rule, wanted in chosen)]


def facets(rows: Sequence[PostingRow], query: ListQuery, today: date) -> tuple[Facet, ...]:
    """Count the values of every facet; a facet's own choice does not narrow its own counts."""
    found = []
    for rule in RULES[query.side]:
        counts = Counter(value for row in keep(rows, query, today, rule.name) for value in rule.values(row, today))
        chosen = query.facets.get(rule.name, ())
        counts.update({value: 0 for value in chosen})
        values = sorted(counts, key=lambda value: _place(rule, value, counts[value]))
        named = (FacetValue(value, rule.names.get(value, value), counts[value], value in chosen) for value in values)
        found.append(Facet(rule.name, rule.label, tuple(named)))
    return tuple(found)


def _place(rule: FacetRule, value: str, count: int) -> tuple[int, int, str]:
    if value in rule.fixed_order:
        return (0, rule.fixed_order.index(value), value)
    return (1, -count, value)


def ordered(rows: Sequence[PostingRow], order: str, places: Mapping[int, int] | None) -> list[PostingRow]:
    """Return the rows in the order asked for, ties by id; dates that are missing come last."""
    if order == "relevance" and places is not None:
        return sorted(rows, key=lambda row: places[row.key])
    by_id = sorted(rows, key=lambda row: row.posting.id)
    if order == "deadline":
        return sorted(by_id, key=lambda row: (isinstance(row.posting, Opportunity) and row.posting.deadline) or "9999")
    if order == "confirmed":
        return sorted(by_id, key=lambda row: row.posting.listing.last_confirmed or "", reverse=True)
    return sorted(
        by_id, key=lambda row: (row.published_on or "", row.posting.listing.last_confirmed or ""), reverse=True
    )


def relaxations(rows: Sequence[PostingRow], query: ListQuery, today: date) -> tuple[str, ...]:
    """Name the facets whose removal alone would bring results back."""
    return tuple(
        rule.label for rule in RULES[query.side] if query.facets.get(rule.name) and keep(rows, query, today, rule.name)
    )


def conditions(rows: Sequence[PostingRow], query: ListQuery, today: date) -> tuple[str, ...]:
    """Return the words and filters of a list as a person reads them; what no value says is left out."""
    words = [f"搜索词：{query.text.strip()}"] if query.text.strip() else []
    for facet in facets(rows, query, today) if query.facets else ():
        chosen = [value.label for value in facet.values if value.chosen]
        if chosen:
            words.append(f"{facet.label}：{'、'.join(chosen)}")
    return tuple(words)
