"""What the sample site does not show passes the checker too, and every page fits every letter size."""

from __future__ import annotations

import pytest
from inspection import overflow, violations
from playwright.sync_api import BrowserContext, Page

# The pages that the tests of the sample site inspect.
COMMON = {
    "home": "/",
    "opportunities": "/opportunities",
    "capabilities": "/capabilities",
    "opportunity": "/opportunities/1",
    "capability": "/capabilities/1001",
    "pair": "/pairs/1/1001",
    "benchmarks": "/benchmarks/2026",
}
OTHER = {
    "filtered": "/opportunities?q=监测&region=武汉市",
    "empty": "/opportunities?q=没有这种东西&domain=新材料",
    "nothing-fits": "/opportunities/2",
    "search": "/search?q=监测",
    "status": "/status",
    "help": "/help",
    "message": "/nothing",
}
PAGES = COMMON | OTHER


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", OTHER)
def test_no_violations(inspected: BrowserContext, name: str, width: int) -> None:
    page = inspected.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(PAGES[name])
    assert violations(page) == []


@pytest.mark.parametrize("name", ["home", "filtered", "opportunity", "pair", "benchmarks", "help"])
def test_no_violations_in_high_contrast(inspected: BrowserContext, site: str, name: str) -> None:
    inspected.add_cookies([{"name": "theme", "value": "contrast", "url": site}])
    page = inspected.new_page()
    page.goto(PAGES[name])
    assert page.locator("html").get_attribute("data-theme") == "contrast"
    assert violations(page) == []


@pytest.mark.parametrize(("width", "size"), [(390, "xlarge"), (1280, "large"), (1280, "xlarge")])
@pytest.mark.parametrize("name", PAGES)
def test_no_letter_size_is_wider_than_the_screen(page: Page, site: str, name: str, width: int, size: str) -> None:
    page.context.add_cookies([{"name": "size", "value": size, "url": site}])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PAGES[name])
    assert page.locator("html").get_attribute("data-size") == size
    assert overflow(page) == 0


@pytest.mark.parametrize("name", OTHER)
def test_nothing_is_wider_than_a_narrow_screen(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(PAGES[name])
    assert overflow(page) == 0
