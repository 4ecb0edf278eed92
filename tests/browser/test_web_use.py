"""What visitors do: filter, go back, turn pages, use the keyboard only, use no scripts."""

from __future__ import annotations

import re

import pytest
from inspection import tab_to
from playwright.sync_api import Page, Response, expect

TOTAL = "[data-role=total] strong"


@pytest.mark.parametrize(
    "path",
    ["/search?q=监测", "/status", "/help"],
)
def test_pages_are_silent_under_the_policy(page: Page, messages: list[str], path: str) -> None:
    failed: list[Response] = []
    page.on("response", lambda answer: failed.append(answer) if answer.status >= 400 else None)
    page.goto(path, wait_until="load")
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0
    assert (messages, failed) == ([], [])


def test_filters_act_in_place(page: Page, messages: list[str]) -> None:
    page.goto("/opportunities")
    page.evaluate("window.stayed = true")
    page.get_by_label(re.compile("^智慧水利")).check()
    expect(page.locator(TOTAL)).to_have_text("10")
    expect(page).to_have_url(re.compile(r"/opportunities\?domain=[^&]*$"))
    page.get_by_role("searchbox").fill("漏")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=[^&]*&domain="))
    expect(page.locator("[data-role=results] mark").first).to_have_text("漏")
    page.get_by_label("排序").select_option("deadline")
    expect(page).to_have_url(re.compile("order=deadline"))
    assert page.evaluate("window.stayed")
    assert messages == []


def test_the_total_is_announced_in_place(page: Page) -> None:
    page.goto("/opportunities")
    page.evaluate("window.total = document.getElementById('total')")
    page.get_by_label(re.compile("^智慧水利")).check()
    expect(page.locator(TOTAL)).to_have_text("10")
    assert page.evaluate("window.total === document.getElementById('total') && window.total.role === 'status'")


def test_focus_stays_on_the_order(page: Page) -> None:
    page.goto("/opportunities")
    order = page.get_by_label("排序")
    order.focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("order=deadline"))
    expect(order).to_be_focused()
    expect(order).to_have_value("deadline")


def test_focus_stays_on_the_ticked_filter(page: Page) -> None:
    page.goto("/opportunities")
    box = page.get_by_label(re.compile("^智慧水利"))
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(TOTAL)).to_have_text("10")
    expect(box).to_be_focused()
    expect(box).to_be_checked()


def test_back_keeps_the_filters(page: Page) -> None:
    page.goto("/opportunities")
    page.get_by_label(re.compile("^智慧水利")).check()
    expect(page.locator(TOTAL)).to_have_text("10")
    page.get_by_label(re.compile("^武汉")).check()
    expect(page).to_have_url(re.compile("region="))
    page.locator("[data-role=card] a").first.click()
    expect(page).to_have_url(re.compile(r"/opportunities/\d+$"))
    page.go_back()
    expect(page.get_by_label(re.compile("^智慧水利"))).to_be_checked()
    expect(page.get_by_label(re.compile("^武汉"))).to_be_checked()
    page.go_back()
    expect(page.locator(TOTAL)).to_have_text("10")
    expect(page.get_by_label(re.compile("^智慧水利"))).to_be_checked()
    expect(page.get_by_label(re.compile("^武汉"))).not_to_be_checked()


def test_filters_open_on_a_narrow_screen_and_stay_open(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/opportunities")
    box = page.get_by_label(re.compile("^智慧水利"))
    expect(box).not_to_be_visible()
    page.get_by_text("筛选条件").click()
    box.check()
    expect(page.locator(TOTAL)).to_have_text("10")
    expect(box).to_be_visible()


def test_display_choice_comes_back_to_the_filtered_list(page: Page) -> None:
    page.goto("/opportunities")
    page.get_by_label(re.compile("^智慧水利")).check()
    expect(page.locator(TOTAL)).to_have_text("10")
    page.get_by_role("link", name="大字").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    expect(page.locator(TOTAL)).to_have_text("10")


def test_everything_works_without_scripts(unscripted: Page) -> None:
    page = unscripted
    page.goto("/")
    page.get_by_role("searchbox").fill("监测")
    page.get_by_role("button", name="搜索").click()
    expect(page).to_have_url(re.compile("/search"))
    page.goto("/opportunities")
    page.get_by_label(re.compile("^智慧水利")).check()
    page.get_by_role("button", name="应用筛选").click()
    expect(page.locator(TOTAL)).to_have_text("10")
    page.get_by_role("link", name="清除全部条件").click()
    expect(page.locator(TOTAL)).to_have_text("90")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("[data-role=total]")).to_contain_text("第 2 / 5 页")
    page.get_by_label("排序").select_option("deadline")
    page.get_by_role("button", name="排序").click()
    expect(page).to_have_url(re.compile("order=deadline"))


def test_the_first_key_offers_to_skip_the_frame(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_focus_is_seen(page: Page) -> None:
    page.goto("/opportunities")
    tab_to(page, "[data-role=card] a")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_pages_print_on_white_without_the_frame(page: Page) -> None:
    page.goto("/pairs/1/1001")
    page.emulate_media(media="print")
    expect(page.locator(".menu")).not_to_be_visible()
    expect(page.locator("[data-role=evidence]")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
