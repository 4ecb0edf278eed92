"""The import wizard in a browser: without JavaScript on a phone, by keyboard, and before the checker."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn_site import running
from inspection import FOCUSED, overflow, tab_to, violations
from openpyxl import Workbook
from playwright.sync_api import Browser, Page

HERE = Path(__file__).resolve().parent
PASSWORD = "Xunjian-2026-quanshui"
OFFICE = "示例市水务局（示例）"
ROWS = (
    ("场景名称", "需求单位", "拟落地应用区域", "需求描述", "投资额（万元）", "截止时间"),
    (
        "供水管网漏点自动发现",
        OFFICE,
        "武汉市江夏区",
        "老旧管网漏损率偏高，人工听漏效率低。",
        "３００",
        "2027年12月31日",
    ),
    ("泵站无人值守巡检", OFFICE, "潜江市区", "泵站分散，夜间值守人手不足。", "80-100", "2027/2/30"),
    ("供水管网漏点自动发现", OFFICE, "武汉市江夏区", "老旧管网漏损率偏高，人工听漏效率低。", "300", "2027年12月31日"),
)


def answers(base: str) -> bool:
    with urllib.request.urlopen(f"{base}/login", timeout=5):
        return True


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of a running office."""
    folder = tmp_path_factory.mktemp("office-site")
    paths = ",".join(map(str, (HERE.parent / "webapp", HERE.parent, HERE)))
    environment = {**os.environ, "OFFICE_FOLDER": str(folder)}
    with running("office_site:app", ["-w", "1", "--pythonpath", paths], environment, folder / "log", answers) as base:
        yield base


@pytest.fixture(scope="module")
def needs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list with a day that is none, a place that has a better name, and a row that says what another says."""
    path, book = tmp_path_factory.mktemp("lists") / "需求汇总.xlsx", Workbook()
    assert book.active is not None
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    return path


def enter(page: Page) -> None:
    page.goto("/login")
    page.fill("[autocomplete=username]", "worker1")
    page.fill("[type=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[type=password]", "Enter")


def press(page: Page, selector: str) -> None:
    """Reach a control with Tab and press Enter."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_whole_way_by_keyboard_without_scripts_on_a_phone(unscripted: Page, needs: Path) -> None:
    page = unscripted
    page.set_viewport_size({"width": 390, "height": 800})
    enter(page)
    page.goto("/imports/new")
    page.set_input_files("#f-file", needs)
    press(page, "[data-role=upload] button")
    assert page.locator("#c-5").input_value() == "deadline"
    press(page, "[data-role=columns] > .row button")

    assert "有问题 1" in page.inner_text("[data-role=summary]")
    press(page, "[data-field=deadline] [data-role=suggestion] button")
    # The row that was mended is where one goes on.
    assert page.evaluate("location.hash") == "#r2"
    page.goto(page.url.partition("?")[0] + "?state=twin")
    tab_to(page, "[name=d-3]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED, "[name=d-3][value=skip]")
    press(page, "button[form=decisions]")
    press(page, "[data-role=next]")
    press(page, "[data-role=confirm] button")
    assert page.locator("[data-role=job]").get_attribute("data-state") == "queued"
    assert overflow(page) == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_every_step_passes_the_checker_and_fits_the_screen(
    browser: Browser, site: str, needs: Path, width: int
) -> None:
    context = browser.new_context(
        base_url=site, locale="zh-CN", viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    enter(page)

    def sound() -> None:
        assert violations(page) == [], page.url
        assert overflow(page) == 0, page.url

    page.goto("/imports/new")
    sound()
    page.set_input_files("#f-file", needs)
    page.click("[data-role=upload] button")
    sound()
    page.click("[data-role=columns] > .row button")
    page.goto(page.url.partition("?")[0] + "?state=all")
    sound()
    page.click("[data-role=decisions] [value=skip]")
    page.goto(page.url.partition("/check")[0] + "/confirm")
    sound()
    page.check("#f-how-2")
    page.click("[data-role=confirm] .btn")
    assert page.locator("[data-role=faults]").is_visible()
    sound()
    page.goto("/imports")
    sound()
    context.close()
