"""The funnel, exposure and feedback on the web: numbers that lead to lists, filters in the address, the two buttons."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from market_tools import Shop, sample_lines
from office import by_role, office_app, office_market, page_of, send, sign_in, words
from openpyxl import load_workbook

from marketplace import Market
from marketplace.store.database import transaction
from matching import MatchingSettings
from webapp import WebSettings

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140"}


class Site:
    """A closed site with sample lists, two pairings and a few people."""

    def __init__(self, folder: Path, matching: MatchingSettings) -> None:
        self.market: Market = office_market(folder, matching)
        self.app: Flask = office_app(self.market, WebSettings(public_matches=False))
        self.shop = Shop(self.market.settings)
        self.shop.take(*sample_lines("opportunities", range(1, 9)))
        self.shop.take(*sample_lines("capabilities", range(1, 13)))
        self.need, self.offer = self.shop.key("JH-2026-001"), self.shop.key("NL-2026-001")
        day = (date.today() - timedelta(days=60)).isoformat()
        with transaction(self.shop.db):
            self.shop.db.conn.execute("update posting set published_on = ?", [day])
        self.maker = self.browser(roles=["matchmaker"])

    def browser(self, **held: object) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = BROWSER["User-Agent"]
        sign_in(client, **held)  # type: ignore[arg-type]
        return client

    def pairing(self, key: int, *stages: str) -> None:
        """A pairing of the first need that came through these stages."""
        db, at = self.shop.db, date.today() - timedelta(days=40)
        with transaction(db):
            db.table("pairing").insert(
                {"key": key, "opportunity_key": self.need, "capability_key": self.offer, "stage": stages[-1],
                 "origin": "hand", "matchmaker_key": 0, "open_mark": str(key), "stamp": 1, "due_on": "2020-01-01"}
            )  # fmt: skip
            for place, stage in enumerate(stages):
                db.table("pairing_event").insert(
                    {"key": key * 10 + place, "pairing_key": key, "action": "move", "from_stage": "", "to_stage": stage,
                     "facts": "{}", "note": "", "account_key": 0, "at": f"{at + timedelta(days=place)}T01:00:00Z",
                     "undone_at": ""}
                )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, matching_settings: MatchingSettings) -> Site:
    return Site(tmp_path, matching_settings)


def page_at(client: FlaskClient, path: str) -> HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return page_of(answer)


def steps(page: HtmlElement) -> dict[str, list[str]]:
    return {row.get("data-code"): [words(cell) for cell in row.xpath("td")] for row in by_role(page, "step")}


def test_every_number_leads_to_as_many_needs(site: Site) -> None:
    site.pairing(1, "contacted", "meeting")
    page = page_at(site.maker, "/funnel")
    shown = steps(page)
    assert shown["published"][0].startswith("8")
    assert shown["met"][0].startswith("1")
    assert shown["met"][4] == "1 天"
    links = page.xpath("//table//td//a")
    assert len(links) > 10
    for link in links:
        number = link.text
        listed = page_at(site.maker, link.get("href"))
        (total,) = by_role(listed, "total")
        assert words(total) == number, link.get("href")
        assert len(by_role(listed, "need")) == int(number)


def test_a_line_narrows_the_whole_page_and_the_address_says_so(site: Site) -> None:
    page = page_at(site.maker, "/funnel")
    (table,) = page.xpath("//table[@data-name='city']")
    row = table.xpath(".//tr[@data-role='rate']")[0]
    narrow = page_at(site.maker, row.xpath("th/a/@href")[0])
    number = row.xpath("td[1]/a/text()")[0]
    assert steps(narrow)["published"][0].startswith(number)
    assert f"地市：{words(row.xpath('th')[0])}" in words(by_role(narrow, "scope")[0])
    assert narrow.xpath("//select[@name='city']/option[@selected]/@value") == [words(row.xpath("th")[0])]
    (export,) = by_role(narrow, "export")
    answer = site.maker.get(export.get("href"))
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert "地市" in sheet["A3"].value
    answer.close()


def test_a_month_that_is_none_is_said_and_dropped(site: Site) -> None:
    page = page_at(site.maker, "/funnel?since=2026-13&until=soon&city=没有&matchmaker=x")
    notices = [words(one) for one in page.xpath("//p[@class='notice']")]
    assert any("2026-13" in text for text in notices)
    assert any("soon" in text for text in notices)
    assert by_role(page, "empty")
    turned = page_at(site.maker, "/funnel?since=2026-05&until=2026-01")
    assert "2026年1月至2026年5月" in words(by_role(turned, "scope")[0])
    assert site.maker.get("/funnel/needs?step=dreamt").status_code == 404
    assert site.maker.get("/funnel/needs?part=dreamt").status_code == 404


def test_past_the_end_of_the_needs_is_their_last_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.insight.behind.PAGE", 3)
    total = int(words(by_role(page_at(site.maker, "/funnel/needs"), "total")[0]))
    assert total > 3
    pages = [
        [row.get("data-key") for row in by_role(page_at(site.maker, f"/funnel/needs?page={number}"), "need")]
        for number in range(1, -(-total // 3) + 1)
    ]
    assert len({key for page in pages for key in page}) == total
    past = page_at(site.maker, "/funnel/needs?page=99999999999")
    assert [row.get("data-key") for row in by_role(past, "need")] == pages[-1]
    none = page_at(site.maker, "/funnel/needs?page=none")
    assert [row.get("data-key") for row in by_role(none, "need")] == pages[0]


def test_an_agency_counts_its_own_and_sees_no_matchmakers(site: Site) -> None:
    agency = site.shop.db.table("posting").get(site.need)["organisation"]
    clerk = site.browser(roles=["publisher"], organisations=[agency])
    page = page_at(clerk, "/funnel")
    assert steps(page)["published"][0].startswith("1")
    assert page.xpath("//table[@data-name='matchmaker']") == []
    assert page.xpath("//select[@name='matchmaker']") == []
    (row,) = by_role(page_at(clerk, "/funnel/needs"), "need")
    assert row.get("data-key") == str(site.need)


def test_an_administrator_counts_pairings_and_is_told_no_names(site: Site) -> None:
    site.pairing(1, "contacted")
    boss = site.browser(roles=["admin"])
    text = words(page_at(boss, "/funnel/needs?step=contacted").find(".//main"))
    assert "已联系" in text
    assert site.shop.row("NL-2026-001").posting.title not in text
    maker = words(page_at(site.maker, "/funnel/needs?step=contacted").find(".//main"))
    assert site.shop.row("NL-2026-001").posting.title in maker


def test_pages_count_whom_they_show_but_not_for_robots(site: Site) -> None:
    visitor = site.app.test_client()
    for agent in ("", "Googlebot/2.1", "python-requests/2"):
        assert visitor.get(f"/opportunities/{site.need}", headers={"User-Agent": agent}).status_code == 200
    assert visitor.get("/opportunities/5", headers=BROWSER).status_code == 404
    assert site.market.exposure.write()
    assert list(site.shop.db.table("view_count").rows) == []
    assert visitor.get(f"/opportunities/{site.need}", headers=BROWSER).status_code == 200
    assert visitor.get("/capabilities", headers=BROWSER).status_code == 200
    site.maker.get(f"/opportunities/{site.need}")
    assert site.market.exposure.write()
    assert [row["views"] for row in site.shop.db.table("view_count").rows] == [1]
    places = {row["place_kind"]: row["shown"] for row in site.shop.db.query(
        "select place_kind, sum(shown) as shown from exposure group by place_kind")}  # fmt: skip
    # A visitor of a closed site is shown no matches, the matchmaker ten.
    assert places == {"list": 12, "opportunity": 10}
    report = page_at(site.maker, "/exposure")
    assert by_role(report, "unseen") == []
    assert "0 项" in words(by_role(report, "facts")[0])


def test_a_page_comes_out_though_counting_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no room left on the disk")

    monkeypatch.setattr(site.market.exposure, "note", fail)
    assert site.app.test_client().get("/capabilities", headers=BROWSER).status_code == 200


def test_the_rule_of_rotation_is_printed_with_day_and_seed(site: Site) -> None:
    page = page_at(site.maker, f"/opportunities/{site.need}")
    (rule,) = by_role(page, "rotation")
    assert f"种子 {date.today().isoformat()}-{site.need}" in words(rule)
    assert "0.02" in words(rule)


def press(client: FlaskClient, page: HtmlElement, path: str, role: str, place: int = 0, **values: str) -> object:
    form = by_role(page, role)[place]
    return client.post(form.get("action") or path, data={**dict(form.form_values()), **values})


def test_a_card_takes_a_word_and_shows_it(site: Site) -> None:
    path = f"/opportunities/{site.need}"
    page = page_at(site.maker, path)
    answer = press(site.maker, page, path, "useful", 2)
    assert answer.status_code == 303
    assert answer.location.startswith(path)
    (kept,) = site.shop.db.table("feedback").rows
    assert (kept["useful"], kept["position"], kept["place_kind"]) == (1, 3, "opportunity")
    again = page_at(site.maker, path)
    assert [words(one) for one in again.xpath("//p[@class='said-of']")] == ["您的评价：有用"]
    assert press(site.maker, again, path, "unfit", 2, reason="other_subject").status_code == 303
    (kept,) = site.shop.db.table("feedback").rows
    assert (kept["useful"], kept["reason_code"]) == (0, "other_subject")


def test_a_refused_word_comes_back_with_what_was_typed(site: Site) -> None:
    path = f"/pairs/{site.need}/{site.offer}?at=4"
    page = page_at(site.maker, path)
    refused = press(site.maker, page, path, "unfit", note="看过现场")
    assert refused.status_code == 422
    shown = page_of(refused)
    (fault,) = by_role(shown, "faults")
    assert "不合适的原因" in words(fault)
    target = fault.xpath(".//a/@href")[0].removeprefix("#")
    assert shown.xpath("//*[@id=$target]", target=target)
    assert shown.xpath("//input[@name='note']/@value") == ["看过现场"]
    assert press(site.maker, shown, path, "unfit", reason="figures_short", note="看过现场").status_code == 303
    (kept,) = site.shop.db.table("feedback").rows
    assert (kept["position"], kept["note"]) == (4, "看过现场")
    where = f"/pairs/{site.need}/{site.offer}/feedback"
    assert send(site.maker, where, {"verdict": "maybe"}).status_code == 422
    assert send(site.maker, f"{where}/withdraw", {}).status_code == 303
    assert list(site.shop.db.table("feedback").rows) == []


def test_a_visitor_has_no_buttons(site: Site) -> None:
    site.app.test_client().get(f"/opportunities/{site.need}")
    assert by_role(page_of(site.app.test_client().get(f"/opportunities/{site.need}")), "judge") == []
    answer = site.app.test_client().post(f"/pairs/{site.need}/{site.offer}/feedback", data={"verdict": "useful"})
    assert answer.status_code == 400


def test_the_report_on_exposure_offers_its_periods(site: Site) -> None:
    page = page_at(site.maker, "/exposure?days=90")
    assert by_role(page, "not-begun")
    assert page.xpath("//nav[@data-role='periods']/a[@aria-current]/text()") == ["近 90 天"]
    assert len(by_role(page, "unseen")[0].xpath(".//tbody/tr")) == 12
    other = by_role(page_at(site.maker, "/exposure?days=17"), "periods")[0]
    assert other.xpath("a[@aria-current]/text()") == ["近 30 天"]
    assert site.browser(roles=["admin"]).get("/exposure").status_code == 200
