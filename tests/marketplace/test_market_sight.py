"""Who sees which named pairs: visitor, agency, company, matchmaker, on pages and below them."""

from __future__ import annotations

import pytest
from market_tools import Shop

from marketplace import VISITOR, ForbiddenError, Market, Sight, Viewer
from marketplace.store.database import transaction
from matching import Opportunity

AGENCY, COMPANY, RIVAL = 501, 502, 503


def give(shop: Shop, posting_id: str, organisation: int) -> int:
    """Make a posting belong to an organisation; return its key."""
    key = shop.key(posting_id)
    with transaction(shop.db):
        shop.db.table("posting").update(key, {"organisation_key": organisation})
    return key


@pytest.fixture
def site(stocked_shop: Shop) -> tuple[Market, int, int, int]:
    """A market, an opportunity of the agency, a capability of the company and one of its rival."""
    need = give(stocked_shop, "JH-2026-001", AGENCY)
    probe = Market(stocked_shop.settings).opportunity_page(need, Sight(public=True), top=2)
    assert probe.matches is not None
    own, other = (view.counterpart.posting.id for view in probe.matches)
    keys = give(stocked_shop, own, COMPANY), give(stocked_shop, other, RIVAL)
    return Market(stocked_shop.settings), need, *keys


def person(**roles: object) -> Viewer:
    return Viewer(account_key=7, name="甲", **roles)  # type: ignore[arg-type]


PUBLISHER = person(roles=frozenset({"publisher"}), publisher_of=frozenset({AGENCY}))
VENDOR = person(roles=frozenset({"company"}), company_of=frozenset({COMPANY}))


def test_visitor_sees_no_counterpart(site: tuple[Market, int, int, int]) -> None:
    market, need, own, _ = site
    page, mirror = market.opportunity_page(need, Sight(VISITOR)), market.capability_page(own, Sight(VISITOR))
    assert (page.matches, page.team, page.total_matches) == (None, None, 0)
    assert (mirror.matches, mirror.cross_field, mirror.gaps) == (None, None, ())
    with pytest.raises(ForbiddenError, match="采购前不公开"):
        market.pair_page(need, own, Sight(VISITOR))


def test_agency_sees_everything_of_its_own_need_only(site: tuple[Market, int, int, int]) -> None:
    market, need, own, _ = site
    page = market.opportunity_page(need, Sight(PUBLISHER))
    assert page.matches is not None
    assert not page.own_only
    assert len(page.matches) == 10
    assert market.pair_page(need, own, Sight(PUBLISHER)).rank_for_opportunity is not None
    # On the capability's page it sees how its own need stands, and nothing of other agencies.
    mirror = market.capability_page(own, Sight(PUBLISHER))
    assert mirror.matches is not None
    assert {view.counterpart.key for view in mirror.matches} == {need}
    assert (mirror.own_only, mirror.gaps) == (True, ())


def test_company_sees_its_own_pair_and_no_competitor(site: tuple[Market, int, int, int]) -> None:
    market, need, own, rival = site
    page = market.opportunity_page(need, Sight(VENDOR))
    assert page.matches is not None
    assert [view.counterpart.key for view in page.matches] == [own]
    assert (page.own_only, page.total_matches, page.team) == (True, 1, None)
    pair = market.pair_page(need, own, Sight(VENDOR))
    assert pair.verdicts
    # The place among competitors would tell how many there are.
    assert pair.rank_for_opportunity is None
    assert pair.rank_for_capability is not None
    with pytest.raises(ForbiddenError):
        market.pair_page(need, rival, Sight(VENDOR))
    assert market.capability_page(rival, Sight(VENDOR)).matches == ()


def test_matchmaker_sees_the_pairs_of_the_districts_served(site: tuple[Market, int, int, int]) -> None:
    market, need, own, _ = site
    row = market.opportunity_page(need, Sight(public=True)).card.posting
    assert isinstance(row, Opportunity)
    everywhere = person(roles=frozenset({"matchmaker"}))
    here = person(roles=frozenset({"matchmaker"}), districts={"matchmaker": (row.district,)})
    elsewhere = person(roles=frozenset({"matchmaker"}), districts={"matchmaker": ("潜江市",)})
    for viewer in (everywhere, here):
        found = market.opportunity_page(need, Sight(viewer))
        assert found.matches
        assert not found.own_only
        assert market.pair_page(need, own, Sight(viewer)).verdicts
    closed = market.opportunity_page(need, Sight(elsewhere))
    assert closed.own_only
    assert all("潜江" in getattr(view.counterpart.posting, "district_or_city", "") for view in closed.matches or ())


def test_system_roles_see_no_ranking(site: tuple[Market, int, int, int]) -> None:
    market, need, own, _ = site
    for role in ("admin", "security", "auditor", "expert"):
        viewer = person(roles=frozenset({role}))
        assert market.opportunity_page(need, Sight(viewer)).matches is None
        with pytest.raises(ForbiddenError):
            market.pair_page(need, own, Sight(viewer))


def test_public_rankings_show_everyone_everything(site: tuple[Market, int, int, int]) -> None:
    market, need, own, _ = site
    for viewer in (VISITOR, VENDOR, PUBLISHER):
        page = market.opportunity_page(need, Sight(viewer, public=True))
        assert page.matches is not None
        assert len(page.matches) == 10
        assert market.pair_page(need, own, Sight(viewer, public=True)).rank_for_opportunity is not None
