"""Reads cells that hold several things or one plain one: numbered lines, names, yes or no, a whole number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from marketplace.records.values import (
    BLANK,
    Cell,
    UnreadableError,
    as_text,
    comparable,
    half_width,
    quoted,
    read_numeral,
)
from marketplace.records.written import read_exact_lines
from matching import fold

_NEWLINES = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_CIRCLED = "\u2460-\u2473\u3251-\u325f\u32b1-\u32bf\u2776-\u277f\u24f5-\u24fe"
_HAN = "一二三四五六七八九十"
_APART = r"(?<![A-Za-z\d.(])"
# Kind of mark → what it looks like in half-width text; its only group is the number it carries.
_MARKS = {
    "circled": re.compile(rf"([{_CIRCLED}])[.、:]?"),
    "enclosed": re.compile(r"([\u2474-\u249b])[.、:]?"),
    "bracketed": re.compile(r"\((\d{1,2})\)[.、:]?"),
    "half": re.compile(rf"{_APART}(\d{{1,2}})\)[.、:]?"),
    "point": re.compile(rf"{_APART}(\d{{1,2}})\.(?!\d)"),
    "comma": re.compile(rf"{_APART}(?<!、)(\d{{1,2}})、"),
    "ordinal": re.compile(rf"第([{_HAN}]{{1,3}}|\d{{1,2}})[、,:.]"),
    "han_bracketed": re.compile(rf"\(([{_HAN}]{{1,3}})\)[.、:]?"),
    "han": re.compile(rf"(?<![{_HAN}\d第])([{_HAN}]{{1,3}})[、.]"),
}
# Every mark of the kinds above holds one of these; most lines hold none.
_SOME_MARK = re.compile(rf"[{_CIRCLED}\u2474-\u249b]|[\d{_HAN}][)、.,:]")
# These read like part of a sentence (楼栋1、楼栋2、周一、周二) unless the first stands at a boundary.
_PLAIN_KINDS = {"half", "point", "comma", "han"}
_BOUNDARY = re.compile(r"[\s:;。,、!?)]")
# "2.24小时" may be a figure; only the lines around it tell that it is the second item.
_WEAK = re.compile(r"(\d{1,2})\.(?=\d)")
_COUNTED = re.compile(rf"\d|[{_HAN}]{{1,3}}[、.]")
_DEEPEST = 20
_BULLET = re.compile(r"[•●○◦■□◆◇▪▫▶►➢➤★☆※*·∙‣⁃]\s*(?=\S)|[-–—]\s+(?=\S)|[-–—](?=[^\W\d_])")
_INLINE_BULLET = re.compile(r"[•●■◆▪►➢➤]")
_OPENING, _CLOSING = "([{<（［｛＜《【“‘「『", ")]}>）］｝＞》】”’」』"
_TRAILING = "；;，,、 \t\u3000"
_SEPARATORS = "、，,；;|｜/／\n\t"
_YES = "是 可 有 能 对 需 要 可以 支持 愿意 提供 同意 需要 接受 具备 已有 √ ✓ ✔ ☑ y yes t true on ok 1"
_NO = (
    "否 不 无 没有 不是 不可 不能 不对 不需 不要 不可以 不支持 不愿意 不提供 不同意 不需要 不接受 不具备 暂无"
    " × ✗ ✘ ✕ ☒ x n no f false off 0"
)
_SWITCH = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)
_UNKNOWN = (BLANK - {"无"}) | {"待定", "未定", "不详", "未知", "待确认", "n/a"}
_UNTICKED = re.compile(r"[□☐][^□☐☑■√✓✔☒]*")
_LONE_BEFORE, _LONE_AFTER = re.compile(r"(?<![A-Za-z])[A-Za-z]$"), re.compile(r"[A-Za-z](?![A-Za-z])")
_TICK = "☑■√✓✔☒"
_WHOLE = re.compile(
    r"(?:trl|约|共|第)*[-\s:]*(?P<number>[\d,.零〇○一二两三四五六七八九十百千万亿]+)\s*[余多]?"
    r"(?:个|级|人|名|家|项|年|台|套|次|件|条|天|月|分|岁|户|座|处|批|期)?"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A list mark in a line: its kind, the number it carries and where it stands."""

    kind: str
    number: int
    start: int
    end: int
    weak: bool = False


