"""Pairings in the browser: opening, moving, files, two people at once, who sees what."""

from __future__ import annotations

import io

import pytest
from office import by_role, page_of, send, submit, words
from pairing_pages import PDF, Table, faults, page_at

from matching import MatchingSettings


@pytest.fixture
def table(tmp_path, matching_settings: MatchingSettings) -> Table:
    return Table(tmp_path, matching_settings)


def test_the_button_on_the_pair_opens_one_and_then_leads_to_it(table: Table) -> None:
    path = table.open()
    page = page_at(table.broker, table.pair)
    assert by_role(page, "open-pairing") == []
    (link,) = by_role(page, "pairing")[0].iter("a")
    assert link.get("href") == path
    assert words(link) == "查看对接（推荐）"
    # Pressed twice, from a page that still shows the button, it is the same pairing.
    answer = send(table.second, "/pairings/open", {"opportunity": str(table.need), "capability": str(table.offer)})
    assert answer.location == path
    assert "推荐" in words(by_role(page_at(table.broker, "/pairings"), "row")[0])
    assert by_role(page_at(table.clerk, table.pair), "open-pairing") == []
    assert by_role(page_at(table.clerk, table.pair), "pairing")


def test_the_whole_way_by_the_forms_on_the_page(table: Table) -> None:
    path = table.open()
    table.go(path, "contacted", "meeting", "signed", "building")
    page = page_at(table.broker, path)
    assert "118 万元" in words(page.find(".//main"))
    (form,) = by_role(page, "move-landed")
    assert form.get("enctype") == "multipart/form-data"
    stamp = form.xpath(".//input[@name='stamp']/@value")[0]
    token = form.xpath(".//input[@name='csrf_token']/@value")[0]
    sent = {
        "csrf_token": token, "stamp": stamp, "stage": "landed", "accepted_on": "2026-05-20", "audience": "all",
        "effect_name_0": "告警时间", "effect_planned_0": "15", "effect_real_0": "9", "effect_unit_0": "分钟",
        "effect_lower_0": "1",
    }  # fmt: skip
    answer = table.broker.post(f"{path}/move", data=sent)
    assert answer.status_code == 422
    refused = page_of(answer)
    assert faults(refused) == ["“附件”：没有上传；请上传验收材料。"]
    assert refused.xpath("//form[@data-role='move-landed']//input[@name='effect_name_0']/@value") == ["告警时间"]
    answer = table.broker.post(f"{path}/move", data=sent | {"files": (io.BytesIO(PDF), "验收单.pdf")})
    assert answer.status_code == 303
    page = page_at(table.clerk, path)
    assert "已落地" in words(page.find(".//main"))
    assert "达到" in words(by_role(page, "effect-row")[0])
    assert len(by_role(page, "revisit")) == 2
    (link,) = by_role(page, "file")[0].iter("a")
    file = table.vendor.get(link.get("href"))
    assert (file.data, file.headers["Content-Type"]) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    file.close()
    assert table.rival.get(link.get("href")).status_code == 404
    public = table.app.test_client().get("/opportunities").text
    assert "已验收" in public


def test_a_move_with_gaps_is_refused_and_keeps_what_was_typed(table: Table) -> None:
    path = table.open()
    table.go(path, "contacted", "meeting")
    typed = {"amount_wan": "面议", "signed_on": "2026-04-01", "note": "合同在走流程"}
    answer = submit(table.broker, path, typed, role="move-signed")
    assert answer.status_code == 422
    page = page_of(answer)
    assert [one.partition("：")[0] for one in faults(page)] == ["“金额”", "“采购方式”"]
    (form,) = by_role(page, "move-signed")
    assert form.xpath(".//input[@name='amount_wan']/@value") == ["面议"]
    assert form.xpath(".//textarea[@name='note']")[0].text.strip() == "合同在走流程"
    assert form.getparent().get("open") is not None
    targets = [link.get("href").removeprefix("#") for link in by_role(page, "faults")[0].iter("a")]
    assert all(page.xpath("//*[@id=$id]", id=target) for target in targets)


