"""A need from a pasted paragraph to its ranked capabilities, by keyboard alone, through three roles and the worker."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from office_walk import Keys, first_sign_in, join
from playwright.sync_api import expect
from publishing_walk import (
    DRAFT,
    WrittenNeed,
    approve,
    begin,
    fill_in,
    open_in_queue,
    publish,
    read_the_good_news,
    send,
)
from sample_site import SampleSite

pytestmark = [pytest.mark.model, pytest.mark.slow]

OFFICE = "武汉市江岸区城市管理执法局（示例）"
TITLE = "雨水篦子与窨井盖异动早告警"
PASTED = """目前全区约有２万座窨井盖和雨水篦子，靠巡查员每周走一遍，丢失移位往往两三天后才被发现。
具体要求如下：①井盖翘起、移位、缺失后15分钟内自动告警，月度误报率不高于3%；
②终端可在井下潮湿及短时水淹环境工作，防護等級不低于IP68；③電池使用不少于5年，现场更换不需开挖；
④告警能够推送到网格员手机并对接现有城管指挥平台。"""
PROPOSED = 4
NEED = WrittenNeed(
    OFFICE, TITLE, "市政设施科", "武汉市江岸区", "智慧城市", PASTED, PROPOSED,
    "丢失移位往往两三天后才被发现，去年有两起非机动车摔伤。",
)  # fmt: skip
REASON = "请补充首期覆盖多少座井盖，并写明预算。"
ADDED = "首期覆盖不少于3000座井盖和雨水篦子"


def test_a_pasted_paragraph_becomes_a_ranked_opportunity(
    sample_site: SampleSite, sit_down: Callable[[str], Keys]
) -> None:
    officer, reviewer = sit_down("officer"), sit_down("reviewer")
    clerk = join(sample_site, "walk.clerk", "publisher", OFFICE)
    checker = join(sample_site, "walk.checker", "reviewer")

    first_sign_in(officer, clerk)
    begin(officer, NEED)
    fill_in(officer, NEED)
    send(officer, NEED)

    first_sign_in(reviewer, checker)
    send_back(reviewer)

    mend(officer)
    send(officer, NEED)

    approve(reviewer, NEED)
    batch, index_number = publish(reviewer, NEED, "武汉市江岸区科技创新局（示例）", "岸科〔2026〕3号")

    read_the_good_news(officer, NEED)
    key = sample_site.key_of_title(TITLE)
    best = look_at_the_need(officer, key, batch, index_number)
    look_at_the_offer(officer, key, best)


def send_back(keys: Keys) -> None:
    """Return the text with a reason."""
    open_in_queue(keys, NEED)
    keys.picture("first-reading")
    keys.write("form[data-role=return] textarea", REASON)
    keys.follow("form[data-role=return] button")


def mend(keys: Keys) -> None:
    """From the notice to the text, the missing item added, and on to the preview."""
    page = keys.page
    keys.follow(".who a[href='/inbox']")
    notice = page.locator("[data-role=notice]", has_text="被退回修改")
    expect(notice).to_contain_text(REASON)
    keys.picture("notice")
    keys.follow(f"[data-role=notice][data-key='{notice.get_attribute('data-key')}'] button[name=open]")
    expect(page.locator("[data-role=returned]")).to_contain_text(REASON)
    keys.follow(f"{DRAFT}button[value=next]")
    items = page.locator("#f-requirements").input_value()
    keys.write("#f-requirements", f"{items}\n{PROPOSED + 1}. {ADDED}")
    keys.follow(f"{DRAFT}button[value=next]")
    keys.write("#f-budget", "壹佰貳拾萬元")
    keys.follow(f"{DRAFT}button[value=next]")
    expect(page.locator("[data-role=preview]")).to_contain_text(ADDED)


def look_at_the_need(keys: Keys, key: int, batch: str, index_number: str) -> str:
    """Find the new need in the public list; the address of the capability that is ranked first."""
    page = keys.page
    keys.follow(".menu a[href='/opportunities']")
    keys.write("input[type=search]", TITLE)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?q="))
    keys.follow(f"[data-role=card][data-key='{key}'] a")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    facts = page.locator(".facts-card")
    expect(facts).to_contain_text(f"批次{batch}")
    expect(facts).to_contain_text(f"索引号{index_number}")
    expect(facts).to_contain_text("120 万元")
    expect(facts).to_contain_text("2027-12-31")
    assert page.locator("[data-role=match]").count() > 0
    assert page.locator("[data-role=match] >> nth=0").locator("[data-role=strip] li").count() == PROPOSED + 1
    keys.picture("opportunity")
    best = page.locator("[data-role=match] >> nth=0").locator("a[href^='/capabilities/']").first.get_attribute("href")
    assert best is not None
    return best


def look_at_the_offer(keys: Keys, key: int, best: str) -> None:
    """The need stands in the ranking of its best capability too."""
    page = keys.page
    keys.follow(f"[data-role=match] a[href='{best}']")
    page.goto(f"{page.url.partition('?')[0]}?top=50")
    ranking = page.locator("[aria-labelledby=h-matches]")
    match = ranking.locator("[data-role=match]", has=page.locator(f"a[href^='/opportunities/{key}']"))
    expect(match).to_have_count(1)
    expect(match).to_contain_text(TITLE)
    keys.picture("capability")
