"""The live index: what another connection commits is found at the next search."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop

from marketplace import ListQuery, Market, MarketSettings
from marketplace.store.database import open_database
from marketplace.store.postings import load_rows, load_vectors
from matching import Side

NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY


def found(market: Market, text: str, side: Side = NEED) -> list[str]:
    page = market.list_postings(ListQuery(side, text=text, order="relevance", page_size=100))
    return [card.posting.id for card in page.cards]


@pytest.fixture(params=["words only", "with meaning"])
def watcher(request: pytest.FixtureRequest, stocked: MarketSettings) -> Market:
    """A worker that has searched before anything changed."""
    market = Market(stocked, None if request.param == "words only" else HashingEncoder())
    for side in Side:
        found(market, "供水", side)
    return market


def test_new_changed_withdrawn_and_brought_back(watcher: Market, stocked_shop: Shop) -> None:
    shop = stocked_shop
    assert "JH-001" not in found(watcher, "窨井盖缺失")
    shop.take(make_opportunity())
    assert found(watcher, "窨井盖缺失")[0] == "JH-001"
    shop.take(make_opportunity(title="古籍修复", background="纸张脱酸", requirements=("纸张脱酸后pH值不低于7",)))
    assert found(watcher, "古籍修复")[0] == "JH-001"
    if not watcher.status().encoder_ready:
        assert "JH-001" not in found(watcher, "窨井盖缺失")
    shop.withdraw("JH-001")
    assert "JH-001" not in found(watcher, "古籍修复")
    shop.withdraw("JH-001", undo=True)
    assert found(watcher, "古籍修复")[0] == "JH-001"
    shop.take(replace(shop.row("JH-001").posting, listing=replace(shop.row("JH-001").posting.listing, state="expired")))
    assert "JH-001" not in found(watcher, "古籍修复")


def test_several_changes_between_two_searches(watcher: Market, stocked_shop: Shop) -> None:
    shop = stocked_shop
    shop.take(*(make_capability(id=f"NL-{n}", title=f"窨井状态感知终端{n}型") for n in range(30)))
    shop.withdraw("NL-7")
    shop.take(make_capability(id="NL-8", title="粮情监测", summary="", features=(), cases=(), company=""))
    names = found(watcher, "窨井", OFFER)
    assert {f"NL-{n}" for n in range(30)} - set(names) <= {"NL-7", "NL-8"}
    assert "NL-7" not in names
    assert found(watcher, "粮情监测", OFFER)[0] == "NL-8"


def test_worker_that_followed_equals_one_built_fresh(watcher: Market, stocked_shop: Shop) -> None:
    shop = stocked_shop
    shop.take(*(make_opportunity(id=f"JH-{n}", title=f"窨井盖缺失{n}") for n in range(5)))
    shop.withdraw("JH-3")
    shop.take(make_opportunity(id="JH-4", title="改"))
    fresh = Market(shop.settings, HashingEncoder() if watcher.status().encoder_ready else None)
    for text in ("窨井盖缺失", "改", "供水管网", "数据不出域"):
        assert found(watcher, text) == found(fresh, text)
    assert watcher.status().index_seen == fresh.status().index_seen == watcher.status().changes


def test_index_holds_exactly_the_visible_postings(market: Market, stocked_shop: Shop) -> None:
    stocked_shop.withdraw("JH-2026-001")
    stocked_shop.take(make_opportunity(state="draft"))
    for side in Side:
        found(market, "供水", side)
        index = market._finder._index(side)
        assert index.count() == len(load_rows(stocked_shop.db, side=side))


def test_nearest_by_meaning_are_the_nearest_stored_vectors(market: Market, stocked_shop: Shop) -> None:
    query = HashingEncoder().encode(["夜间听漏"])[0]
    market.search("供水")
    hits = market._finder._index(NEED).search([], query)
    vectors = load_vectors(stocked_shop.db, "hashing-1", [row.key for row in load_rows(stocked_shop.db, side=NEED)])
    score = {}
    for key, own in vectors.items():
        mean = own.title + own.body
        score[key] = float(mean @ query / np.linalg.norm(mean))
    nearest = sorted(score, key=lambda key: -score[key])[: len(hits)]
    assert [score[hit.key] for hit in hits] == pytest.approx([score[key] for key in nearest], abs=2e-3)


def test_uncommitted_write_is_not_seen(watcher: Market, stocked: MarketSettings) -> None:
    before = found(watcher, "供水")
    other = open_database(stocked.database)
    other.conn.execute("begin immediate")
    other.conn.execute("delete from posting")
    other.conn.execute("delete from change")
    assert found(watcher, "供水") == before
    other.conn.execute("rollback")
    assert found(watcher, "供水") == before


def test_threads_share_one_market(market: Market, stocked_shop: Shop) -> None:
    lock = threading.Lock()

    def ask(n: int) -> list[str]:
        if n % 8 == 3:
            with lock:
                stocked_shop.take(make_capability(id=f"NL-{n}", title=f"粮情监测{n}"))
        return found(market, "供水管网漏点")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(32)))
    assert all(answer[0] == "JH-2026-001" for answer in answers)
    assert found(market, "粮情监测3", OFFER)[0] == "NL-3"
