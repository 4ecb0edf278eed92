"""Which pairs are suggested today, and why these: score × freshness × value of the need, one for each company.

The order is of the day and of this page only; nothing of it enters a score. Locality plays no part beyond whose
desk it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from marketplace.access import MATCHMAKER, Viewer
from marketplace.desk import Desk
from marketplace.followup.rights import is_neutral
from marketplace.matchmaking.pages import Factor
from marketplace.rules import FollowupRules
from marketplace.sight import Sight
from marketplace.store import PostingRow
from matching import Band, Capability, Opportunity, Side

COUNT = 5
WORTH_CALLING = (Band.STRONG, Band.GOOD)
# (at most so many days since the older side was confirmed or published, factor); older or unknown: the last.
FRESHNESS = ((30, 1.0), (60, 0.9), (90, 0.8))
STALE = 0.7
# (at least so many 万元, factor); what states no budget lies between the two lowest.
VALUE = ((1000.0, 1.0), (200.0, 0.9), (50.0, 0.8), (0.0, 0.7))
UNSTATED = 0.75
_UNKNOWN = Factor("新鲜度", STALE, "有一方没有写明确认或发布日期")
RULES = (
    f"每天推荐 {COUNT} 对，同一家企业最多一对，按“匹配度 × 新鲜度 × 需求价值”从高到低取；只是当天的先后，匹配度不变。",
    "新鲜度：供需两条中较早的一次确认（没有确认的按发布日期）距今 "
    + "，".join(f"{limit} 天内为 {factor:g}" for limit, factor in FRESHNESS)
    + f"，更早或没有写明为 {STALE:g}。",
    "需求价值：预算 "
    + "，".join(f"{limit:g} 万元以上为 {factor:g}" for limit, factor in VALUE if limit)
    + f"，不足为 {VALUE[-1][1]:g}，没有写明为 {UNSTATED:g}。",
    "不推荐的：档次低于“较匹配”的，需求已过截止日期的，建立过对接的，今日已选“今日暂不推荐”的，需求或企业的对接已达上限的。",
)


@dataclass(frozen=True, slots=True)
class Picked:
    """One pair chosen for today."""

    need: PostingRow
    offer: PostingRow
    factors: tuple[Factor, ...]
    worth: float

    @property
    def pair(self) -> tuple[int, int]:
        """The keys of both sides."""
        return self.need.key, self.offer.key


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What is the same for every matchmaker in one state of the database on one day.

    ``full_needs`` and ``full_companies`` have as many pairings under way as allowed; ages in days and values of needs
    are filled in as postings are met.
    """

    desk: Desk
    full_needs: Collection[int]
    full_companies: Collection[Hashable]
    ages: dict[int, int | None] = field(default_factory=dict)
    values: dict[int, Factor] = field(default_factory=dict)


def day_facts(desk: Desk, rules: FollowupRules) -> DayFacts:
    """Return who has as many pairings under way as the rules allow."""
    needs, companies = set[int](), Counter[Hashable]()
    for key, count in desk.active.items():
        row = desk.postings.get(key)
        if row is not None and row.posting.side is Side.CAPABILITY:
            companies[company_of(row)] += count
        elif count >= rules.open_per_opportunity:
            needs.add(key)
    full = frozenset(company for company, count in companies.items() if count >= rules.open_per_company)
    return DayFacts(desk, needs, full)


