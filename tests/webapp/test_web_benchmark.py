"""Pages of the benchmark: locked years, blind sheets by typed address, sealed objections, files, public pages."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from office import by_role, page_of, send, words
from permission_site import Base, build

from matching import MatchingSettings

SECRETS = ("欧阳示例", "13800001111")
PUBLIC = (
    "/benchmarks/2026", "/benchmarks/2026/rules", "/benchmarks/2026/notice", "/benchmarks/2026/result",
    "/benchmarks/2026/result.json", "/benchmarks/2026/cases/1", "/benchmarks/history",
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Base:
    """The site of the permission tests, whose year 2026 is frozen with an objection answered."""
    data = Path(__file__).resolve().parents[2] / "data"
    return build(tmp_path_factory.mktemp("benchmark") / "base", MatchingSettings(data, background_file.parent))


@pytest.fixture
def app(base: Base, tmp_path: Path) -> Flask:
    """The site over a fresh copy."""
    return base.open(tmp_path / "site")


def client_of(base: Base, app: Flask, person: str) -> FlaskClient:
    return base.client(app, person)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_name_nobody_who_objected_or_scored(base: Base, app: Flask, path: str) -> None:
    answer = client_of(base, app, "visitor").get(path)
    assert answer.status_code == 200
    assert [secret for secret in (*SECRETS, "岗位") if secret in answer.text] == []


def test_the_hash_on_the_page_is_that_of_the_file(base: Base, app: Flask) -> None:
    visitor = client_of(base, app, "visitor")
    page = page_of(visitor.get("/benchmarks/2026/result"))
    record = visitor.get("/benchmarks/2026/result.json").data
    assert words(by_role(page, "digest")[0]) == hashlib.sha256(record).hexdigest()
    assert "校验一致" in words(by_role(page, "verified")[0])
    assert {one["expert"] for one in json.loads(record)["marks"]} == {1}


def test_a_locked_year_takes_no_form_not_even_from_the_administrator(base: Base, app: Flask) -> None:
    admin = client_of(base, app, "admin")
    page = page_of(admin.get("/admin/benchmarks/2026"))
    assert by_role(page, "locked")
    assert not by_role(page, "sheet")
    answer = send(admin, "/admin/benchmarks/2026", {"threshold": "10", "stamp": "1"})
    assert answer.status_code == 422
    assert "已锁定" in answer.text
    assert "<dd>60</dd>" in admin.get("/admin/benchmarks/2026").text


def test_a_new_year_is_made_from_the_last_and_says_it_is_a_default(base: Base, app: Flask) -> None:
    admin = client_of(base, app, "admin")
    assert send(admin, "/admin/benchmarks", {"year": "2027"}).status_code == 303
    page = page_of(admin.get("/admin/benchmarks/2027"))
    assert "默认值，不是官方标准" in words(by_role(page, "default")[0])
    refused = send(admin, "/admin/benchmarks", {"year": "2027"})
    assert refused.status_code == 422
    assert "已经有了" in refused.text


def test_a_refused_sheet_keeps_what_was_typed(base: Base, app: Flask) -> None:
    admin = client_of(base, app, "admin")
    send(admin, "/admin/benchmarks", {"year": "2027"})
    form = page_of(admin.get("/admin/benchmarks/2027")).forms
    values = {name: value for one in form if one.get("data-role") == "sheet" for name, value in one.form_values()}
    values |= {area.name: (area.text or "").strip("\n") for one in form for area in one.xpath(".//textarea")}
    values.pop("csrf_token")
    answer = send(admin, "/admin/benchmarks/2027", values | {"weight_effect": "31", "band_effect_0": "改过的说明"})
    assert answer.status_code == 422
    assert "合计 101" in answer.text
    assert "改过的说明" in answer.text


def test_experts_and_others_by_typed_addresses(base: Base, app: Flask) -> None:
    case = base.parts["case"]
    expert = client_of(base, app, "expert")
    assert "已提交" in expert.get(f"/scoring/{case}").text
    # The form says for which round it was shown.
    assert page_of(expert.get(f"/scoring/{case}")).xpath("//input[@name='round']/@value") == ["1"]
    assert expert.get(f"/selection/cases/{case}").status_code == 403
    assert expert.get("/selection/2026/scores.json").status_code == 403
    for person, status in (("reviewer", 403), ("company", 403), ("admin", 403)):
        assert client_of(base, app, person).get(f"/scoring/{case}").status_code == status
    assert client_of(base, app, "visitor").get("/benchmarks/2026/cases/2").status_code == 404


def test_marks_that_are_sent_after_the_end_are_refused(base: Base, app: Flask) -> None:
    expert = client_of(base, app, "expert")
    answer = send(expert, f"/scoring/{base.parts['case']}", {"mark_effect": "99", "comment": "改", "stamp": "1"})
    assert answer.status_code == 422
    assert "没有保存" in answer.text or "不能再改" in answer.text


def test_files_of_the_round(base: Base, app: Flask) -> None:
    reviewer = client_of(base, app, "reviewer")
    for path, start in (
        ("/selection/2026/scores.xlsx", b"PK"), ("/selection/2026/scores.csv", b"\xef\xbb\xbf"),
        ("/selection/2026/certificates.xlsx", b"PK"), ("/benchmarks/2026/cases/1.docx", b"PK"),
        ("/selection/2026/objections/1/evidence", b"%PDF"),
    ):  # fmt: skip
        answer = reviewer.get(path)
        assert answer.data.startswith(start), path
        assert "attachment" in answer.headers["Content-Disposition"]
    assert reviewer.get("/selection/2026/scores.doc").status_code == 404
    assert reviewer.get("/selection/2026/objections/9/evidence").status_code == 404


def test_objections_outside_their_days_are_refused(base: Base, app: Flask) -> None:
    visitor = client_of(base, app, "visitor")
    token = page_of(visitor.get("/login")).xpath("//input[@name='csrf_token']/@value")[0]
    answer = visitor.post("/benchmarks/2026/notice", data={"csrf_token": token, "name": "甲", "case": "2026-001"})
    assert answer.status_code == 422
    assert "异议期" in answer.text


def test_the_facet_and_the_badge_stand_on_the_lists(base: Base, app: Flask) -> None:
    visitor = client_of(base, app, "visitor")
    page = visitor.get("/opportunities")
    assert 'data-name="benchmark"' in page.text
    found = visitor.get("/opportunities?benchmark=2026 年度标杆候选")
    assert "窨井" not in found.text
    assert "2026 年度标杆候选" in found.text


def test_documents_are_listed_by_name_and_read_by_those_on_the_case(base: Base, app: Flask) -> None:
    case, file = base.parts["case"], base.parts["case document"]
    path = f"/applications/{case}/documents/{file}"
    for person, page in (("agency", f"/applications/{case}"), ("reviewer", f"/selection/cases/{case}"),
                         ("expert", f"/scoring/{case}")):  # fmt: skip
        client = client_of(base, app, person)
        assert [one.get("href") for one in page_of(client.get(page)).xpath("//*[@data-role='file']//a")] == [path]
        answer = client.get(path)
        assert (answer.data, answer.mimetype) == (b"%PDF-1.7 report", "application/pdf")
        assert "attachment" in answer.headers["Content-Disposition"]
    gone = words(by_role(page_of(client_of(base, app, "reviewer").get(f"/selection/cases/{case}")), "missing")[0])
    assert gone == "缺 4 项材料：验收材料、成效数据及其统计方法、不涉密、无知识产权争议声明、安全与运行维护说明。"
    assert "用户单位使用报告：使用报告.pdf" in client_of(base, app, "visitor").get("/benchmarks/2026/cases/1").text


def test_documents_of_a_case_that_is_decided_stay(base: Base, app: Flask) -> None:
    case, file = base.parts["case"], base.parts["case document"]
    agency = client_of(base, app, "agency")
    assert by_role(page_of(agency.get(f"/applications/{case}")), "attach") == []
    for path in (f"/applications/{case}/documents", f"/applications/{case}/documents/{file}/remove"):
        answer = send(agency, path, {"document": "验收材料"})
        assert answer.status_code == 422
        assert "材料不能再改" in answer.text


def test_while_a_case_is_written_documents_come_and_go(
    base: Base, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.selection.applying.editable", lambda year, state: True)
    page = page_of(client_of(base, app, "agency").get(f"/applications/{base.parts['case']}"))
    (form,) = by_role(page, "attach")
    assert form.get("enctype") == "multipart/form-data"
    # What is missing comes first.
    assert next(one.get("value") for one in form.xpath(".//option") if one.get("value")) == "验收材料"
    (file,) = by_role(page, "file")
    path = f"/applications/{base.parts['case']}/documents/{base.parts['case document']}"
    assert [one.get("action") for one in file.xpath(".//form")] == [f"{path}/remove"]
    assert file.xpath(".//input[@name='csrf_token']")
def test_who_notes_facts_second_gets_the_own_words_back_beside_what_is_noted_now(base: Base, app: Flask) -> None:
    reviewer = client_of(base, app, "reviewer")
    (path, *_) = page_of(reviewer.get("/candidates?year=2026")).xpath("//a[@data-role='note-facts']/@href")

    def stamp() -> str:
        return str(page_of(reviewer.get(path)).xpath("//input[@name='stamp']/@value")[0])

    shown = stamp()
    assert send(reviewer, path, {"credit": "no", "source": "信用中国查询", "stamp": shown}).status_code == 303
    answer = send(reviewer, path, {"credit": "yes", "safety": "等保三级", "source": "现场查看", "stamp": shown})
    assert answer.status_code == 409
    assert "刚刚由别人改动" in answer.text
    assert "等保三级" in answer.text
    assert "现已登记为“否”" in answer.text
    assert page_of(answer).xpath("//input[@name='stamp']/@value") == [stamp()] != [shown]
