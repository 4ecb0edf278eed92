"""A matchmaker corrects the machine on a pair's page; everyone who sees the pair sees it."""

from __future__ import annotations

import pytest
from desk_site import AGENCY, DeskSite, page_at
from office import by_role, page_of, send, submit, words

REASON = "已与单位核实：有检测报告"


@pytest.fixture
def site(tmp_path, matching_settings) -> DeskSite:
    return DeskSite(tmp_path, matching_settings)


def test_a_verdict_is_corrected_and_taken_back(site: DeskSite) -> None:
    site.own(site.need, AGENCY)
    agency = site.person("publisher", organisations=[AGENCY])
    machine = words(by_role(page_at(site.broker, site.pair), "evidence")[0].xpath(".//td[@data-label='判断']")[0])
    new, word = ("unclear", "待确认") if machine == "满足" else ("met", "满足")
    answer = submit(
        site.broker, site.pair, {"requirement": "0", "verdict": new, "reason": REASON}, role="correct-verdict"
    )
    assert answer.status_code == 303
    assert answer.location.endswith("#corrections")
    for reader in (site.broker, agency):
        page = page_at(reader, site.pair)
        cell = by_role(page, "evidence")[0].xpath(".//td[@data-label='判断']")[0]
        assert words(cell).startswith(word)
        told = words(by_role(page, "corrected")[0])
        assert f"系统判断为“{machine}”" in told
        assert "岗位于 20" in told
        assert REASON in told
        listed = by_role(page_at(reader, f"/opportunities/{site.need}"), "corrections")
        assert "R1：" in words(listed[0])
    assert by_role(page_at(agency, site.pair), "correct-verdict") == []
    assert not page_at(agency, site.pair).xpath("//form[contains(@action, '/withdraw')]")
    (form,) = page_at(site.broker, site.pair).xpath("//form[contains(@action, '/withdraw')]")
    assert send(site.broker, form.action, {}).status_code == 303
    page = page_at(site.broker, site.pair)
    assert by_role(page, "corrected") == []
    assert words(by_role(page, "evidence")[0].xpath(".//td[@data-label='判断']")[0]) == machine
    assert send(site.broker, form.action, {}).status_code == 404


def test_a_band_is_overridden_for_every_page(site: DeskSite) -> None:
    before = words(by_role(page_at(site.broker, site.pair), "band")[0])
    new, word = ("none", "不推荐") if before != "不推荐" else ("good", "较匹配")
    submit(site.broker, site.pair, {"band": new, "reason": REASON}, role="override-band")
    page = page_at(site.broker, site.pair)
    assert words(by_role(page, "band")[0]) == word
    assert f"系统判断为“{before}”" in words(by_role(page, "band-corrected")[0])
    for path in (f"/opportunities/{site.need}", f"/capabilities/{site.offer}"):
        assert any("档次：" in words(one) for one in by_role(page_at(site.broker, path), "corrections")), path


def test_a_refused_correction_keeps_what_was_typed(site: DeskSite) -> None:
    values = {"requirement": "1", "verdict": "met", "reason": ""}
    answer = submit(site.broker, site.pair, values, role="correct-verdict")
    assert answer.status_code == 422
    page = page_of(answer)
    (link,) = by_role(page, "faults")[0].xpath(".//a")
    assert words(link) == "“理由”：没有填写；请写明依据，例如：已与单位电话核实。"
    assert page.xpath(f"//*[@id='{link.get('href')[1:]}']/@aria-invalid") == ["true"]
    assert page.xpath("//select[@name='requirement']/option[@selected]/@value") == ["1"]
    assert page.xpath("//select[@name='verdict']/option[@selected]/@value") == ["met"]
    band = submit(site.broker, site.pair, {"band": "", "reason": REASON}, role="override-band")
    assert band.status_code == 422
    assert "“档次改为”：没有选择" in words(by_role(page_of(band), "faults")[0])
    assert page_of(band).get_element_by_id("b-reason").text.strip() == REASON


def test_who_saw_an_older_page_is_told(site: DeskSite) -> None:
    second = site.person("matchmaker")
    values = {"band": "none", "reason": REASON, "seen": ""}
    assert send(site.broker, f"{site.pair}/band", values).status_code == 303
    late = send(second, f"{site.pair}/band", values | {"band": "strong"})
    assert late.status_code == 409
    assert "刚刚更正过这一项" in words(page_of(late).find(".//main"))


def test_only_matchmakers_of_the_pair_may(site: DeskSite) -> None:
    site.own(site.need, AGENCY)
    values = {"band": "none", "reason": REASON}
    assert send(site.person("publisher", organisations=[AGENCY]), f"{site.pair}/band", values).status_code == 403
    assert send(site.person("matchmaker", districts=["随州市"]), f"{site.pair}/band", values).status_code == 404
    assert send(site.person("reviewer"), f"{site.pair}/band", values).status_code == 403
    assert send(site.broker, f"/pairs/{site.need}/77/band", values).status_code == 404
