"""Every page passes the accessibility checker and fits a narrow screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "opportunities": "/opportunities",
    "filtered": "/opportunities?q=监测&region=武汉市",
    "empty": "/opportunities?q=没有这种东西&domain=新材料",
    "capabilities": "/capabilities",
    "opportunity": "/opportunities/1",
    "nothing-fits": "/opportunities/2",
    "capability": "/capabilities/1001",
    "pair": "/pairs/1/1001",
    "search": "/search?q=监测",
    "benchmarks": "/benchmarks/2026",
    "status": "/status",
    "help": "/help",
    "message": "/nothing",
}
RUN = """tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RUN, TAGS)["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
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


@pytest.mark.parametrize(("width", "size"), [(320, "standard"), (390, "xlarge"), (1280, "large"), (1280, "xlarge")])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(page: Page, site: str, name: str, width: int, size: str) -> None:
    page.context.add_cookies([{"name": "size", "value": size, "url": site}])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PAGES[name])
    assert page.locator("html").get_attribute("data-size") == size
    assert page.evaluate(OVERFLOW) == 0
