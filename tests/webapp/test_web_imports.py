"""The import wizard, walked over a real market with the files offices send."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from doubles import HashingEncoder
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, office_app, office_market, page_of, send, sign_in, submit, words
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from marketplace import Market
from marketplace.commands import Workshop
from marketplace.jobs import Worker
from matching import MatchingSettings

OFFICE = "示例市水务局（示例）"
NAME = "2026年场景需求汇总（报送版）.xlsx"
# Header and the field it is taken for: "-" is dropped, as is whatever is no field.
COLUMNS = {
    "序号": "-",
    "场景名称": "title",
    "需求单位": "publisher",
    "拟落地应用区域": "district",
    "需求描述": "background",
    "技术指标": "requirements",
    "投资额（万元）": "budget",
    "截止时间": "deadline",
    "联系方式": "contact",
    "内部批示": "-",
}
HEADERS = list(COLUMNS)
LEAK, PUMP, PARK = "供水管网漏点自动发现", "泵站无人值守巡检", "園區能耗在線監測"
FLOOD, DOSING, RIVER, COVER = (
    "暴雨内涝点提前预警",
    "污水处理厂加药智能控制",
    "河道漂浮物识别清理",
    "窨井盖缺失移位自动发现",
)
TWO_SUMS = "总投资9000万元，其中财政3000万元"


def need(number: int | str, title: str | None, place: str, story: str, item: str, *rest: Any) -> list[Any]:
    """One row as the office writes it."""
    return [number, title, OFFICE, place, story, item, *rest]


ROWS: list[list[Any]] = [
    need(
        1,
        LEAK,
        "武汉市江夏区",
        "老旧管网漏损率偏高，人工听漏效率低。",
        "定位误差不超过1.5米",
        "３００",
        "2027年12月31日",
        "张三 13800000000",
    ),
    need(2, PUMP, "潜江市区", "泵站分散，夜间值守人手不足。", "①水位监测 ②识别异物", "80-100", "2027/2/30", "", "同意"),
    need(3, PARK, "潜江市区", "能耗数据分散。\n请联系 13700000002", "采集频率不高于15分钟", "面议", "长期", "", "阅"),
    need(4, None, "黄石市", "暴雨内涝点预警缺少数据。", "提前30分钟预警", "五十万", "2027-06-30"),
    ["二、能源类"],
    need(5, DOSING, "武汉市汉阳区", "加药量靠经验，药耗偏高。", "药耗下降10%", TWO_SUMS, "2026年底"),
    need(6, RIVER, "潜江市区", "河道漂浮物靠人工巡查。", "识别准确率不低于95%", "60", "2027年上半年"),
    ["合计", None, None, None, None, None, 1200],
]


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def client(market: Market) -> FlaskClient:
    """A browser that nobody has signed in with yet."""
    return office_app(market).test_client()


@pytest.fixture
def officer(client: FlaskClient) -> FlaskClient:
    """The browser of an officer of the office."""
    sign_in(client, roles=["publisher"], organisations=[OFFICE])
    return client


@pytest.fixture
def reviewer(client: FlaskClient) -> FlaskClient:
    """The browser of someone who may publish at once."""
    sign_in(client, roles=["reviewer"])
    return client


def workbook(rows: list[list[Any]], *, headers: list[str] = HEADERS, title: str = "需求汇总表（示例）") -> bytes:
    """A workbook with a merged title above the header and a second sheet of notes."""
    book, target = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "汇总"
    if title:
        sheet.append([title])
        sheet.merge_cells("A1:J1")
    for row in (headers, *rows):
        sheet.append(row)
    book.create_sheet("填写说明").append(["请按表填写"])
    book.save(target)
    return target.getvalue()


def upload(client: FlaskClient, content: bytes, name: str = NAME) -> TestResponse:
    return submit(client, "/imports/new", {"file": (BytesIO(content), name)}, role="upload")  # type: ignore[dict-item]


def uploaded(client: FlaskClient, content: bytes | None = None) -> str:
    """Take a file in; the path of its import."""
    answer = upload(client, content or workbook(ROWS))
    assert answer.status_code == 303, words(page_of(answer))
    assert answer.location.endswith("/columns")
    return answer.location.removesuffix("/columns")


def checked(client: FlaskClient, content: bytes | None = None) -> str:
    """Take a file in with its columns as recognised; the path of its import."""
    path = uploaded(client, content)
    answer = submit(client, f"{path}/columns", {}, role="columns")
    assert answer.location == f"{path}/check"
    return path


def see(client: FlaskClient, path: str) -> HtmlElement:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, words(page_of(answer))
    page = page_of(answer)
    assert len(page.xpath("//h1")) == 1
    return page


def rows_of(page: HtmlElement) -> dict[str, HtmlElement]:
    """The rows on a check page by their number in the file."""
    return {row.get("data-number"): row for row in by_role(page, "row")}


def press(client: FlaskClient, form: HtmlElement, **more: str) -> TestResponse:
    """Send a form of one row as it stands on the page, with what was typed or pressed."""
    return client.post(form.action, data={**dict(form.form_values()), **more})


def mend(client: FlaskClient, path: str, number: str, field: str, value: str) -> None:
    row = rows_of(see(client, f"{path}/check?state=all"))[number]
    form = row.xpath(".//tr[@data-field=$field]//form[@data-role='mend']", field=field)[0]
    assert press(client, form, value=value).status_code == 303


def run_jobs(market: Market) -> int:
    """Do what waits, as the worker would; how many jobs that were."""
    workshop = Workshop(market.settings, lambda text: None, HashingEncoder())
    try:
        return Worker(workshop).run_waiting()
    finally:
        workshop.db.conn.close()


def published(client: FlaskClient, market: Market, content: bytes) -> str:
    """Import a clean file and publish it at once; the path of its import."""
    path = checked(client, content)
    answer = submit(client, f"{path}/confirm", {"how": "publish", "secrecy": "1"}, role="confirm")
    assert answer.location.startswith("/jobs/")
    assert run_jobs(market) >= 1
    return path


def counts(page: HtmlElement) -> dict[str, str]:
    (box,) = by_role(page, "counts")
    return {words(one.find("dt")): words(one.find("dd")) for one in box.findall("div")}


def summary(client: FlaskClient, path: str) -> str:
    return words(by_role(see(client, f"{path}/check?state=all"), "summary")[0])


def notices_said(page: HtmlElement) -> str:
    return " ".join(words(one) for one in page.xpath("//*[@role='status']"))


def test_an_officer_walks_from_a_dirty_file_to_drafts(officer: FlaskClient, market: Market) -> None:
    path = uploaded(officer)
    page = see(officer, f"{path}/columns")
    taken = {row.get("data-header"): row for row in page.xpath("//tbody/tr")}
    chosen = {name: row.xpath(".//option[@selected]/@value")[0] for name, row in taken.items()}
    assert chosen == COLUMNS
    assert "万元" in words(taken["投资额（万元）"].xpath("./td[@data-label='金额单位']")[0])
    assert "第 1 行是标题" in words(page)
    assert "“内部批示”不对应任何一项，默认不导入" in words(page)
    (form,) = by_role(page, "columns")
    assert "默认不导入" in words(form)
    assert "后台" not in words(form)
    # What people may be named in is not offered to go along.
    offered = {row.get("data-header"): set(row.xpath(".//option/@value")) for row in page.xpath("//tbody/tr")}
    assert {header for header, values in offered.items() if "+" not in values} == {"联系方式", "需求描述"}

    submit(officer, f"{path}/columns", {}, role="columns")
    assert summary(officer, path) == "共 8 行：可导入 2 有问题 4 疑似重复 0 未作为条目 2"
    # Unasked the page shows what needs mending.
    page = see(officer, f"{path}/check")
    assert set(rows_of(page)) == {"4", "5", "6", "8"}
    assert "2027 年 2 月有 28 天" in words(rows_of(page)["4"])
    assert "13800000000" not in words(see(officer, f"{path}/check?state=all"))

    # A suggestion is taken with one click, a cell is mended in place, and the row is good.
    taking = rows_of(page)["4"].xpath(".//tr[@data-field='deadline']//form[@data-role='suggestion']")[0]
    assert dict(taking.form_values())["value"] == "2027-02-28"
    assert press(officer, taking).location.endswith("#r2")
    mend(officer, path, "5", "background", "能耗数据分散。")
    mend(officer, path, "6", "title", FLOOD)
    assert summary(officer, path) == "共 8 行：可导入 5 有问题 1 疑似重复 0 未作为条目 2"
    assert words(rows_of(see(officer, f"{path}/check?state=skipped"))["10"]).endswith("合计行")

    page = see(officer, f"{path}/confirm")
    assert not page.xpath("//input[@name='how' and @value='publish']")
    assert "只导入合格的 5 行" in words(by_role(page, "confirm")[0])
    answer = submit(officer, f"{path}/confirm", {}, role="confirm")
    job = answer.location
    assert job.startswith("/jobs/")
    assert see(officer, path).xpath("//*[@data-state]/@data-state") == ["queued"]
    assert run_jobs(market) >= 1
    assert by_role(see(officer, job), "onward")[0].get("href") == path

    page = see(officer, path)
    assert counts(page) == {"送审": "5 行", "有问题": "1 行", "未作为条目": "2 行"}
    (outcome,) = (row for row in page.xpath("//tbody/tr") if words(row.find("th")) == DOSING)
    assert "看不出哪个是总额" in words(outcome)
    assert LEAK not in officer.get("/opportunities").text
    # Nothing was decided about the drafts yet: all of them go back.
    (form,) = by_role(page, "undo")[0].xpath(".//form")
    assert press(officer, form).status_code == 303
    page = see(officer, path)
    assert "共撤回 5 条" in notices_said(page)
    assert not by_role(page, "undo")


def test_twins_are_decided_and_a_published_import_is_taken_back(reviewer: FlaskClient, market: Market) -> None:
    published(reviewer, market, workbook([ROWS[0], ROWS[6]], title=""))
    assert LEAK in reviewer.get("/opportunities").text

    # The same needs under other ids: none comes in before somebody has decided.
    again = [[f"N-{row[0]}", *row[1:]] for row in (ROWS[0], ROWS[6])]
    new = need("N-9", COVER, "潜江市", "井盖移位靠市民上报。", "10分钟内报警", 40, "2027-12-31")
    path = checked(reviewer, workbook([*again, new], headers=["编号", *HEADERS[1:]]))
    page = see(reviewer, f"{path}/check")
    assert "还有 2 行疑似重复没有决定" in words(by_role(page, "waiting")[0])
    assert not by_role(page, "next")
    likeness = [words(one) for one in by_role(page, "twins")]
    assert [f"与已有条目标题相同：{title}" in said for said, title in zip(likeness, (LEAK, RIVER), strict=True)] == [
        True,
        True,
    ]
    assert submit(reviewer, f"{path}/confirm", {}, role="confirm").status_code == 422

    (form,) = by_role(page, "decisions")
    radios = page.xpath("//input[@type='radio' and @form='decisions']/@name")
    assert set(radios) == {"d-1", "d-2"}
    assert press(reviewer, form, **{"d-1": "merge"}).status_code == 303
    page = see(reviewer, f"{path}/check")
    assert page.xpath("//input[@name='d-1' and @checked]/@value") == ["merge"]
    assert press(reviewer, by_role(page, "decisions")[0], all="skip").status_code == 303
    assert by_role(see(reviewer, f"{path}/check"), "next")
    (plan,) = by_role(see(reviewer, f"{path}/confirm"), "plan")
    planned = {words(row.find("th")): words(row.findall("td")[0]) for row in plan.xpath("./tbody/tr")}
    assert planned == {"新增": "1", "更新": "0", "合并": "1", "不导入：您选择跳过": "1", "不导入：有问题": "0"}

    answer = submit(reviewer, f"{path}/confirm", {"how": "publish"}, role="confirm")
    assert answer.status_code == 422
    assert "保密审查" in words(by_role(page_of(answer), "faults")[0])
    assert page_of(answer).xpath("//input[@name='how' and @checked]/@value") == ["publish"]
    submit(reviewer, f"{path}/confirm", {"how": "publish", "secrecy": "1"}, role="confirm")
    run_jobs(market)
    page = see(reviewer, path)
    assert counts(page) == {"新增": "1 行", "未变": "1 行", "跳过": "1 行"}
    assert by_role(page, "outcomes")[0].xpath(".//a[starts-with(@href,'/opportunities/')]")
    assert reviewer.get(f"{path}/own-columns.xlsx").status_code == 200
    assert COVER in reviewer.get("/opportunities").text

    assert press(reviewer, by_role(page, "undo")[0].xpath(".//form")[0]).status_code == 303
    page = see(reviewer, path)
    assert "已撤销" in words(by_role(page, "outcome")[0])
    assert not by_role(page, "outcomes")[0].xpath(".//a[starts-with(@href,'/opportunities/')]")
    assert COVER not in reviewer.get("/opportunities").text
    assert LEAK in reviewer.get("/opportunities").text


def test_one_correction_for_all_cells_that_say_the_same(officer: FlaskClient) -> None:
    path = checked(officer)
    row = rows_of(see(officer, f"{path}/check?state=all"))["9"]
    (form,) = row.xpath(".//tr[@data-field='district']//form[@data-role='suggestion']")
    assert form.xpath(".//button[@name='alike']")
    press(officer, form, alike="1")
    page = see(officer, f"{path}/check?state=all")
    assert not page.xpath("//tr[@data-field='district']")
    assert all("潜江市" in words(rows_of(page)[number]) for number in ("4", "5", "9"))


def test_the_own_file_comes_back_with_a_column_of_problems(officer: FlaskClient) -> None:
    path = checked(officer)
    answer = officer.get(f"{path}/annotated.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "%E6%89%B9%E6%B3%A8.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.data))["汇总"]
    headers = [cell.value for cell in sheet[2]]
    assert headers[:10] == HEADERS
    assert headers[-1] == "问题"
    assert "2 月有 28 天" in str(sheet.cell(4, len(headers)).value)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\x00\x01\x02nothing of ours", "清单.xlsx", "清单.xlsx"),
        (b"", "空.xlsx", "空.xlsx"),
        (workbook([["甲", "乙"]], headers=["姓名", "年龄"], title=""), "花名册.xlsx", "场景名称"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(
    officer: FlaskClient, market: Market, content: bytes, name: str, sentence: str
) -> None:
    answer = upload(officer, content, name)
    assert answer.status_code == 422
    page = page_of(answer)
    (link,) = by_role(page, "faults")[0].iter("a")
    assert sentence in words(link)
    assert page.get_element_by_id(link.get("href")[1:]).name == "file"
    assert not list(market.settings.uploads_dir.iterdir())
    assert by_role(see(officer, "/imports"), "empty")


def test_no_file_and_too_large_a_file_are_said_in_words(officer: FlaskClient) -> None:
    answer = submit(officer, "/imports/new", {}, role="upload")
    assert answer.status_code == 422
    assert "没有选择文件" in words(by_role(page_of(answer), "faults")[0])
    officer.application.config["MAX_CONTENT_LENGTH"] = 10_000
    answer = upload(officer, b"x" * 20_000)
    assert answer.status_code == 413
    assert "50 MB" in words(page_of(answer))


def test_columns_are_looked_at_again_and_refused_with_the_choice_kept(officer: FlaskClient) -> None:
    path = uploaded(officer)
    answer = submit(officer, f"{path}/columns", {"c-1": "-", "c-9": "+"}, role="columns")
    assert answer.status_code == 422
    page = page_of(answer)
    assert "没有“场景名称”一列" in words(by_role(page, "faults")[0])
    assert page.xpath("//select[@name='c-1']/option[@selected]/@value") == ["-"]
    assert page.xpath("//select[@name='c-9']/option[@selected]/@value") == ["+"]
    answer = send(officer, f"{path}/columns", {"side": "opportunity", "c-8": "+"})
    assert answer.status_code == 422
    assert "“联系方式”一列含有个人信息" in words(by_role(page_of(answer), "faults")[0])
    answer = submit(officer, f"{path}/columns", {"c-8": "district"}, role="columns")
    assert answer.status_code == 422
    assert "两列都对应“所在区域”" in words(by_role(page_of(answer), "faults")[0])

    # Another sheet has no header; a row that is none is refused on the page, full-width digits are read.
    assert "没有找到" in words(by_role(see(officer, f"{path}/columns?sheet=1"), "problem")[0])
    assert officer.get(f"{path}/columns?sheet=0&first=1&header=900").status_code == 422
    page = see(officer, f"{path}/columns?sheet=0&first=1&header=３")
    assert page.xpath("//input[@name='header_row']/@value") == ["2"]
    assert page.xpath("//input[@name='header']/@value") == ["3"]


def test_a_long_list_is_checked_aside(officer: FlaskClient, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.imports.uploading.CHECK_AT_ONCE", 7)
    path = uploaded(officer)
    (form,) = by_role(see(officer, f"{path}/columns"), "columns")
    assert "检查在后台进行" in words(form)
    first, second = (press(officer, form) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location.startswith("/jobs/")
    # Pressed twice, gone away and come back, or back with the browser's button: there is one job, and it is shown.
    assert second.location == path
    for place in (path, f"{path}/columns"):
        answer = officer.get(place, follow_redirects=True)
        assert answer.request.path == first.location
    assert len(see(officer, "/jobs").xpath("//table[@data-role='jobs']/tbody/tr")) == 1
    assert "正在检查" in words(see(officer, "/imports").xpath("//tbody/tr")[0])
    assert officer.get(f"{path}/check").status_code == 422

    assert run_jobs(market) >= 1
    assert by_role(see(officer, first.location), "onward")[0].get("href") == path
    assert summary(officer, path) == "共 8 行：可导入 2 有问题 4 疑似重复 0 未作为条目 2"


def test_a_check_that_came_to_nothing_is_said_where_one_goes_on(
    officer: FlaskClient, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.imports.uploading.CHECK_AT_ONCE", 0)
    path = uploaded(officer, workbook([ROWS[0]]))
    with monkeypatch.context() as patched:
        patched.setattr("marketplace.imports.checking_job.examine", lambda *_, **__: 1 / 0)
        job = submit(officer, f"{path}/columns", {}, role="columns").location
        run_jobs(market)
    assert see(officer, job).xpath("//*[@data-state]/@data-state") == ["failed"]
    page = see(officer, path)
    assert "上次检查没有完成：处理时出现意外错误" in words(by_role(page, "problem")[0])
    assert press(officer, by_role(page, "columns")[0]).location.startswith("/jobs/")
    run_jobs(market)
    assert "可导入 1" in summary(officer, path)


def test_confirming_twice_makes_one_job(officer: FlaskClient, market: Market) -> None:
    path = checked(officer, workbook([ROWS[0]]))
    (form,) = by_role(see(officer, f"{path}/confirm"), "confirm")
    first, second = (press(officer, form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(see(officer, "/jobs").xpath("//table[@data-role='jobs']/tbody/tr")) == 1
    run_jobs(market)
    assert press(officer, form).location == first.location
    assert counts(see(officer, path)) == {"送审": "1 行"}


def test_the_import_of_others_does_not_exist(client: FlaskClient, market: Market) -> None:
    sign_in(client, roles=["publisher"], organisations=[OFFICE])
    path = checked(client)
    stranger = client.application.test_client()
    sign_in(stranger, roles=["publisher"], organisations=["示例区城管执法局（示例）"])
    assert by_role(see(stranger, "/imports"), "empty")
    pages = ("", "/columns", "/check", "/annotated.xlsx", "/confirm", "/result")
    assert {stranger.get(path + page).status_code for page in pages} == {404}
    actions = ("/columns", "/rows/1", "/decisions", "/confirm", "/undo", "/drop")
    sent = {"field": "title", "value": "改", "d-1": "skip"}
    assert {send(stranger, path + action, sent).status_code for action in actions} == {404}
    assert "可导入 2" in summary(client, path)
    visitor = client.application.test_client()
    assert visitor.get("/imports").location.startswith("/login")
    expert = client.application.test_client()
    sign_in(expert, roles=["expert"])
    assert expert.get("/imports").status_code == 403


def test_an_import_given_up_is_gone(officer: FlaskClient, market: Market) -> None:
    path = checked(officer)
    assert sorted(kept.suffix for kept in market.settings.uploads_dir.iterdir()) == [".bin", ".json"]
    (form,) = by_role(see(officer, f"{path}/check"), "drop")[0].xpath(".//form")
    press(officer, form)
    page = see(officer, path)
    assert "已放弃" in words(page.xpath("//tbody/tr")[0])
    assert not list(market.settings.uploads_dir.iterdir())
    assert officer.get(f"{path}/check").status_code == 422


@pytest.mark.parametrize(
    ("action", "values", "status"),
    [
        ("/rows/999", {"field": "title", "value": "改"}, 404),
        ("/rows/1", {"field": "nothing", "value": "改"}, 400),
        ("/decisions", {"d-1": "burn"}, 404),
        ("/columns", {"side": "opportunity", "c-1": "-", "c-" + "9" * 5000: "title"}, 422),
        ("/columns", {"side": "opportunity", "c-8": "nothing"}, 400),
    ],
)
def test_what_no_form_offers_is_refused(officer: FlaskClient, action: str, values: dict[str, str], status: int) -> None:
    path = checked(officer)
    assert send(officer, path + action, values).status_code == status


def test_a_reviewer_of_two_lists_chooses_and_finds_the_templates(reviewer: FlaskClient) -> None:
    page = see(reviewer, "/imports/new")
    (form,) = by_role(page, "upload")
    assert form.get("enctype") == "multipart/form-data"
    assert form.xpath(".//select[@name='side']/option[@selected]/@value") == ["auto"]
    links = by_role(page, "templates")[0].xpath(".//a/@href")
    assert links == ["/templates/opportunities.xlsx", "/templates/capabilities.xlsx"]
    assert {reviewer.get(link).status_code for link in links} == {200}
    assert "50 MB" in words(page)