def read_lines(value: Cell) -> tuple[str, ...]:
    """Return the items of a cell: its lines, and what list marks (1. （1） ① 一、 •) tell apart in them.

    Marks count only where they number consecutive items, so 1.5米 and 3、5、7号楼 stay whole. Without
    lines and marks, the clauses between semicolons are the items. The wording is kept as it is.
    """
    text = as_text(value)
    exact = read_exact_lines(text)
    if exact is not None:
        return tuple(item for item in exact if item)
    if _is_blank(text):
        return ()
    lines = [line.strip() for line in _NEWLINES.split(text) if line.strip()]
    heads = [_head(line) for line in lines]
    dashed = sum(line[0] in "-–—" for line in lines) > 1
    items: list[str] = []
    for at, (line, head) in enumerate(zip(lines, heads, strict=True)):
        numbering = head if head and _numbers_lines(head, line, heads[:at], heads[at + 1 :]) else None
        items += _items(_without_bullet(line, dashed), numbering)
    if len(lines) == 1 and items == lines:
        items = _split_outside(text, lambda at: text[at] in "；;")
    return tuple(item for item in (item.strip(_TRAILING) for item in items) if item)


def _is_blank(text: str) -> bool:
    return len(text) <= 4 and comparable(text) in BLANK


def _number(written: str) -> int:
    if written.isdecimal():
        return int(written)
    # ⑴ and ⒈ carry their number as circled ones do; 一 to 十 are read as a numeral.
    numeral = read_numeral(written)
    return int(unicodedata.numeric(written[0], 0.0) if numeral is None else numeral)


def _kinds(line: str) -> Collection[str]:
    """The kinds of marks worth looking for in a line."""
    return _MARKS if _SOME_MARK.search(half_width(line)) else ()


# A line is asked twice: for the mark it begins with, and for those inside it.
@lru_cache(maxsize=64)
def _marks(line: str, kind: str) -> list[_Mark]:
    return [_Mark(kind, _number(hit[1]), hit.start(), hit.end()) for hit in _MARKS[kind].finditer(half_width(line))]


def _head(line: str) -> _Mark | None:
    """The mark a line begins with, unless it is all there is."""
    heads = (
        mark for kind in _kinds(line) for mark in _marks(line, kind)[:1] if mark.start == 0 and line[mark.end :].strip()
    )
    weak = _WEAK.match(half_width(line))
    return next(heads, _Mark("point", int(weak[1]), 0, weak.end(), True) if weak else None)


def _numbers_lines(head: _Mark, line: str, before: list[_Mark | None], after: list[_Mark | None]) -> bool:
    """Whether the mark belongs to a run of lines, or opens a list without any doubt."""
    last = next((one for one in reversed(before) if one and one.kind == head.kind), None)
    following = next((one for one in after if one and one.kind == head.kind), None)
    joins = [bool(last and last.number + 1 == head.number), bool(following and following.number == head.number + 1)]
    if head.weak:
        return all(joins) and not (last and last.weak) and not (following and following.weak)
    if any(joins):
        return True
    return head.kind == "circled" or (head.number == 1 and not _COUNTED.match(half_width(line[head.end :]).lstrip()))


def _without_bullet(line: str, dashed: bool) -> str:
    hit = _BULLET.match(line)
    if hit is None:
        return line
    rest = line[hit.end() :]
    # "- 20℃" alone may be a temperature; several lines beginning with a dash are a list.
    return line if line[0] in "-–—" and not dashed and rest[0].isdigit() else rest


def _items(line: str, numbering: _Mark | None = None, depth: int = 0) -> Iterator[str]:
    """The items between consecutive marks inside a line; ``numbering`` is the mark that numbers the line."""
    bulleted = [part.strip() for part in _INLINE_BULLET.split(line) if part.strip()]
    if len(bulleted) > 1:
        for part in bulleted:
            yield from _items(part)
        return
    if depth > _DEEPEST:
        yield line
        return
    runs = (_run(line, kind, numbering) for kind in _kinds(line))
    run = min((run for run in runs if run), key=lambda run: run[0].start, default=None)
    if run is None:
        yield line[numbering.end :].strip() if numbering else line
        return
    begin = numbering.end if numbering and numbering.end <= run[0].start else 0
    if lead := line[begin : run[0].start].strip().rstrip("：:"):
        yield from _items(lead, depth=depth + 1)
    for mark, end in _stretches(run, line):
        yield from _items(line[mark.end : end].strip().strip(_TRAILING), depth=depth + 1)


