"""The way of a need onto the list by keyboard alone: written by an officer, passed and published by a reviewer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from office_walk import Keys
from playwright.sync_api import expect

DRAFT = "form[data-role=draft] "
JOB_S = 120_000


@dataclass(frozen=True)
class WrittenNeed:
    """What an officer types; the requirements are proposed from the pasted paragraph, so many of them."""

    office: str
    title: str
    department: str
    district: str
    domain: str
    pasted: str
    proposed: int
    background: str


def begin(keys: Keys, need: WrittenNeed) -> None:
    """From the own list to the first step of a new text."""
    keys.follow(".office a[href='/my']")
    keys.follow(".title-row a[href*='kind=opportunity']")
    keys.choose("form[data-role=new-draft] select", need.office)
    keys.follow("form[data-role=new-draft] button")


def fill_in(keys: Keys, need: WrittenNeed) -> None:
    """The steps of the form; the items of the need come from the paragraph."""
    page = keys.page
    keys.write(f"{DRAFT}[name=title]", need.title)
    keys.write(f"{DRAFT}[name=department]", need.department)
    keys.write(f"{DRAFT}[name=district]", need.district)
    keys.write(f"{DRAFT}[name=domain]", need.domain)
    keys.picture("basic")
    keys.follow(f"{DRAFT}button[value=next]")

    keys.unfold(".paste summary")
    keys.write("#f-pasted", need.pasted)
    keys.follow(f"{DRAFT}button[value=propose]")
    expect(page.locator("[data-role=proposed]")).to_contain_text(f"拟出 {need.proposed} 条")
    for number in range(1, need.proposed + 1):
        keys.tick(f"#take-{number}")
    keys.picture("proposed")
    keys.follow(f"{DRAFT}button[value=take]")
    items = page.locator("#f-requirements").input_value().splitlines()
    assert [item.partition(".")[0] for item in items] == [str(number) for number in range(1, need.proposed + 1)]
    assert all(item.partition(" ")[2] in need.pasted for item in items)
    keys.write("#f-background", need.background)
    keys.picture("need")
    keys.follow(f"{DRAFT}button[value=next]")

    keys.write("#f-deadline", "２０２７年１２月３１日")
    keys.follow(f"{DRAFT}button[value=next]")
    expect(page.locator("[data-role=preview]")).to_contain_text(items[0].partition(" ")[2])


def send(keys: Keys, need: WrittenNeed) -> None:
    """From the preview into review."""
    keys.picture("preview")
    keys.follow("form[data-role=submit] button")
    expect(keys.page.locator(".said")).to_contain_text("已送审")
    expect(keys.page.locator("[data-role=drafts] [data-role=draft]", has_text=need.title)).to_have_count(1)


def open_in_queue(keys: Keys, need: WrittenNeed) -> None:
    """The text's page at the reviewers'."""
    keys.follow(".office a[href='/review']")
    keys.picture("queue")
    row = keys.page.locator("[data-role=row]", has_text=need.title)
    keys.follow(f"[data-role=row][data-key='{row.get_attribute('data-key')}'] a")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text(need.title)


def approve(keys: Keys, need: WrittenNeed) -> None:
    """Pass the text, with the secrecy check."""
    open_in_queue(keys, need)
    keys.tick("form[data-role=approve] [name=secrecy]")
    keys.picture("second-reading")
    keys.follow("form[data-role=approve] button")


def publish(keys: Keys, need: WrittenNeed, issuer: str, document_number: str) -> tuple[str, str]:
    """Put the text into a batch and follow its job to the end; the batch's name and the text's index number."""
    page = keys.page
    keys.follow(".office a[href='/batches']")
    keys.follow("[data-role=begin] a[href*='kind=opportunity']")
    keys.write("form[data-role=new-batch] [name=issuer]", issuer)
    keys.write("form[data-role=new-batch] [name=document_number]", document_number)
    assert page.locator("form[data-role=new-batch] [name=draft]:checked").count() == 1
    keys.picture("batch-form")
    keys.follow("form[data-role=new-batch] button")
    expect(page).to_have_url(re.compile(r"/jobs/\d+$"))
    keys.picture("job")
    expect(page.locator("[data-role=job]")).to_have_attribute("data-state", "done", timeout=JOB_S)
    keys.picture("job-done")
    keys.follow("[data-role=onward]")
    member = page.locator("[data-role=member]")
    expect(member).to_contain_text(need.title)
    keys.picture("batch")
    batch = re.search(r"\d{4}年第\d+批", page.get_by_role("heading", level=1).inner_text())
    assert batch is not None
    return batch.group(), member.locator("th").inner_text()


def read_the_good_news(keys: Keys, need: WrittenNeed) -> None:
    """The author learns that the text is public."""
    keys.follow(".who a[href='/inbox']")
    expect(keys.page.locator("[data-role=notice]", has_text=f"“{need.title}”已发布，编入")).to_have_count(1)
