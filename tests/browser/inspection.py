"""What every page is held against: the accessibility checker and the width of the screen."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(details => { details.open = true })"
FOCUSED = "selector => document.activeElement.matches(selector)"


def violations(page: Page) -> list[str]:
    """What the checker finds on the page, folded parts included."""
    page.evaluate(UNFOLD)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RUN, TAGS)["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the screen, folded parts included."""
    page.evaluate(UNFOLD)
    width: int = page.evaluate(OVERFLOW)
    return width


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Press Tab until what is focused matches."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, selector):
            return
    raise AssertionError(f"Tab did not reach {selector}")
