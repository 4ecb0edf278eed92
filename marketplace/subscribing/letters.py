"""Writes what people are told, in plain Chinese: the notice in the inbox and the letter by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.subscribing.fits import Fit, Group

# A letter names so many and counts the others.
NAMED = 20
DISCLAIMER = "匹配结果仅供参考，不构成采购结果或推荐供应商。"
MANAGE = "/subscriptions"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A pairing of a matchmaker that waits too long; ``days`` since its limit or its next step."""

    path: str
    title: str
    stage: str
    days: int
    next_step: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told: a title, a first sentence, the lines below with their links, and why it came.

    ``lines`` are (text, path): a path is written out in letters and left away in the inbox.
    """

    title: str
    lead: str
    lines: tuple[tuple[str, str], ...]
    reason: str
    link: str
    items: int

    @property
    def notice_body(self) -> str:
        """The text for the inbox, where one click leads on."""
        return "\n".join([self.lead, *(text for text, _ in self.lines if text)])

    def letter_body(self, address: str, stop: str) -> str:
        """The text for mail; ``address`` is where the site is found, ``stop`` the path that ends this letter."""
        rows = [self.lead, ""]
        for text, path in self.lines:
            rows += [text] if text or not path else []
            rows += [f"   {link_to(address, path)}"] if path else []
        rows += ["", "--", f"通知原因：{self.reason}"]
        rows += [f"停止接收：{link_to(address, stop)}（无需登录，打开后确认即停止）"]
        rows += [f"调整订阅：{link_to(address, MANAGE)}", DISCLAIMER, ""]
        return "\n".join(rows)


def link_to(address: str, path: str) -> str:
    """Return a link as it stands in a letter; without a known address the reader finds the path on the site."""
    return f"{address}{path}" if address else f"本站 {path}"


def group_lines(groups: Sequence[Group]) -> tuple[tuple[str, str], ...]:
    """Return the lines of what is news, group by group, at most ``NAMED`` items in all."""
    lines: list[tuple[str, str]] = []
    left = NAMED
    for group in groups:
        lines.append((f"【{group.title}】", ""))
        for number, fit in enumerate(group.fits[:left], 1):
            lines += _fit_lines(number, fit)
        hidden = len(group.fits) - left
        if hidden > 0:
            lines.append((f"另有 {hidden} 项从略。", group.path or MANAGE))
        left = max(0, left - len(group.fits))
        if group.gap is not None:
            gap = group.gap
            lines.append((
                f"还缺什么：较匹配以上的 {gap.of} 项需求中，有 {gap.needs} 项要求“{gap.text}”，"
                "能力清单没有写明或不满足。能做到的，补充后更容易被找到。", group.path,
            ))  # fmt: skip
        lines.append(("", ""))
    return tuple(lines[:-1])


def overdue_lines(found: Sequence[Overdue]) -> tuple[tuple[str, str], ...]:
    """Return the lines of pairings that wait, longest first."""
    lines = []
    for number, one in enumerate(found[:NAMED], 1):
        step = f"；下一步：{one.next_step}" if one.next_step else ""
        lines.append((f"{number}. {one.title}（{one.stage}，超期 {one.days} 天{step}）", one.path))
    if len(found) > NAMED:
        lines.append((f"另有 {len(found) - NAMED} 项从略。", "/pairings"))
    return tuple(lines)


def count_of(groups: Sequence[Group]) -> int:
    """Return how many different postings the groups tell of."""
    return len({fit.key for group in groups for fit in group.fits})


def _fit_lines(number: int, fit: Fit) -> list[tuple[str, str]]:
    band = f"（{fit.band}）" if fit.band else ""
    facts = "；".join(filter(None, [fit.organisation, fit.deadline and f"截止 {fit.deadline}"]))
    lines = [(f"{number}. {fit.title}{band}", "")]
    lines += [(f"   {facts}", "")] if facts else []
    lines += [(f"   推荐理由：{fit.why}。", "")] if fit.why else []
    return [*lines[:-1], (lines[-1][0], fit.path)]
