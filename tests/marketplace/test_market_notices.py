"""Notices: written with what they tell of, read by nobody but their receiver."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from market_tools import Shop
from people import make_person, own

from marketplace import Market, NotFoundError, Viewer
from marketplace.access import COMPANY, PUBLISHER, REVIEWER
from marketplace.notices import CHOSEN, KINDS, accounts_of, accounts_with, how_to_stop, notify
from marketplace.notices.book import PAGE
from marketplace.store.database import transaction

WHY = "您是“江夏区城市管理执法局（示例）”的成员。"


def tell(shop: Shop, *accounts: int, title: str = "审核通过") -> int:
    with transaction(shop.db):
        return notify(shop.db, accounts, kind="review", title=title, body="一\n二", link="/my", reason=WHY)


def test_notice_reaches_each_account_once_with_its_reason(shop: Shop) -> None:
    assert tell(shop, 5, 6, 5, 0) == 2
    book = Market(shop.settings).notices
    (notice,) = book.inbox(Viewer(5)).notices
    assert (notice.kind_label, notice.title, notice.body, notice.link) == ("审核", "审核通过", "一\n二", "/my")
    assert (notice.reason, notice.read) == (WHY, False)
    assert book.unread(Viewer(5)) == book.unread(Viewer(6)) == 1
    assert book.unread(Viewer()) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_how_it_is_stopped_or_that_it_cannot_be(shop: Shop, kind: str) -> None:
    with transaction(shop.db):
        notify(shop.db, [5], kind=kind, title="题", reason=WHY)
    (notice,) = Market(shop.settings).notices.inbox(Viewer(5)).notices
    assert (notice.stop, notice.chosen) == (how_to_stop(kind), kind in CHOSEN)
    assert ("“订阅”" in notice.stop) is notice.chosen
    assert ("不能停止" in notice.stop) is not notice.chosen


def test_every_notice_of_the_program_is_of_a_known_kind() -> None:
    root = Path(__file__).resolve().parents[2] / "marketplace"
    used = {
        kind
        for path in root.rglob("*.py")
        for call in re.findall(r"\bnotify\((.*?)\n\s*\)", path.read_text(encoding="utf-8"), re.DOTALL)
        for kind in re.findall(r'kind="(\w+)"', call)
    }
    assert used
    assert used <= set(KINDS)


def test_notice_goes_with_the_transaction_it_is_written_in(shop: Shop) -> None:
    def tell_and_break() -> None:
        with transaction(shop.db):
            notify(shop.db, [5], kind="review", title="不会有", reason=WHY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        tell_and_break()
    assert Market(shop.settings).notices.inbox(Viewer(5)).total == 0


@pytest.mark.parametrize(
    ("link", "reason"), [("", ""), ("https://example.com/", WHY), ("//example.com", WHY), ("my", WHY)]
)
def test_notice_without_reason_or_leading_elsewhere_is_refused(shop: Shop, link: str, reason: str) -> None:
    with pytest.raises(ValueError), transaction(shop.db):
        notify(shop.db, [5], kind="review", title="题", link=link, reason=reason)


def test_unread_come_first_and_reading_moves_them_down(shop: Shop) -> None:
    for title in ("甲", "乙", "丙"):
        tell(shop, 5, title=title)
    book, viewer = Market(shop.settings).notices, Viewer(5)
    newest, middle, oldest = book.inbox(viewer).notices
    assert [one.title for one in (newest, middle, oldest)] == ["丙", "乙", "甲"]
    assert book.read(viewer, newest.key).read
    book.read(viewer, newest.key)
    page = book.inbox(viewer)
    assert [one.title for one in page.notices] == ["乙", "甲", "丙"]
    assert (page.unread, page.total) == (2, 3)
    assert book.read_all(viewer) == 2
    assert book.unread(viewer) == 0


def test_nobody_reads_for_another(shop: Shop) -> None:
    tell(shop, 5)
    book = Market(shop.settings).notices
    (notice,) = book.inbox(Viewer(5)).notices
    for other in (Viewer(6), Viewer()):
        with pytest.raises(NotFoundError):
            book.read(other, notice.key)
        assert book.read_all(other) == 0
    assert book.unread(Viewer(5)) == 1


def test_inbox_has_pages_and_the_last_one_for_any_beyond(shop: Shop) -> None:
    for place in range(PAGE + 1):
        tell(shop, 5, title=str(place))
    book = Market(shop.settings).notices
    first, last = book.inbox(Viewer(5)), book.inbox(Viewer(5), 99)
    assert (len(first.notices), first.pages, last.page, len(last.notices)) == (PAGE, 2, 2, 1)
    assert last.notices[0].title == "0"


def test_whom_to_tell(shop: Shop) -> None:
    db = shop.db
    with transaction(db):
        db.table("posting").insert(
            {"key": 1, "kind": "opportunity", "external_id": "A", "title": "t", "state": "published", "revision": 1,
             "record": "{}"}
        )  # fmt: skip
    bureau = own(db, 1, "江夏区城市管理执法局（示例）")
    clerk, seller = make_person(db, PUBLISHER, organisation=bureau), make_person(db, COMPANY, organisation=bureau)
    make_person(db, PUBLISHER, organisation=bureau, state="disabled")
    everywhere, river, city = (
        make_person(db, REVIEWER, districts=served) for served in ((), ("武汉市江夏区",), ("黄石市", "鄂州市"))
    )
    assert accounts_of(db, bureau, [PUBLISHER]) == (clerk.account_key,)
    assert accounts_of(db, bureau) == (clerk.account_key, seller.account_key)
    assert accounts_of(db, bureau, []) == accounts_of(db, 0) == accounts_of(db, None) == ()
    told = accounts_with(db, REVIEWER, "武汉市", "武汉市江夏区纸坊街")
    assert told == (everywhere.account_key, river.account_key)
    assert accounts_with(db, REVIEWER, "鄂州市", "鄂州市") == (everywhere.account_key, city.account_key)
    assert accounts_with(db, "auditor") == ()