class Suggester:
    """Chooses among scored pairs for one matchmaker on one day."""

    def __init__(
        self, desk: Desk, viewer: Viewer, today: date, bands: Mapping[tuple[int, int], str], facts: DayFacts
    ) -> None:
        self._desk, self._viewer, self._today, self._bands, self._facts = desk, viewer, today, bands, facts
        self._sight = Sight(viewer)
        self._served: dict[int, bool] = {}

    def pick(self, pairs: Iterable[tuple[int, int, float, str]]) -> list[Picked]:
        """Return the best, one for each company; ``pairs`` come by falling score, and are read as far as needed."""
        best: dict[Hashable, Picked] = {}
        bar = 0.0
        for need_key, offer_key, score, machine in pairs:
            # No factor is above 1: a lower score cannot beat what is already chosen.
            if score <= bar:
                break
            if need_key in self._facts.full_needs:
                continue
            if self._bands.get((need_key, offer_key), machine) not in WORTH_CALLING:
                continue
            found = self._weigh(need_key, offer_key, score, bar)
            if found is None:
                continue
            company = company_of(found.offer)
            if company not in self._facts.full_companies and (company not in best or found.worth > best[company].worth):
                best[company] = found
                if len(best) >= COUNT:
                    bar = sorted((one.worth for one in best.values()), reverse=True)[COUNT - 1]
        return sorted(best.values(), key=lambda one: (-one.worth, one.pair))[:COUNT]

    def _weigh(self, need_key: int, offer_key: int, score: float, bar: float) -> Picked | None:
        """Return a pair with its factors, None when it cannot be suggested or is worth no more than ``bar``."""
        need, offer = self._desk.postings.get(need_key), self._desk.postings.get(offer_key)
        if need is None or offer is None:
            return None
        day, value = self._factors_of(need, offer)
        worth = score * day.value * value.value
        if worth <= bar or not (self._serves(need) or self._serves(offer)) or _closed(need, self._today):
            return None
        if not self._sight.pair(need, offer) or not is_neutral(self._viewer, need, offer):
            return None
        return Picked(need, offer, (Factor("匹配度", score, ""), day, value), worth)

    def _factors_of(self, need: PostingRow, offer: PostingRow) -> tuple[Factor, Factor]:
        ages, values = self._facts.ages, self._facts.values
        for row in (need, offer):
            if row.key not in ages:
                ages[row.key] = age_of(row, self._today)
        if need.key not in values:
            values[need.key] = value_of(need)
        return freshness(ages[need.key], ages[offer.key]), values[need.key]

    def _serves(self, row: PostingRow) -> bool:
        if row.key not in self._served:
            self._served[row.key] = serves(self._viewer, row)
        return self._served[row.key]


def serves(viewer: Viewer, row: PostingRow) -> bool:
    """Whether the viewer is a matchmaker of the posting's district."""
    posting = row.posting
    district = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
    return viewer.serves(MATCHMAKER, row.region, district)


def company_of(row: PostingRow) -> Hashable:
    """Return what tells one company from another: the organisation, else its written name."""
    name = row.posting.company if isinstance(row.posting, Capability) else ""
    return row.organisation_key or name or -row.key


def freshness(need: int | None, offer: int | None) -> Factor:
    """Return the factor of how many days ago both sides were confirmed or published: the older one counts."""
    if need is None or offer is None:
        return _UNKNOWN
    return _fresh(max(need, offer))


@cache
def _fresh(days: int) -> Factor:
    value = next((factor for limit, factor in FRESHNESS if days <= limit), STALE)
    return Factor("新鲜度", value, f"较早的一方 {days} 天前确认或发布")


def value_of(need: PostingRow) -> Factor:
    """Return the factor of the need's budget."""
    budget = need.posting.budget_wan if isinstance(need.posting, Opportunity) else None
    if budget is None:
        return Factor("需求价值", UNSTATED, "预算没有写明")
    value = next(factor for limit, factor in VALUE if budget >= limit)
    return Factor("需求价值", value, f"预算 {budget:g} 万元")


def age_of(row: PostingRow, today: date) -> int | None:
    """Return how many days ago a posting was last confirmed, else published; None when neither is stated."""
    day = row.posting.listing.last_confirmed or row.published_on or ""
    try:
        return max(0, (today - date.fromisoformat(day[:10])).days)
    except ValueError:
        return None


def _closed(need: PostingRow, today: date) -> bool:
    deadline = need.posting.deadline if isinstance(need.posting, Opportunity) else None
    return bool(deadline) and str(deadline) < today.isoformat()