def test_two_matchmakers_move_at_once_and_nothing_typed_is_lost(table: Table) -> None:
    path = table.open()
    (form,) = by_role(page_at(table.second, path), "move-contacted")
    sent = {name: value for name, value in form.form_values()} | {"contacted_on": "2026-03-02", "note": "对方愿意谈"}
    table.go(path, "contacted")
    answer = table.second.post(f"{path}/move", data=sent)
    assert answer.status_code == 409
    page = page_of(answer)
    told = words(by_role(page, "faults")[0])
    assert "推进到“已联系”" in told
    kept = words(by_role(page, "kept")[0])
    assert "2026-03-02" in kept
    assert "对方愿意谈" in kept
    assert len(by_role(page_at(table.broker, path), "entry")) == 2


def test_a_step_typed_on_an_old_page_stays_in_its_form(table: Table) -> None:
    path = table.open()
    (form,) = by_role(page_at(table.second, path), "step")
    typed = {"next_step": "上门看现场", "next_on": "2099-02-01", "acting": "publisher"}
    sent = {name: value for name, value in form.form_values()} | typed
    table.go(path, "contacted")
    answer = table.second.post(f"{path}/step", data=sent)
    assert answer.status_code == 409
    (again,) = by_role(page_of(answer), "step")
    assert dict(again.form_values()).items() >= typed.items()
    # Looked at again, it is sent from the page that was shown.
    answer = table.second.post(f"{path}/step", data=dict(again.form_values()))
    assert answer.status_code == 303
    assert "上门看现场" in words(page_at(table.broker, path).find(".//main"))


