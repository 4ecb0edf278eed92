"""Reads a share told in two counts as per cent: 一千辆里认错的不到三辆, 每千份出错八份, 一百次里认准九十六次."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from matching.text.numerals import POWERS
from matching.text.quantity import Quantity
from matching.text.units import COUNTERS, PERCENT, UNIT

_RIGHT = "认准|认对|命中|找到|找准|判对|答对|成功|正确|识别出|检出|达标|查出|读出"
_WRONG = "错|漏|误判|误报|失败|掉线|离线"
_TOLD = re.compile(rf"[^,;。:、()]*(?:{_RIGHT}|{_WRONG})[^,;。:、()\d]{{0,6}}$")
_TOLD_FIRST = re.compile(rf"[^;。:()]*(?:{_WRONG})[^,;。:()\d]{{0,8}},?$")
_AMONG = re.compile("(?:里|中|里头|当中)(?:只?有)?")
_EVERY = re.compile(rf"每(?P<all>[百千万])(?P<unit>{UNIT})[^;。\d]{{0,12}}$")
# Of fewer a share says little; a longer way off the second count is another matter.
_FEWEST, _FARTHEST, _NEXT = 50, 24, 2


def shares_of(text: str, written: str, found: Sequence[Quantity], spans: Sequence[tuple[int, int]]) -> list[Quantity]:
    """Return the shares that counts of folded ``text`` make with a count of the same before them.

    ``written`` is the text their words are taken from, place by place the same.
    """
    shares = []
    for place, part in enumerate(found):
        if not part.dimension.startswith("count:"):
            continue
        begin, end = spans[place]
        told = _TOLD.search(text[max(0, begin - _FARTHEST) : begin])
        if told is None and place and _AMONG.fullmatch(text[spans[place - 1][1] : begin]):
            # 错打成坏品的，一万件里四十件
            told = _TOLD_FIRST.search(text[max(0, spans[place - 1][0] - _FARTHEST) : spans[place - 1][0]])
        if told is None:
            continue
        whole = _whole(text, found, spans, place)
        if whole is None or part.high > whole[0]:
            continue
        low, high = 100 * part.low / whole[0], 100 * part.high / whole[0]
        words = written[whole[1] : end]
        context = told.group() + "\n"
        shares.append(
            replace(part, low=low, high=high, dimension=PERCENT, text=words, context=context, per_s=None, each="")
        )
    return shares


def _whole(
    text: str, found: Sequence[Quantity], spans: Sequence[tuple[int, int]], place: int
) -> tuple[float, int] | None:
    """Return how many the part is of, and where they are told."""
    part, begin = found[place], spans[place][0]
    for earlier in range(place - 1, max(-1, place - 1 - _NEXT), -1):
        whole, (start, end) = found[earlier], spans[earlier]
        near = begin - end <= _FARTHEST and not re.search("[;。]", text[end:begin])
        if near and whole.dimension == part.dimension and not whole.direction and whole.low >= _FEWEST:
            return whole.low, start
    every = _EVERY.search(text[max(0, begin - _FARTHEST) : begin])
    if every and f"count:{COUNTERS.get(every['unit'])}" == part.dimension:
        return POWERS[every["all"]], max(0, begin - _FARTHEST) + every.start()
    return None
