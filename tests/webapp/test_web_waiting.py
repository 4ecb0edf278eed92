"""待撮合清单 in the browser: by month, unmatched needs apart, and as a workbook."""

from __future__ import annotations

import io
from datetime import date

import pytest
from desk_site import DeskSite, inside, page_at
from office import by_role, words
from openpyxl import load_workbook

from marketplace.store.database import transaction


@pytest.fixture
def site(tmp_path, matching_settings) -> DeskSite:
    made = DeskSite(tmp_path, matching_settings)
    made.band((made.need, made.offer), "strong", 0.9)
    return made


def test_needs_that_wait_are_shown_with_their_best_candidates(site: DeskSite) -> None:
    page = page_at(site.broker, "/waiting")
    (matched,) = by_role(page, "matched")
    (need,) = inside(matched, "waiting")
    assert int(need.get("data-key")) == site.need
    assert len(inside(need, "candidate")) == 3
    assert "高度匹配" in words(inside(need, "candidate")[0])
    assert words(matched.find("h2")) == "有候选能力的 1 项"
    assert by_role(page, "unmatched") == []
    (notes,) = by_role(page, "notes")
    assert "搁置" in words(notes)


def test_needs_without_a_good_candidate_are_called_out_apart(site: DeskSite) -> None:
    (parts,) = by_role(page_at(site.broker, "/waiting"), "parts")
    links = {words(link): link.get("href") for link in parts.iter("a")}
    assert list(links) == ["有候选能力（1）", "没有合适能力（7）"]
    page = page_at(site.broker, links["没有合适能力（7）"])
    (unmatched,) = by_role(page, "unmatched")
    assert len(inside(unmatched, "waiting")) == 7
    assert words(unmatched.find("h2")) == "没有合适能力的 7 项"
    assert "建议联系需求单位补充材料" in words(unmatched)
    (current,) = page.xpath("//*[@data-role='parts']/a[@aria-current]")
    assert words(current) == "没有合适能力（7）"


def test_a_long_list_is_turned_page_by_page_and_goes_out_whole(
    site: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.presenters.waiting.PAGE", 3)
    month = f"{date.today():%Y-%m}"
    first = page_at(site.broker, f"/waiting?part=unmatched&month={month}")
    (following,) = first.xpath("//nav[@class='paging']/a[@rel='next']/@href")
    seen = [int(one.get("data-key")) for one in by_role(first, "waiting")]
    second = page_at(site.broker, following)
    assert [words(one) for one in second.xpath("//nav[@class='paging']//*[@aria-current]")] == ["当前第2页"]
    (last,) = second.xpath("//nav[@class='paging']/a[@rel='next']/@href")
    for page in (second, page_at(site.broker, last)):
        seen += [int(one.get("data-key")) for one in by_role(page, "waiting")]
    assert len(seen) == len(set(seen)) == 7
    # Past the end is the last page; what is no number is the first.
    assert [one.get("data-key") for one in by_role(page_at(site.broker, "/waiting?part=unmatched&page=99"), "waiting")]
    assert int(by_role(page_at(site.broker, "/waiting?part=unmatched&page=x"), "waiting")[0].get("data-key")) == seen[0]
    assert by_role(page_at(site.broker, "/waiting?part=else"), "matched")
    (link,) = by_role(second, "file")
    book = load_workbook(io.BytesIO(site.broker.get(link.get("href")).data))
    assert [sheet.max_row for sheet in book] == [2, 8]


def test_another_page_and_part_keep_the_month_and_the_month_keeps_the_part(
    site: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.presenters.waiting.PAGE", 3)
    with transaction(site.db):
        site.db.conn.execute("update posting set published_on = '2026-03-10'")
    past = page_at(site.broker, "/waiting").xpath("//select[@name='month']/option/@value")[1]
    page = page_at(site.broker, f"/waiting?part=unmatched&month={past}")
    links = page.xpath("//nav[@class='paging']//a/@href | //*[@data-role='parts']/a/@href")
    assert len(links) > 3
    assert all(f"month={past}" in link for link in links)
    assert page.xpath("//form[@aria-label='选择月份']//input[@name='part']/@value") == ["unmatched"]
    assert page.xpath("//select[@name='month']/option[@selected]/@value") == [past]


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
