"""Walks through the office by keyboard alone: the page is opened once, everything after that is keys.

``Keys`` moves the focus with Tab, types, and presses Enter or Space; at every stop the focus must be seen.
``join`` makes an account with the command of the marketplace, ``sign_in`` and ``choose_password`` walk its first day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from inspection import tab_to
from playwright.sync_api import Page, expect
from sample_site import SampleSite

# From the first link of a page to the last of a long one.
FAR = 400
NARROW = 390
# What shows where the focus is: an outline thick enough, on an element inside the window.
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const marked = one.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
    && box.right > 0 && box.left < innerWidth;
  return marked && inside;
}"""
SIGN_IN = "form[data-role=sign-in] "
PASSWORD = "form[data-role=password] "


@dataclass(frozen=True)
class Person:
    """An account made for a walk: its login, the one-time password, and the one that is chosen."""

    login: str
    issued: str
    password: str


class Keys:
    """One person at one window with a keyboard and no mouse."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures = page, pictures
        self._taken = 0

    def reach(self, selector: str) -> None:
        """Press Tab until the focus is on a matching element, which must look focused."""
        tab_to(self.page, selector, FAR)
        assert self.page.evaluate(SEEN), f"the focus on {selector} is not seen"

    def follow(self, selector: str) -> None:
        """Reach a link or button, press Enter, and wait for the page it leads to."""
        self.reach(selector)
        # What is saved while typing counts as a navigation too, but loads no page.
        with self.page.expect_event("load"):
            self.page.keyboard.press("Enter")

    def tick(self, selector: str) -> None:
        """Reach a box and tick it with the space bar."""
        self.reach(selector)
        self.page.keyboard.press("Space")
        assert self.page.evaluate("document.activeElement.checked"), selector

    def unfold(self, selector: str) -> None:
        """Reach the summary of something folded and open it with the space bar."""
        self.reach(selector)
        self.page.keyboard.press("Space")
        assert self.page.evaluate("document.activeElement.parentElement.open"), selector

    def write(self, selector: str, text: str) -> None:
        """Reach a field and write over what is in it."""
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        assert self.page.evaluate("document.activeElement.value") == text, selector

    def choose(self, selector: str, label: str) -> None:
        """Reach a list to choose from and go down to the entry of this label."""
        self.reach(selector)
        self.page.keyboard.press("Home")
        chosen = "document.activeElement.selectedOptions[0].label"
        for _ in range(self.page.evaluate("document.activeElement.options.length")):
            if self.page.evaluate(chosen) == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{selector} does not offer {label}")

    def picture(self, name: str) -> None:
        """Keep what the window shows, whole, as it is and on a narrow screen, for whoever looks at the walk."""
        self._taken += 1
        size = self.page.viewport_size
        assert size is not None
        for width in (NARROW, size["width"]):
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            self.page.screenshot(path=self._pictures / f"{self._taken:02}-{name}-{width}.png", full_page=True)


def join(site: SampleSite, login: str, role: str, organisation: str = "") -> Person:
    """Make an account with the marketplace's command and give it a role."""
    told = site.market("account", "add", login, "--name", f"{login} 岗位")
    issued = re.search(r"一次性密码：(\S+)", told)
    assert issued is not None, told
    place = ["--organisation", organisation] if organisation else []
    assert "已授予" in site.market("account", "grant", login, "--role", role, *place)
    return Person(login, issued.group(1), "Jinggai-2026-gaojing")


def sign_in(keys: Keys, person: Person, password: str) -> None:
    """From the open page by its link to the form, and in."""
    keys.follow("a[href^='/login']")
    keys.write(f"{SIGN_IN}[autocomplete=username]", person.login)
    keys.write(f"{SIGN_IN}[type=password]", password)
    keys.follow(f"{SIGN_IN}button")
    expect(keys.page.locator(".who")).to_contain_text(f"{person.login} 岗位")


def first_sign_in(keys: Keys, person: Person) -> None:
    """Sign in with the one-time password, which leads nowhere but to choosing another."""
    sign_in(keys, person, person.issued)
    expect(keys.page.locator("[data-role=must]")).to_be_visible()
    keys.picture("forced-password")
    for name, text in (("old", person.issued), ("new", person.password), ("repeated", person.password)):
        keys.write(f"{PASSWORD}[name={name}]", text)
    keys.follow(f"{PASSWORD}button")
    expect(keys.page.locator("[data-role=must]")).to_have_count(0)