def test_a_double_click_moves_once(table: Table) -> None:
    path = table.open()
    (form,) = by_role(page_at(table.broker, path), "move-contacted")
    sent = dict(form.form_values()) | {"contacted_on": "2026-03-02"}
    assert [table.broker.post(f"{path}/move", data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(by_role(page_at(table.broker, path), "entry")) == 2


def test_undo_pause_and_resume_are_buttons(table: Table) -> None:
    path = table.open()
    table.go(path, "contacted")
    assert submit(table.broker, path, {}, role="undo").status_code == 303
    page = page_at(table.broker, path)
    assert "撤销" in words(by_role(page, "entry")[0])
    assert by_role(page, "move-contacted")
    table.go(path, "contacted")
    assert submit(table.broker, path, {"reason": "neither.waiting.trial"}, role="pause").status_code == 303
    assert "搁置" in words(page_at(table.clerk, path).find(".//main"))
    assert submit(table.broker, path, {}, role="resume").status_code == 303
    assert by_role(page_at(table.broker, path), "move-meeting")


def test_a_company_ends_it_for_its_own_reasons_only(table: Table) -> None:
    path = table.open()
    page = page_at(table.vendor, path)
    assert by_role(page, "move-contacted") == by_role(page, "pause") == by_role(page, "step") == []
    (form,) = by_role(page, "fail")
    headings = form.xpath(".//optgroup/@label")
    assert headings
    assert all(one.startswith(("能力方", "双方以外")) for one in headings)
    answer = submit(table.vendor, path, {"reason": "company.ability.staff"}, role="fail")
    assert answer.status_code == 303
    assert "能力方：人手或产能不足" in words(page_at(table.clerk, path).find(".//main"))


def test_for_others_it_does_not_exist(table: Table) -> None:
    path = table.open()
    for stranger in (table.rival, table.far):
        assert stranger.get(path).status_code == 404
        assert send(stranger, f"{path}/note", {"note": "看看", "audience": "all"}).status_code == 404
        assert by_role(page_at(stranger, "/pairings"), "row") == []
    assert table.app.test_client().get(path).status_code == 303
    assert table.reviewer.get(path).status_code == 200
    assert by_role(page_at(table.reviewer, path), "note") == []
    assert send(table.reviewer, f"{path}/note", {"note": "看看"}).status_code == 403


def test_notes_and_files_from_a_side(table: Table) -> None:
    path = table.open()
    answer = submit(table.vendor, path, {"note": "联系我 13800001111", "audience": "all"}, role="note")
    assert answer.status_code == 422
    assert "手机号" in faults(page_of(answer))[0]
    assert submit(table.vendor, path, {"note": "方案已寄出", "audience": "company"}, role="note").status_code == 303
    assert "方案已寄出" in words(page_at(table.broker, path).find(".//main"))
    assert "方案已寄出" not in words(page_at(table.clerk, path).find(".//main"))
    (form,) = by_role(page_at(table.vendor, path), "attach")
    sent = dict(form.form_values())
    answer = table.vendor.post(f"{path}/attach", data=sent | {"files": (io.BytesIO(b"MZ"), "方案.pdf")})
    assert "不是可收的文件" in faults(page_of(answer))[0]
    answer = table.vendor.post(f"{path}/attach", data=sent | {"files": (io.BytesIO(PDF), "方案.pdf")})
    assert answer.status_code == 303


def test_the_list_is_filtered_by_its_address(table: Table) -> None:
    path = table.open()
    key = path.rsplit("/", 1)[1]
    found = {
        query: [row.get("data-key") for row in by_role(page_at(table.broker, f"/pairings?{query}"), "row")]
        for query in ("", "mine=1", "overdue=1", "turn=1", "revisit=1", "stage=recommended", "stage=meeting",
                      "show=closed", "q=JH-2026-001", "q=没有的", "page=9", "show=x&page=-1")
    }  # fmt: skip
    full = {"", "mine=1", "turn=1", "stage=recommended", "q=JH-2026-001", "page=9", "show=x&page=-1"}
    assert {query for query, rows in found.items() if rows == [key]} == full
    assert {query for query, rows in found.items() if not rows} == set(found) - full
    assert by_role(page_at(table.second, "/pairings?mine=1"), "row") == []


def test_by_hand_by_number(table: Table) -> None:
    answer = submit(
        table.broker, "/pairings/new", {"opportunity": "JH-2026-001", "capability": "没有"}, role="new-pairing"
    )
    assert answer.status_code == 422
    page = page_of(answer)
    assert "“场景能力编号”：发现“没有”" in faults(page)[0]
    assert page.xpath("//input[@name='opportunity']/@value") == ["JH-2026-001"]
    typed = {"opportunity": "JH-2026-001", "capability": "NL-2026-002", "note": "展会上谈过"}
    answer = submit(table.broker, "/pairings/new", typed, role="new-pairing")
    assert answer.status_code == 303
    assert "展会上谈过" in words(page_at(table.broker, answer.location).find(".//main"))
    assert "展会上谈过" not in words(page_at(table.rival, answer.location).find(".//main"))
    assert table.clerk.get("/pairings/new").status_code == 403


def test_assigning_and_figures(table: Table) -> None:
    path = table.open()
    (form,) = by_role(page_at(table.broker, path), "assign")
    other = next(one for one in form.xpath(".//option[not(@selected)]/@value") if one)
    assert submit(table.broker, path, {"matchmaker": other}, role="assign").status_code == 303
    assert by_role(page_at(table.broker, "/pairings?mine=1"), "row") == []
    table.go(path, "contacted")
    answer = submit(table.clerk, path, {"effect_name_0": "告警时间", "effect_planned_0": "很快"}, role="effect")
    assert answer.status_code == 422
    assert "应为数字" in faults(page_of(answer))[0]
    answer = submit(table.clerk, path, {"effect_name_0": "告警时间", "effect_planned_0": "15"}, role="effect")
    assert answer.status_code == 303
    assert "告警时间" in words(by_role(page_at(table.vendor, path), "effect-row")[0])
