"""Proposes numbered requirement items from a pasted paragraph; every proposal is a piece of that text."""

from __future__ import annotations

import re
from itertools import pairwise

from matching import fold

MAX_PROPOSALS = 20
SHORTEST, LONGEST, PREFERRED = 6, 120, 60

# Where one statement ends. A point inside 1.5米 and a colon inside 8:30 are no ends.
_END = re.compile(r"[。；;！!？?\n\r]+|(?<!\d)[:：]|[:：](?!\d)")
_CIRCLED = "\u2460-\u2473\u2776-\u277f\u24ea"
_MARK = re.compile(
    rf"[{_CIRCLED}]\s*"
    r"|[(（]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[)）]\s*"
    r"|(?:(?<=^)|(?<=[\s。；;：:，,]))(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.．、)）](?!\d)\s*"
    r"|(?:(?<=^)|(?<=[\s。；;：:，,]))[一二三四五六七八九十]是"
    r"|(?:(?<=^)|(?<=\s))[•·●○◆▪*＊\-–—]\s*",
    re.MULTILINE,
)
_CLAUSE = re.compile(r"[，,]+")
_STRIP = " \t\u3000，,、。；;：:!！?？·•"
_LEAD = re.compile(
    r"^(?:具体(?:要求|需求)?(?:如下|包括|为)?|主要(?:要求|需求|包括|技术指标)|技术(?:要求|指标)|其中|同时|此外|另外|并且|而且|"
    r"因此|为此|所以|首先|其次|再次|最后|希望(?:能够?)?|我(?:局|们|单位|公司|院|校|中心)(?:希望|要求|需要)|"
    r"本项目(?:要求|需要)|项目(?:要求|需要)|拟)[，,：:、\s]*"
)
_DEMAND = re.compile(
    r"应当?(?!急|用|对|届|聘|邀|征|答|付|酬|力)|须|必须|需(?!求|量)|要求|实现|支持|覆盖|部署|具备|能够|可(?:以|自动|实时)|确保|保证|"
    r"满足|达到|提供|兼容|对接|接入|不出域|不得|适用于|符合|建立|形成|完成|缩短|降低|提升|提高|替代|自动"
)
_FIRM = re.compile(
    r"应当?(?!急|用|对|届|聘|邀|征|答|付|酬|力)|必须|须(?!知)|要求|不低于|不少于|不超过|不大于|不小于|不得|≥|≤"
)
_THRESHOLD = re.compile(
    r"[≥≤><=]|不(?:低|少|高|大|小|多)于|不超过|以内|以上|以下|之内|至少|至多|"
    r"\d+(?:\.\d+)?\s*(?:%|‰|°c|级|秒|分钟|小时|天|个月|年|ms|毫米|厘米|米|千米|mm|cm|km|公里|吨|千克|kg|"
    r"万元|元|平方米|立方米|台|套|个|路|条|户|家|次|点|项|处|人|座|fps|帧|db|mpa|kw|kwh|w)"
)
# What tells how things are, not what is wanted.
_BACKGROUND = re.compile(
    # "对接现有平台" wants something; "现有平台" alone tells how things are.
    r"目前|(?<![接入与和容用于对合同跟])现有|现状|现在|当前|以往|以前|往年|常年|经常|时常|还有(?=\d)|过去|去年|前年|近年来?|多年来|长期以来|一直以来|每年(?:都|约|有)|年均|已(?:有|建成|经)|"
    r"曾|原有|之前|随着|由于|因为|是.{0,8}(?:单位|企业|城市)|位于|成立于|总投资|占地"
)


def propose_requirements(text: str) -> tuple[str, ...]:
    """Return requirement items proposed from ``text``, in its order, at most 20.

    Each is a verbatim piece of the text without its list mark and lead-in; sentences that only
    tell the background are left out, and the same item comes once.
    """
    found: dict[str, str] = {}
    for piece in _pieces(text):
        for item in _items(piece):
            found.setdefault(fold(item), item)
    return tuple(found.values())[:MAX_PROPOSALS]


def _pieces(text: str) -> list[str]:
    """Cut the text at ends of sentences and at list marks."""
    cuts = sorted((*_spans(_END, text), *_spans(_MARK, text)))
    pieces, start = [], 0
    for begin, end in cuts:
        if begin > start:
            pieces.append(text[start:begin])
        start = max(start, end)
    return [*pieces, text[start:]]


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _items(piece: str) -> list[str]:
    item = _trim(piece)
    # "具体要求如下" alone is no item.
    if len(item) < SHORTEST or _LEAD.fullmatch(item) or not _wanted(item):
        return []
    if len(item) <= PREFERRED:
        return [item]
    return [part for part in map(_trim, _clauses(item)) if SHORTEST <= len(part) <= LONGEST and _wanted(part)]


def _trim(piece: str) -> str:
    item = piece.strip(_STRIP)
    while (lead := _LEAD.match(item)) and len(item) - lead.end() >= SHORTEST:
        item = item[lead.end() :].strip(_STRIP)
    return item


def _wanted(item: str) -> bool:
    folded = fold(item)
    if _BACKGROUND.search(folded) and not _FIRM.search(folded):
        return False
    return bool(_DEMAND.search(folded) or _THRESHOLD.search(folded))


def _clauses(item: str) -> list[str]:
    """Cut a long sentence at commas; a clause that asks for nothing stays with the one before it."""
    bounds = [0, *(match.end() for match in _CLAUSE.finditer(item)), len(item)]
    parts: list[tuple[int, int]] = []
    for start, end in pairwise(bounds):
        joins = parts and end - parts[-1][0] <= PREFERRED and not _wanted(item[start:end])
        if joins:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return [item[start:end] for start, end in parts]
