"""The site over the real market: accessible, narrow enough, silent, usable by keyboard alone."""

from __future__ import annotations

import re

import pytest
from inspection import overflow, tab_to, violations
from playwright.sync_api import BrowserContext, Page, Response, expect
from sample_site import SampleSite

pytestmark = pytest.mark.model

# A landed pair of the samples, and a need that lists no requirements.
NEED, OFFER, STORY = "JH-2026-001", "NL-2026-070", "JH-2026-087"
PAGES = (
    "home",
    "opportunities",
    "capabilities",
    "opportunity",
    "capability",
    "pair",
    "benchmarks",
    "story",
    "story-pair",
)


@pytest.fixture(scope="session")
def addresses(sample_site: SampleSite) -> dict[str, str]:
    """Where each page of PAGES is."""
    need, offer, story = map(sample_site.key, (NEED, OFFER, STORY))
    return {
        "home": "/",
        "opportunities": "/opportunities",
        "capabilities": "/capabilities",
        "opportunity": f"/opportunities/{need}",
        "capability": f"/capabilities/{offer}",
        "pair": f"/pairs/{need}/{offer}",
        "benchmarks": "/benchmarks/2026",
        "story": f"/opportunities/{story}",
        "story-pair": f"/pairs/{story}/{offer}",
    }


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_no_violations(inspected: BrowserContext, addresses: dict[str, str], name: str, width: int) -> None:
    page = inspected.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(addresses[name])
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_narrow_screen(page: Page, addresses: dict[str, str], name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(addresses[name])
    assert overflow(page) == 0


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_silent_under_the_policy(
    page: Page, messages: list[str], addresses: dict[str, str], name: str
) -> None:
    failed: list[Response] = []
    page.on("response", lambda answer: failed.append(answer) if answer.status >= 400 else None)
    answer = page.goto(addresses[name], wait_until="load")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0
    assert (messages, failed) == ([], [])


def test_the_pair_says_how_to_read_its_score(page: Page, addresses: dict[str, str]) -> None:
    page.goto(addresses["pair"])
    limits = page.locator("[data-role=limits]")
    expect(limits).to_have_text(re.compile(r"^高度匹配 ≥0\.\d\d · 较匹配 ≥0\.\d\d · 可了解 ≥0\.\d\d$"))
    assert float(page.locator(".score strong").inner_text()) < 1


def test_a_story_is_judged_sentence_by_sentence(page: Page, addresses: dict[str, str]) -> None:
    page.goto(addresses["story"])
    sentences = page.locator("[data-role=story] li")
    expect(sentences.first).to_contain_text("描述句1")
    cells = page.locator("[data-role=match] >> nth=0").locator("[data-role=strip] li")
    expect(cells).to_have_count(sentences.count())
    page.locator("a[href^='/pairs/']").first.click()
    expect(page.get_by_text("需求未列条目，以下按需求描述逐句比对")).to_be_visible()
    expect(page.locator("[data-role=evidence] tbody tr")).to_have_count(cells.count() or 1)


def test_keyboard_alone_leads_from_a_search_to_the_reasons_and_back(page: Page) -> None:
    page.goto("/")
    tab_to(page, "input[type=search]")
    page.keyboard.type("夜里找不准漏水点")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    tab_to(page, "[data-role=card] a")
    title = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/opportunities/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    tab_to(page, "a[href^='/pairs/']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/pairs/\d+/\d+$"))
    expect(page.locator("[data-role=evidence]")).to_be_visible()
    # The path on the page and the browser's own way back lead to the same need.
    tab_to(page, ".crumbs a[href^='/opportunities/']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/opportunities/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/opportunities/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
