"""The way of a list into the marketplace: who may, what is settled before, what is written, and the way back."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles import HashingEncoder
from factories import make_opportunity
from import_office import BUREAU, LAKE, MANHOLE, STALL, WATER, Office
from market_tools import Shop, contents
from people import make_person, own

from marketplace import ForbiddenError, MarketSettings, NotFoundError, RefusedError, Viewer, commands
from marketplace.access import PUBLISHER, REVIEWER
from marketplace.cli import main
from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.exporting import export_list
from marketplace.finder import Finder
from marketplace.imports import ColumnChoice, ImportDesk, files
from marketplace.imports import job as import_job
from marketplace.imports.command import WorkbookOptions, take_workbook
from marketplace.jobs import JobContext, run_job_now
from marketplace.store.audit import load_entries
from marketplace.store.contacts import load_contacts
from marketplace.store.database import transaction
from marketplace.store.drafts import load_drafts
from marketplace.store.imports import load_import_rows, load_run
from marketplace.store.jobs import load_job
from marketplace.store.postings import find_keys, load_rows, set_state
from marketplace.store.versions import load_versions, set_publication
from marketplace.workbooks import unpack_workbook
from matching import Posting, PostingVectors, Side, to_exchange


@pytest.fixture
def office(shop: Shop, tmp_path: Path) -> Office:
    return Office(shop, tmp_path)


def actions(office: Office) -> list[str]:
    return [row["action"] for row in office.db.table("audit").rows]


def test_a_list_comes_in_with_all_that_belongs_to_it(office: Office) -> None:
    key = office.check(office.reviewer, MANHOLE, LAKE, STALL)
    assert office.states(key) == ["good"] * 3
    assert len(load_rows(office.db, side=Side.OPPORTUNITY)) == 0
    result = office.let_in(office.reviewer, key)
    assert (result["added"], result["message"]) == (3, "新增 3 行。")
    row = office.shop.row("JH-1")
    assert row.posting.requirements == ("15分钟内告警", "电池用5年")
    assert (row.organisation_key, row.on_behalf, bool(row.published_at)) == (office.bureau, True, True)
    phone, sealed = load_contacts(office.db, "posting", [row.key])[row.key]
    book = ContactBook(DeskKeeper(office.shop.settings), office.shop.settings)
    assert (phone, book.written(sealed)) == ("", "张三 13800000000")
    assert load_contacts(office.db, "posting", [office.shop.key("JH-2")])[office.shop.key("JH-2")][0] == "027-00000000"
    assert [version.note for version in load_versions(office.db, row.key, Side.OPPORTUNITY)] == ["导入 清单.csv"]
    assert actions(office) == ["import.uploaded", "import.started", "import.finished"]
    notice = next(iter(office.db.table("notice").rows))
    assert (notice["account_key"], notice["link"]) == (office.reviewer.account_key, f"/imports/{key}")
    assert office.shop.work.check() == 0
    page = office.desk.result_page(office.reviewer, key)
    assert (page.counts, page.may_undo, page.obstacle) == ({"added": 3}, True, None)


def test_the_file_is_kept_for_the_program_alone(office: Office) -> None:
    key = office.check(office.reviewer, MANHOLE)
    folder = office.shop.settings.uploads_dir
    assert {(kept.suffix, stat.S_IMODE(kept.stat().st_mode)) for kept in folder.iterdir()} == {
        (".bin", 0o600), (".json", 0o600),
    }  # fmt: skip
    assert "13800000000" not in str(contents(office.db, "import_row", "import_run"))
    office.desk.drop(office.reviewer, key)
    assert not list(folder.iterdir())
    assert (load_import_rows(office.db, key), load_run(office.db, key).state) == ([], "dropped")
    with pytest.raises(RefusedError):
        office.desk.confirm(office.reviewer, key, how="publish", secrecy_checked=True)


def test_a_file_is_read_once_and_again_only_when_what_was_read_is_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = office.check(office.reviewer, MANHOLE, LAKE)
    run, settings = load_run(office.db, key), office.shop.settings
    assert run is not None
    first = files.read_workbook(files.kept_file(settings, run), run.file_name)
    with monkeypatch.context() as patch:
        patch.setattr(files, "read_workbook", lambda *given: pytest.fail("read again"))
        assert files.read_kept(settings, run) == first
    copy = settings.uploads_dir / f"{key}.json"
    for damage in (b"", b"{", copy.read_bytes().replace(b'"edition":', b'"edition":-', 1)):
        copy.write_bytes(damage)
        assert files.read_kept(settings, run) == first
        assert unpack_workbook(copy.read_bytes()) == first
    copy.unlink()
    assert files.read_kept(settings, run) == first


def test_an_unreadable_file_leaves_no_trace(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "图.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    with pytest.raises(RefusedError, match=r"图\.png"):
        office.desk.upload(office.reviewer, path, file_name=path.name)
    with pytest.raises(RefusedError, match="没有找到"):
        office.desk.upload(office.reviewer, office.file(("a", "b"), head=("甲", "乙")), file_name="清单.csv")
    assert contents(office.db, "import_run", "audit") == {"import_run": [], "audit": []}


def test_who_may_import_what(office: Office) -> None:
    path = office.file(MANHOLE)
    with pytest.raises(ForbiddenError):
        office.desk.upload(make_person(office.db, "matchmaker"), path, file_name="a.csv")
    with pytest.raises(ForbiddenError, match="场景机会"):
        office.desk.upload(office.company, path, file_name="a.csv", side=Side.OPPORTUNITY)
    with pytest.raises(NotFoundError):
        office.desk.upload(office.publisher, path, file_name="a.csv", organisation_key=office.water)
    key = office.check(office.publisher, MANHOLE)
    for viewer in (office.other, office.company, make_person(office.db, "expert"), Viewer()):
        with pytest.raises(NotFoundError):
            office.desk.check_page(viewer, key)
        with pytest.raises(NotFoundError):
            office.desk.undo(viewer, key)
    colleague = make_person(office.db, PUBLISHER, organisation=office.bureau)
    assert [run.key for run in office.desk.list_page(colleague).runs] == [key]
    assert office.desk.list_page(office.other).runs == ()
    assert [run.key for run in office.desk.list_page(office.reviewer).runs] == [key]


def test_an_office_speaks_for_itself_only(office: Office) -> None:
    key = office.check(
        office.publisher, ("", "甲场景", "", "", "", "", "", ""), LAKE, ("", "丙场景", WATER, "", "", "", "", "")
    )
    blank, *foreign = office.desk.check_page(office.publisher, key).rows
    assert (blank.state, blank.cells[1].text) == ("good", BUREAU)
    assert [(row.state, row.faults[0].field, row.faults[0].suggestion) for row in foreign] == [
        ("bad", "publisher", BUREAU)
    ] * 2
    office.desk.mend(office.publisher, key, position=2, field="publisher", value=BUREAU, alike=True)
    assert office.states(key) == ["good"] * 3


def test_without_the_organisation_column_the_own_one_is_meant(office: Office) -> None:
    key = office.check(office.publisher, ("甲场景", "背景一"), head=("场景名称", "背景"))
    assert office.states(key) == ["good"]
    with pytest.raises(RefusedError, match="没有“发布单位”一列"):
        office.check(office.reviewer, ("甲场景", "背景一"), head=("场景名称", "背景"))


def test_publishing_is_for_reviewers_of_the_district(office: Office) -> None:
    key = office.check(office.publisher, MANHOLE)
    with pytest.raises(ForbiddenError, match="审核员"):
        office.desk.confirm(office.publisher, key, how="publish", secrecy_checked=True)
    with pytest.raises(RefusedError, match="保密审查"):
        office.desk.confirm(office.reviewer, key, how="publish")
    afar = make_person(office.db, REVIEWER, districts=["潜江市"])
    key = office.check(afar, STALL, MANHOLE)
    with pytest.raises(ForbiddenError, match="武汉市江夏区"):
        office.desk.confirm(afar, key, how="publish", secrecy_checked=True)
    assert office.desk.confirm(afar, key, how="drafts") > 0


def test_nothing_is_let_in_while_something_is_open(office: Office) -> None:
    long = ("JH-3", "", BUREAU, "", "", "", "", "")
    key = office.check(office.reviewer, MANHOLE, long, ("JH-9", *MANHOLE[1:]))
    assert office.states(key) == ["good", "bad", "twin"]
    with pytest.raises(RefusedError, match="还有 1 行有问题"):
        office.desk.confirm(office.reviewer, key, how="publish", secrecy_checked=True)
    with pytest.raises(RefusedError, match="还有 1 行疑似重复"):
        office.desk.confirm(office.reviewer, key, how="publish", secrecy_checked=True, only_good=True)
    office.desk.decide(office.reviewer, key, position=3, decision="skip")
    result = office.let_in(office.reviewer, key, only_good=True)
    assert office.states(key) == ["added", "bad", "passed"]
    assert result["message"] == "新增 1 行，跳过 1 行，有问题未导入 1 行。"


def test_the_list_of_an_office_goes_to_review(office: Office) -> None:
    office.publish(LAKE, MANHOLE)
    key = office.check(office.publisher, (*MANHOLE[:4], "改写的背景。", *MANHOLE[5:]), STALL)
    result = office.let_in(office.publisher, key, how="drafts", secrecy_checked=False)
    drafts = sorted(load_drafts(office.db, organisations=[office.bureau]), key=lambda draft: -draft.posting_key)
    assert result["drafted"] == 2
    assert [(draft.state, draft.posting_key, draft.on_behalf) for draft in drafts] == [
        ("review", office.shop.key("JH-1"), False), ("review", 0, False),
    ]  # fmt: skip
    assert drafts[0].values["background"] == "改写的背景。"
    assert drafts[0].import_key == key
    assert office.posting("JH-1").background == "井盖丢失靠巡查。"
    again = office.check(office.publisher, (*MANHOLE[:4], "再次改写。", *MANHOLE[5:]))
    office.let_in(office.publisher, again, how="drafts", secrecy_checked=False)
    row = load_import_rows(office.db, again)[0]
    assert (row.state, "已有修改稿" in row.problems[-1]["sentence"]) == ("passed", True)
    assert office.desk.undo(office.publisher, key) == 2
    assert load_drafts(office.db, organisations=[office.bureau]) == []


def test_columns_once_explained_are_remembered(office: Office) -> None:
    head = ("名目", "场景名称", "考核口径", "堵点")
    row = ("N-1", "甲场景", "季度", "路口太堵。")
    key = office.check(office.publisher, row, head=head, fields={0: "id", 3: "background"}, kept=frozenset())
    values = load_import_rows(office.db, key)[0].record["values"]
    assert values == {"id": "N-1", "title": "甲场景", "publisher": BUREAU, "background": "路口太堵。"}
    again = office.desk.upload(office.publisher, office.file(row, head=head), file_name="b.csv")
    page = office.desk.columns_page(office.publisher, again)
    assert [header.field for header in page.headers] == ["id", "title", None, "background"]
    foreign = office.desk.upload(office.other, office.file(row, head=head), file_name="b.csv")
    assert office.desk.columns_page(office.other, foreign).headers[0].field is None
    mapping = load_run(office.db, key).mapping
    assert [(one["text"], one["field"], one["keep"]) for one in mapping][2:] == [
        ("考核口径", "", False),
        ("堵点", "background", False),
    ]


def test_two_columns_for_one_field_are_refused(office: Office) -> None:
    with pytest.raises(RefusedError, match="“场景名称”和“甲”两列都对应“场景名称”"):
        office.check(office.publisher, ("a", "b"), head=("场景名称", "甲"), fields={1: "title"})


def test_a_list_may_name_its_other_side(office: Office) -> None:
    head = ("名称", "单位", "领域")
    key = office.desk.upload(office.reviewer, office.file(("a", "b", "c"), head=head), file_name="a.csv")
    assert set(office.desk.columns_page(office.reviewer, key).sides) == set(Side)
    page = office.desk.columns_page(office.reviewer, key, ColumnChoice(side=Side.CAPABILITY))
    assert [header.field for header in page.headers] == ["title", "company", "domains"]
    office.desk.choose_columns(office.reviewer, key, ColumnChoice(side=Side.CAPABILITY))
    assert load_run(office.db, key).side is Side.CAPABILITY


def test_a_cell_is_mended_in_place(office: Office) -> None:
    key = office.check(
        office.reviewer, ("JH-1", "甲场景", BUREAU, "潜江市区", "电话13800000009", "", "若干", ""), MANHOLE
    )
    first, second = office.desk.check_page(office.reviewer, key).rows
    assert {fault.field for fault in first.faults if fault.blocking} == {"background", "budget"}
    assert (second.state, second.faults[0].field) == ("bad", "id")
    office.desk.mend(office.reviewer, key, position=1, field="budget", value="30万元")
    office.desk.mend(office.reviewer, key, position=1, field="background", value="路口太堵。")
    suggestion = next(fault.suggestion for fault in first.faults if fault.field == "district")
    office.desk.mend(office.reviewer, key, position=1, field="district", value=suggestion)
    assert office.states(key) == ["good", "bad"]
    # The id that kept the second row out is given to another one: the clash is gone.
    office.desk.mend(office.reviewer, key, position=1, field="id", value="JH-0")
    assert office.states(key) == ["good", "good"]
    office.desk.mend(office.reviewer, key, position=2, field="id", value="JH-0")
    assert office.states(key) == ["good", "bad"]
    office.desk.mend(office.reviewer, key, position=2, field="id", value="JH-1")
    office.desk.mend(office.reviewer, key, position=1, field="contact", value="李四 13800000001")
    assert all(row.has_contact for row in office.desk.check_page(office.reviewer, key).rows)
    office.let_in(office.reviewer, key)
    posting = office.posting("JH-0")
    assert (posting.district, posting.budget_wan, posting.background) == ("潜江市", 30, "路口太堵。")
    with pytest.raises(RefusedError):
        office.desk.mend(office.reviewer, key, position=1, field="title", value="晚了")


def test_mending_is_in_the_audit_log_without_what_was_written(office: Office) -> None:
    two = (MANHOLE, ("JH-9", "夜间占道自动识别", *MANHOLE[2:]))
    key = office.check(office.publisher, *two)
    office.desk.mend(office.publisher, key, position=2, field="contact", value="李四 13800000001")
    office.desk.mend(office.reviewer, key, position=1, field="background", value="靠人工巡查。", alike=True)
    with pytest.raises(RefusedError):
        office.desk.mend(office.reviewer, key, position=1, field="id", value="JH-5", alike=True)
    entries = load_entries(office.db, {"action": "import.mended", "subject": "import", "subject_key": key})
    assert [(entry["actor"], entry["detail"]) for entry in entries] == [
        (office.reviewer.login, {"文件": "清单.csv", "行": "2", "项": "背景与问题", "处数": "2"}),
        (office.publisher.login, {"文件": "清单.csv", "行": "3", "项": "联系方式（受保护）", "处数": "1"}),
    ]


def test_a_row_mended_into_a_twin_is_noticed(office: Office) -> None:
    key = office.check(office.reviewer, ("JH-7", "", *MANHOLE[2:]), MANHOLE)
    office.desk.mend(office.reviewer, key, position=1, field="title", value=MANHOLE[1])
    row = office.desk.check_page(office.reviewer, key, state="twin").rows[0]
    assert (row.position, row.twins[0].row_number, row.twins[0].how) == (1, 3, "标题相同")


def test_import_again_updates_what_has_changed(office: Office) -> None:
    office.publish(MANHOLE, LAKE)
    revisions = [office.shop.row(one).revision for one in ("JH-1", "JH-2")]
    again = office.check(office.reviewer, MANHOLE, (*LAKE[:4], "改写。", *LAKE[5:]), STALL)
    assert office.desk.check_page(office.reviewer, again).updates == 2
    office.let_in(office.reviewer, again)
    assert office.states(again) == ["unchanged", "changed", "added"]
    assert [office.shop.row(one).revision for one in ("JH-1", "JH-2")] == [revisions[0], revisions[1] + 1]
    assert office.posting("JH-2").background == "改写。"
    third = office.publish(MANHOLE, (*LAKE[:4], "改写。", *LAKE[5:]), STALL)
    assert office.states(third) == ["unchanged"] * 3


def test_columns_the_file_lacks_leave_their_fields_alone(office: Office) -> None:
    office.publish(MANHOLE)
    office.publish(("JH-1", MANHOLE[1], BUREAU, ""), head=("编号", "场景名称", "发布单位", "背景"))
    posting = office.posting("JH-1")
    assert (posting.background, posting.budget_wan, len(posting.requirements)) == ("", 120, 2)


def test_what_a_person_took_off_stays_off(office: Office) -> None:
    office.publish(MANHOLE, LAKE)
    office.shop.withdraw("JH-1")
    lake = office.shop.key("JH-2")
    with transaction(office.db):
        set_state(office.db, lake, Side.OPPORTUNITY, "off_shelf", None, "")
        set_publication(office.db, lake, state_by_hand=1)
    key = office.publish((*MANHOLE[:4], "改写一。", *MANHOLE[5:]), (*LAKE[:4], "改写二。", *LAKE[5:]))
    assert office.states(key) == ["changed", "changed"]
    assert [office.shop.row(one).state for one in ("JH-1", "JH-2")] == ["withdrawn", "off_shelf"]
    assert office.posting("JH-2").background == "改写二。"
    assert "2 条此前已撤回或下架" in office.desk.result_page(office.reviewer, key).notices[0]
    assert office.shop.work.check() == 0


def test_two_offices_may_use_one_number(office: Office) -> None:
    office.publish(MANHOLE)
    foreign = ("JH-1", "泵站机组振动诊断", WATER, "武汉市江夏区", "轴承坏了才知道。", "提前3天预警", "50", "")
    key = office.check(office.other, foreign)
    row = office.desk.check_page(office.other, key).rows[0]
    assert (row.state, row.updates, "已由另一单位使用" in row.faults[0].sentence) == ("good", 0, True)
    office.publish(foreign)
    assert office.posting("JH-1").title == MANHOLE[1]
    ids = [one.posting.id for one in load_rows(office.db, side=Side.OPPORTUNITY)]
    assert len(ids) == 2
    assert office.states(office.publish(foreign)) == ["unchanged"]


@pytest.mark.parametrize(
    ("decision", "background"), [("merge", "新写的背景，更详细一些。"), ("skip", "井盖丢失靠巡查。")]
)
def test_a_twin_is_merged_or_skipped(office: Office, decision: str, background: str) -> None:
    office.publish(MANHOLE)
    twin = ("X-1", MANHOLE[1], BUREAU, "", "新写的背景，更详细一些。", "", "", "")
    key = office.check(office.reviewer, twin)
    row = office.desk.check_page(office.reviewer, key).rows[0]
    assert (row.twins[0].posting_key, row.twins[0].how) == (office.shop.key("JH-1"), "标题相同")
    office.desk.decide(office.reviewer, key, position=1, decision=decision)
    office.let_in(office.reviewer, key) if decision == "merge" else None
    posting = office.posting("JH-1")
    assert (posting.background, len(posting.requirements), posting.budget_wan) == (background, 2, 120)
    assert find_keys(office.db, "X-1") == []


def test_kept_twins_and_twins_merged_within_the_file(office: Office) -> None:
    copy = ("X-1", MANHOLE[1], BUREAU, "", "", "", "150", "")
    key = office.check(office.reviewer, MANHOLE, copy)
    office.desk.decide(office.reviewer, key, position=2, decision="keep")
    office.let_in(office.reviewer, key)
    assert {one.posting.id for one in load_rows(office.db, side=Side.OPPORTUNITY)} == {"JH-1", "X-1"}
    office.desk.undo(office.reviewer, key)
    key = office.check(office.reviewer, MANHOLE, copy)
    office.desk.decide(office.reviewer, key, position=2, decision="merge")
    office.let_in(office.reviewer, key)
    assert office.states(key) == ["added", "merged"]
    posting = office.posting("JH-1")
    assert (posting.budget_wan, len(posting.requirements)) == (150, 2)


def test_an_office_cannot_merge_into_what_is_anothers(office: Office) -> None:
    office.publish(MANHOLE, LAKE)
    copy = ("W-1", MANHOLE[1].replace("自动", ""), WATER, "", MANHOLE[4], "", "", "")
    key = office.check(office.other, copy)
    assert office.states(key) == ["twin"]
    with pytest.raises(RefusedError, match="属于别的单位"):
        office.desk.decide_all(office.other, key, "merge")
    assert office.desk.decide_all(office.other, key, "keep") == 1


def test_what_is_not_public_is_no_twin_for_others(office: Office) -> None:
    office.publish(MANHOLE)
    office.shop.withdraw("JH-1")
    copy = ("", MANHOLE[1].replace("自动", ""), "", "", MANHOLE[4], "", "", "")
    assert office.states(office.check(office.other, copy)) == ["good"]
    assert office.states(office.check(office.publisher, copy)) == ["twin"]


def test_a_whole_import_is_taken_back(office: Office) -> None:
    office.publish(MANHOLE, LAKE)
    office.shop.withdraw("JH-2")
    own(office.db, office.shop.key("JH-2"), WATER)
    tables = ("posting", "posting_domain", "item", "vector", "contact", "version")
    before = contents(office.db, *tables)
    key = office.publish(
        (*MANHOLE[:4], "改写。", "只剩一条", "99", "李四 13800000001"), (*LAKE[:4], "也改写。", *LAKE[5:]), STALL
    )
    assert office.states(key) == ["changed", "changed", "added"]
    assert contents(office.db, *tables) != before
    assert office.desk.undo(office.reviewer, key) == 3
    after = contents(office.db, *tables)
    for rows in (before, after):
        for row in rows["posting"]:
            del row["revision"]
        for row in rows["contact"]:
            del row["updated_at"]
    assert after == before
    assert office.shop.work.check() == 0
    assert actions(office)[-1] == "import.undone"
    with pytest.raises(RefusedError):
        office.desk.undo(office.reviewer, key)


@pytest.mark.parametrize("built", ["changed", "landing", "draft", "gone"])
def test_nothing_is_taken_back_that_was_built_upon(office: Office, built: str) -> None:
    key = office.publish(MANHOLE, LAKE)
    manhole = office.shop.key("JH-1")
    if built == "changed":
        office.publish((*MANHOLE[:4], "改写。", *MANHOLE[5:]))
    elif built == "landing":
        office.db.table("landing").insert(
            {"id": "L-1", "opportunity_key": manhole, "capability_key": 0, "accepted_on": "2026-01-01", "record": "{}"}
        )
    elif built == "draft":
        second = office.check(office.publisher, (*MANHOLE[:4], "改写。", *MANHOLE[5:]))
        office.let_in(office.publisher, second, how="drafts", secrecy_checked=False)
    else:
        first = office.publish(("JH-9", "河道漂浮物打捞", WATER, "", "靠人工打捞。", "", "", ""))
        office.desk.undo(office.reviewer, first)
        with pytest.raises(RefusedError):
            office.desk.undo(office.reviewer, first)
        return
    sentence = office.desk.result_page(office.reviewer, key).obstacle
    assert sentence is not None
    assert "第 2 行“窨井盖缺失移位自动发现”" in sentence
    with pytest.raises(RefusedError, match="窨井盖"):
        office.desk.undo(office.reviewer, key)
    assert len(load_rows(office.db, side=Side.OPPORTUNITY)) == 2


def test_an_office_cannot_take_back_what_a_reviewer_published(office: Office) -> None:
    key = office.check(office.publisher, MANHOLE)
    office.let_in(office.reviewer, key)
    with pytest.raises(ForbiddenError):
        office.desk.undo(office.publisher, key)


def test_a_broken_job_goes_on_where_it_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_job, "CHUNK", 2)
    topics = ("井盖移位", "蓝藻预警", "泵站值守", "渣土撒漏", "占道经营", "路灯故障", "古树倒伏")
    rows = [(f"N-{place}", topic, BUREAU, "", f"{topic}全靠人工。", "", "", "") for place, topic in enumerate(topics)]
    key = office.check(office.reviewer, *rows)
    job = office.desk.confirm(office.reviewer, key, how="publish", secrecy_checked=True)
    encode, calls = import_job.encode_postings, []

    def break_down(postings: Sequence[Posting], encoder: Any) -> list[PostingVectors]:
        calls.append(len(postings))
        if len(calls) == 3:
            raise OSError("cut")
        return encode(postings, encoder)

    monkeypatch.setattr(import_job, "encode_postings", break_down)
    with pytest.raises(OSError, match="cut"):
        run_job_now(office.shop.work, job)
    assert office.states(key) == ["added"] * 4 + ["good"] * 3
    assert (load_run(office.db, key).state, load_job(office.db, job).state) == ("importing", "failed")
    with transaction(office.db):
        office.db.table("job").update(job, {"state": "queued"})
    result = run_job_now(office.shop.work, job)
    assert (result["added"], calls) == (7, [2, 2, 2, 2, 1])
    assert sorted(row.posting.id for row in load_rows(office.db, side=Side.OPPORTUNITY)) == [row[0] for row in rows]
    assert office.shop.work.check() == 0


def test_a_command_that_was_cut_off_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_job, "CHUNK", 1)
    path, encode = office.file(MANHOLE, LAKE), import_job.encode_postings
    monkeypatch.setattr(
        import_job, "encode_postings", lambda postings, _: _cut() if postings[0].id == "JH-2" else encode(postings, _)
    )
    with pytest.raises(OSError, match="cut"):
        take_workbook(office.shop.work, path, WorkbookOptions())
    monkeypatch.setattr(import_job, "encode_postings", encode)
    take_workbook(office.shop.work, path, WorkbookOptions())
    (run,) = office.desk.list_page(office.reviewer).runs
    assert (run.state, office.states(run.key)) == ("done", ["added", "added"])
    assert office.shop.work.check() == 0


def _cut() -> list[PostingVectors]:
    raise OSError("cut")


def test_the_job_says_how_far_it_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, int, str]] = []
    monkeypatch.setattr(JobContext, "say", lambda self, *words: said.append(words))
    office.publish(MANHOLE, LAKE, STALL)
    assert (3, 3) in {words[:2] for words in said}
    assert any("已处理 3/3 行" in words[2] for words in said)
    assert said[-1][2].startswith("正在更新匹配")


def test_rows_of_like_meaning_wait_for_a_decision(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.workbooks.twins.LIKE_TEXT", 2.0)
    monkeypatch.setattr("marketplace.workbooks.twins._LIKE_BARE", 0.8)
    office.publish(MANHOLE)
    reworded = ("X-1", "窨井盖缺失移位自动发现与告警", BUREAU, *MANHOLE[3:])
    key = office.check(office.reviewer, reworded, LAKE)
    assert office.states(key) == ["good", "good"]
    result = office.let_in(office.reviewer, key)
    assert office.states(key) == ["twin", "added"]
    assert result["message"] == "新增 1 行，疑似重复待决定 1 行。"
    row = office.desk.check_page(office.reviewer, key, state="twin").rows[0]
    assert (row.twins[0].how, row.twins[0].posting_key) == ("意思相近", office.shop.key("JH-1"))
    office.desk.decide(office.reviewer, key, position=1, decision="keep")
    office.let_in(office.reviewer, key)
    assert (office.states(key), load_run(office.db, key).state) == (["added", "added"], "done")


def test_meaning_is_compared_at_once_when_the_engine_is_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.workbooks.twins.LIKE_TEXT", 2.0)
    monkeypatch.setattr("marketplace.workbooks.twins._LIKE_BARE", 0.8)
    keeper = DeskKeeper(office.shop.settings)
    office.publish(MANHOLE)
    office.desk = ImportDesk(keeper, office.shop.settings, Finder(office.shop.settings, keeper, HashingEncoder()))
    key = office.check(office.reviewer, ("X-1", "窨井盖缺失移位自动发现与告警", BUREAU, *MANHOLE[3:]), LAKE)
    assert office.states(key) == ["twin", "good"]


def test_the_operator_imports_a_workbook(office: Office) -> None:
    work = office.shop.work
    bad = office.file(MANHOLE, ("JH-3", "", BUREAU, "", "", "", "若干", ""), LAKE)
    with pytest.raises(RefusedError, match="1 行有问题，没有写入任何数据"):
        take_workbook(work, bad, WorkbookOptions())
    assert "错误：第 3 行 “场景名称”没有填写。" in office.shop.said
    assert contents(office.db, "posting", "import_run") == {"posting": [], "import_run": []}
    assert take_workbook(work, bad, WorkbookOptions(good_rows=True)) == 0
    assert "场景机会：新增 2，更新 0，未变 0" in office.shop.said
    twin = office.file(MANHOLE, ("X-1", *MANHOLE[1:]), STALL)
    take_workbook(work, twin, WorkbookOptions())
    assert "场景机会：新增 1，更新 0，未变 1，跳过 1" in office.shop.said
    assert any(line.startswith("疑似重复：第 3 行") and "--keep-twins" in line for line in office.shop.said)
    take_workbook(work, twin, WorkbookOptions(keep_twins=True))
    assert find_keys(office.db, "X-1")
    last = office.desk.list_page(office.reviewer).runs[0]
    assert office.desk.undo(office.reviewer, last.key) == 1
    assert find_keys(office.db, "X-1") == []


def test_the_operator_is_told_what_is_unclear(office: Office) -> None:
    work = office.shop.work
    both = office.file(("甲", "乙"), head=("名称", "单位"))
    with pytest.raises(RefusedError, match="--kind"):
        take_workbook(work, both, WorkbookOptions())
    assert take_workbook(work, both, WorkbookOptions(side=Side.CAPABILITY)) == 0
    with pytest.raises(RefusedError, match="没有名为“表9”的工作表"):
        take_workbook(work, both, WorkbookOptions(side=Side.CAPABILITY, sheet="表9"))
    with pytest.raises(RefusedError, match="没有“能力名称”一列"):
        take_workbook(work, office.file(("甲", "乙"), head=("企业名称", "员工人数")), WorkbookOptions())


def test_the_command_line_knows_workbooks(
    market_settings: MarketSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCENEMATCH_DATABASE", str(market_settings.database))
    monkeypatch.setenv("SCENEMATCH_LOCAL_DIR", str(market_settings.matching.local_dir))
    monkeypatch.setattr(commands, "load_encoder", lambda _: HashingEncoder())
    office = Office(Shop(market_settings), tmp_path)
    path = office.file(MANHOLE, ("JH-3", "", BUREAU, "", "", "", "", ""), ("X-1", *MANHOLE[1:]), name="清单.txt")
    assert main(["import", str(path)], lambda _: None) == 2
    assert "没有写入任何数据" in capsys.readouterr().err
    assert main(["import", str(path), "--good-rows", "--keep-twins", "--sheet", "1"], lambda _: None) == 0
    assert {row.posting.id for row in load_rows(office.db, side=Side.OPPORTUNITY)} == {"JH-1", "X-1"}
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    said: list[str] = []
    assert main(["import", str(path), "--good-rows", "--kind", "opportunities"], said.append) == 0
    assert "2/2" in capsys.readouterr().err
    assert said[-1] == "场景机会：新增 0，更新 0，未变 2"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_comes_back_unchanged(
    stocked_shop: Shop, market_settings: MarketSettings, tmp_path: Path, kind: str
) -> None:
    tricky = make_opportunity(
        id="T-1", title="=1+1 号楼", requirements=("1.5米内识别", "第一行\n第二行", "①号泵；②号泵"), budget_wan=None,
        extra={"budget": {"note": "面议", "text": "面议"}, "自定义": {"层": [1, 2]}, "deadline_text": "24个月"},
        deadline=None,
    )  # fmt: skip
    stocked_shop.take(tricky)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    empty = Shop(MarketSettings(fresh / "market.db", market_settings.matching))
    for side in Side:
        path = tmp_path / f"{side}.{kind}"
        export_list(stocked_shop.db, side, kind, path)
        before = _said(stocked_shop, side)
        take_workbook(stocked_shop.work, path, WorkbookOptions(keep_twins=True))
        assert stocked_shop.said[-1].endswith(f"新增 0，更新 0，未变 {len(before)}")
        take_workbook(empty.work, path, WorkbookOptions(keep_twins=True))
        assert _said(empty, side) == before


def _said(shop: Shop, side: Side) -> dict[str, Any]:
    """What the postings of a side say; the state is the marketplace's own."""
    rows = (to_exchange(row.posting) for row in load_rows(shop.db, side=side))
    return {raw["id"]: {name: value for name, value in raw.items() if name != "state"} for raw in rows}