def _run(line: str, kind: str, numbering: _Mark | None) -> list[_Mark]:
    """The marks of a kind that number at least two items of words, else an empty list."""
    marks = _marks(line, kind)
    if len(marks) < 2:
        return []
    narrow, run = half_width(line), list[_Mark]()
    due = numbering.number if numbering and numbering.kind == kind else 1
    for mark in marks:
        ahead = narrow[max(0, mark.start - 4) : mark.start]
        if mark.number != due or (not run and kind in _PLAIN_KINDS and ahead and not _BOUNDARY.match(ahead[-1])):
            continue
        # 1、3、5号楼 counts houses, not items: before a figure the mark must open a clause.
        opens = ahead.rstrip()[-1:] in {"", ";", "。"}
        if kind == "comma" and not opens and narrow[mark.end : mark.end + 1].isdigit():
            continue
        run.append(mark)
        due += 1
    if len(run) < 2:
        return []
    between = (line[mark.end : end] for mark, end in _stretches(run, line))
    return run if all(re.search(r"[^\W\d_]", part) for part in between) else []


def _stretches(run: list[_Mark], line: str) -> Iterator[tuple[_Mark, int]]:
    """Each mark with the place where its item ends."""
    yield from zip(run, [*(mark.start for mark in run[1:]), len(line)], strict=True)


def _split_outside(text: str, separates: Callable[[int], bool]) -> list[str]:
    """The parts of ``text`` between separating places; none is inside brackets that are closed."""
    parts, start, depth = [], 0, 0
    nested = sum(char in _OPENING for char in text) == sum(char in _CLOSING for char in text)
    for at, char in enumerate(text):
        if nested:
            depth = max(0, depth + (char in _OPENING) - (char in _CLOSING))
        if not depth and separates(at):
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def read_choices(value: Cell) -> tuple[str, ...]:
    """Return the names in a cell, each once, without list marks; brackets keep what they hold together."""
    text = re.sub(rf"[{_CIRCLED}]", "、", _NEWLINES.sub("\n", as_text(value)))
    if _is_blank(text) or fold(text) == "暂无":
        return ()
    spaced = not any(char in _SEPARATORS for char in text)
    names: dict[str, str] = {}
    for part in _split_outside(text, lambda at: _separates(text, at, spaced)):
        name = part.strip()
        mark = _head(name)
        if mark and mark.kind in {"point", "bracketed", "half", "enclosed"}:
            name = name[mark.end :].strip()
        if fold(name) not in BLANK:
            names.setdefault(fold(name), name)
    return tuple(names.values())


def _separates(text: str, at: int, spaced: bool) -> bool:
    """Whether a name ends here; OPC UA and A/B测试 are one name each."""
    char = text[at]
    if char in "/／":
        window = text[max(0, at - 2) : at], text[at + 1 : at + 3]
        return not (_LONE_BEFORE.search(window[0]) or _LONE_AFTER.match(window[1]))
    if char.isspace() and char not in _SEPARATORS:
        return spaced or not text[at - 1 : at + 2].isascii()
    return char in _SEPARATORS


def read_switch(value: Cell) -> bool | None:
    """Return what 是, 否, √, × and the like say, the ticked one of □是 ☑否, None when nothing is said.

    Raises UnreadableError for anything else.
    """
    text = as_text(value)
    plain = fold(text)
    if re.match(r"[□☐☑■√✓✔☒]", plain):
        plain = _UNTICKED.sub("", plain).strip()
        plain = plain.strip(_TICK + " ") or plain
    if plain in _UNKNOWN:
        return None
    if plain in _SWITCH:
        return _SWITCH[plain]
    raise UnreadableError(f"{quoted(text)}看不出是或否；应写是或否")


def read_whole(value: Cell) -> int | None:
    """Return the whole number in a cell (8级, TRL8, 第八级, 8.0), None when it is blank.

    Raises UnreadableError for anything else, fractions and ranges too.
    """
    text = as_text(value)
    plain = comparable(text) if len(text) <= 40 else text
    if plain in BLANK | {"待定", "暂无"}:
        return None
    hit = None if len(text) > 40 or plain.startswith("-") or isinstance(value, bool) else _WHOLE.fullmatch(plain)
    number = read_numeral(hit["number"]) if hit else None
    if number is None or number != int(number):
        raise UnreadableError(f"{quoted(text)}不是整数；应写一个整数，如 8")
    return int(number)
