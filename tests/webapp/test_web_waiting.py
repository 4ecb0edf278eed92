"""待撮合清单 in the browser: by month, unmatched needs apart, and as a workbook."""

from __future__ import annotations

import io
from datetime import date

import pytest
from desk_site import DeskSite, inside, page_at
from office import by_role, words
from openpyxl import load_workbook


@pytest.fixture
def site(tmp_path, matching_settings) -> DeskSite:
    made = DeskSite(tmp_path, matching_settings)
    made.band((made.need, made.offer), "strong", 0.9)
    return made


def test_needs_that_wait_are_shown_with_their_best_candidates(site: DeskSite) -> None:
    page = page_at(site.broker, "/waiting")
    (matched,), (unmatched,) = by_role(page, "matched"), by_role(page, "unmatched")
    (need,) = inside(matched, "waiting")
    assert int(need.get("data-key")) == site.need
    assert len(inside(need, "candidate")) == 3
    assert "高度匹配" in words(inside(need, "candidate")[0])
    assert len(inside(unmatched, "waiting")) == 7
    assert words(matched.find("h2")) == "有候选能力的 1 项"
    assert words(unmatched.find("h2")) == "没有合适能力的 7 项"


def test_a_month_is_in_the_address_and_in_the_file(site: DeskSite) -> None:
    month = f"{date.today():%Y-%m}"
    page = page_at(site.broker, f"/waiting?month={month}")
    assert page.xpath("//select[@name='month']/option[@selected]/@value") == [month]
    (link,) = by_role(page, "file")
    answer = site.broker.get(link.get("href"))
    assert answer.status_code == 200
    assert f"waiting-{month}.xlsx" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    assert [sheet.max_row for sheet in book] == [2, 8]
    for path in ("/waiting?month=2026-99", "/waiting.xlsx?month=x"):
        refused = site.broker.get(path)
        assert refused.status_code == 400
        assert "应为" in refused.text


def test_reviewers_read_it_and_companies_do_not(site: DeskSite) -> None:
    assert site.person("reviewer").get("/waiting").status_code == 200
    company = site.person("company", organisations=["武汉楚光智感科技有限公司（示例）"])
    for path in ("/waiting", "/waiting.xlsx"):
        assert company.get(path).status_code == 403
        assert "/login" in site.app.test_client().get(path).location
