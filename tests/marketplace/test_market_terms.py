"""The taxonomies of an installation: what records accept, what the administrator changes, who else may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from market_tools import contents

from marketplace.access import ADMIN, AUDITOR, OPERATOR, ROLES, VISITOR, Viewer
from marketplace.audit import AuditQuery, AuditTrail
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError
from marketplace.taxonomies import TAXONOMIES, Term, read_taxonomy_files
from marketplace.terms import FIXED, TermDesk, load_book, take_in_terms

ADMINISTRATOR = Viewer(account_key=7, name="管理员", login="admin01", roles=frozenset({ADMIN}))
DEEP_SEA = Term("scene_domain", "deep_sea", "深海科技", synonyms=("海洋装备",))
TODAY = date(2026, 6, 30)


class Calendar(date):
    """A calendar whose today is set by the test."""

    now = TODAY

    @classmethod
    def today(cls) -> date:
        return cls.now


@pytest.fixture
def calendar(monkeypatch) -> type[Calendar]:
    monkeypatch.setattr(Calendar, "now", TODAY)
    for module in ("marketplace.terms", "marketplace.store.taxonomies"):
        monkeypatch.setattr(f"{module}.date", Calendar)
    return Calendar


@pytest.fixture
def empty_desk(market_settings) -> TermDesk:
    """The terms of an installation whose database holds none."""
    return TermDesk(DeskKeeper(market_settings), market_settings)


@pytest.fixture
def keeper(market_settings) -> DeskKeeper:
    keeper = DeskKeeper(market_settings)
    take_in_terms(keeper.db, market_settings)
    return keeper


@pytest.fixture
def desk(keeper, market_settings) -> TermDesk:
    return TermDesk(keeper, market_settings)


def domains(desk: TermDesk) -> tuple[str, ...]:
    return desk.book().labels("scene_domain")


def test_book_of_an_empty_database_is_the_shipped_one(empty_desk):
    shipped = read_taxonomy_files()
    book = empty_desk.book()
    for name in TAXONOMIES:
        assert book.labels(name) == (() if name == "divisions" else tuple(term.label for term in shipped[name]))
    assert book.find("scene_domain", " 智慧 醫療") == "智慧医疗"
    assert book.find("trl", "ＴＲＬ７") == book.labels("trl")[6]
    assert book.find("divisions", "江夏區") == "武汉市江夏区"
    assert book.find("scene_domain", "智慧工地") is None
    assert "智慧医疗" in book.nearest("scene_domain", "智能醫疗健康")


def test_shipped_lists_come_in_once_and_mean_the_same(market_settings, empty_desk):
    db = DeskKeeper(market_settings).db
    added, changed = take_in_terms(db, market_settings)
    assert (added, changed) == (sum(map(len, read_taxonomy_files().values())), 0)
    assert take_in_terms(db, market_settings) == (0, 0)
    before = {name: empty_desk.book().labels(name) for name in TAXONOMIES}
    assert {name: load_book(db, market_settings).labels(name) for name in TAXONOMIES} == before


def test_one_list_edited_by_hand_does_not_hide_those_never_taken_in(empty_desk):
    empty_desk.add(ADMINISTRATOR, DEEP_SEA)
    book = empty_desk.book()
    assert book.labels("scene_domain") == ("深海科技",)
    assert book.find("disclosure", "主動公開") == "主动公开"


def test_ended_term_is_accepted_on_its_last_day_and_not_after(desk, calendar):
    desk.end(ADMINISTRATOR, "disclosure", "withheld", "2026-06-30")
    assert desk.book().find("disclosure", "不公开") == "不予公开"
    calendar.now = date(2026, 7, 1)
    book = desk.book()
    assert book.find("disclosure", "不公开") is None
    assert "不予公开" not in book.labels("disclosure")
    ended = desk.page(ADMINISTRATOR, "disclosure").terms[-1]
    assert (ended.label, ended.valid_to) == ("不予公开", "2026-06-30")
    desk.change(ADMINISTRATOR, replace(ended, valid_to=None))
    assert desk.book().find("disclosure", "不公开") == "不予公开"


def test_term_that_begins_later_is_not_accepted_before(desk, calendar):
    desk.add(ADMINISTRATOR, replace(DEEP_SEA, valid_from="2026-07-01"))
    assert desk.book().find("scene_domain", "海洋裝備") is None
    calendar.now = date(2026, 7, 1)
    assert desk.book().find("scene_domain", "海洋裝備") == "深海科技"


def test_an_edit_is_seen_at_once_by_other_threads_and_processes(desk, market_settings):
    elsewhere = TermDesk(DeskKeeper(market_settings), market_settings)
    with ThreadPoolExecutor(1) as thread:
        for reader in (desk, elsewhere):
            assert "深海科技" not in thread.submit(domains, reader).result()
        desk.add(ADMINISTRATOR, DEEP_SEA)
        for reader in (desk, elsewhere):
            assert "深海科技" in thread.submit(domains, reader).result()
            assert "深海科技" in domains(reader)
        thread.submit(elsewhere.change, ADMINISTRATOR, replace(DEEP_SEA, label="深海与海洋科技")).result()
        for reader in (desk, elsewhere):
            assert "深海与海洋科技" in domains(reader)


def test_change_by_another_process_reaches_the_thread_that_slept(desk, market_settings):
    """Two edits, of which each thread sees another one first, must not look like one."""
    elsewhere = TermDesk(DeskKeeper(market_settings), market_settings)
    with ThreadPoolExecutor(1) as awake, ThreadPoolExecutor(1) as asleep:
        awake.submit(domains, desk).result()
        elsewhere.add(ADMINISTRATOR, Term("scene_domain", "first", "第一次修改"))
        assert "第一次修改" in awake.submit(domains, desk).result()
        asleep.submit(lambda: desk.page(ADMINISTRATOR, "trl")).result()
        elsewhere.add(ADMINISTRATOR, DEEP_SEA)
        assert "深海科技" in asleep.submit(domains, desk).result()


def test_book_is_kept_while_nothing_changes(desk):
    assert desk.book() is desk.book()


@pytest.mark.parametrize(
    "viewer",
    [VISITOR, Viewer(account_key=9, login="all", roles=frozenset(ROLES) - {ADMIN})],
    ids=["visitor", "every other role"],
)
def test_only_the_administrator_may_look_or_edit(desk, keeper, viewer):
    before = contents(keeper.db, "taxonomy_term", "audit")
    for attempt in (
        lambda: desk.lists(viewer),
        lambda: desk.page(viewer, "trl"),
        lambda: desk.page(viewer, "no such list"),
        lambda: desk.term_page(viewer, "trl", "1"),
        lambda: desk.add(viewer, DEEP_SEA),
        lambda: desk.change(viewer, Term("trl", "1", "改了")),
        lambda: desk.end(viewer, "trl", "1", "2026-06-30"),
    ):
        with pytest.raises(ForbiddenError, match="系统管理员"):
            attempt()
    assert contents(keeper.db, "taxonomy_term", "audit") == before


@pytest.mark.parametrize("name", FIXED)
def test_lists_of_the_state_are_read_only_and_say_why(desk, keeper, name):
    page = desk.page(ADMINISTRATOR, name)
    assert "只供查阅" in page.fixed
    before = contents(keeper.db, "taxonomy_term", "audit")
    for attempt in (
        lambda: desk.term_page(ADMINISTRATOR, name),
        lambda: desk.add(ADMINISTRATOR, Term(name, "new", "新条目")),
        lambda: desk.change(ADMINISTRATOR, replace(page.terms[0], label="改名")),
        lambda: desk.end(ADMINISTRATOR, name, page.terms[0].code, "2026-06-30"),
    ):
        with pytest.raises(ForbiddenError, match="只供查阅"):
            attempt()
    assert contents(keeper.db, "taxonomy_term", "audit") == before


def test_each_edit_leaves_one_entry_in_the_log(desk, keeper):
    desk.add(OPERATOR, DEEP_SEA)
    desk.end(ADMINISTRATOR, "scene_domain", "deep_sea", "2026-12-31")
    page = AuditTrail(keeper).page(Viewer(account_key=8, roles=frozenset({AUDITOR})), AuditQuery("taxonomy.changed"))
    assert [(entry.actor, dict(entry.detail)) for entry in page.entries] == [
        ("admin01", {"分类": "场景领域", "代码": "deep_sea", "停用": "2026-12-31"}),
        ("cli", {"分类": "场景领域", "代码": "deep_sea", "名称": "深海科技"}),
    ]
    assert page.fault is None


def test_refused_edit_changes_neither_list_nor_log(desk, keeper):
    before = contents(keeper.db, "taxonomy_term", "audit")
    refused = {
        "代码“finance”在场景领域中已有": lambda: desk.add(ADMINISTRATOR, Term("scene_domain", "finance", "金融二")),
        "同义词“文旅”也指向": lambda: desk.add(ADMINISTRATOR, replace(DEEP_SEA, synonyms=("文旅",))),
        "代码为“深海”": lambda: desk.add(ADMINISTRATOR, replace(DEEP_SEA, code="深海")),
        "日期为“六月底”": lambda: desk.end(ADMINISTRATOR, "scene_domain", "finance", "六月底"),
    }
    for said, attempt in refused.items():
        with pytest.raises(RefusedError, match=said):
            attempt()
    unknown = {
        "场景领域中没有代码为“deep_sea”": lambda: desk.change(ADMINISTRATOR, DEEP_SEA),
        "没有代码为“FINANCE”": lambda: desk.term_page(ADMINISTRATOR, "scene_domain", "FINANCE"),
        "没有这张分类表": lambda: desk.page(ADMINISTRATOR, "scene"),
    }
    for said, attempt in unknown.items():
        with pytest.raises(NotFoundError, match=said):
            attempt()
    assert contents(keeper.db, "taxonomy_term", "audit") == before


def test_lists_in_numbers(desk, calendar):
    shipped = read_taxonomy_files()
    desk.end(ADMINISTRATOR, "trl", "1", "2026-06-29")
    desk.end(ADMINISTRATOR, "trl", "2", "2026-06-30")
    lines = {line.name: line for line in desk.lists(ADMINISTRATOR)}
    assert list(lines) == list(TAXONOMIES)
    assert (lines["trl"].terms, lines["trl"].ended, lines["trl"].unverified) == (9, 1, 8)
    for name, line in lines.items():
        assert line.terms == len(shipped[name])
        assert line.fixed == (name in FIXED)
        assert name == "trl" or line.unverified == sum(not term.verified for term in shipped[name])


def test_changed_term_keeps_its_place_and_a_new_one_comes_last(desk):
    page = desk.term_page(ADMINISTRATOR, "scene_domain", "smart_education")
    assert page.term is not None
    desk.change(ADMINISTRATOR, replace(page.term, label="智慧教育（含职业教育）", position=0))
    desk.add(ADMINISTRATOR, DEEP_SEA)
    terms = desk.page(ADMINISTRATOR, "scene_domain").terms
    assert terms.index(replace(page.term, label="智慧教育（含职业教育）")) == page.terms.index(page.term)
    assert terms[-1].code == "deep_sea"
