"""Reads and checks the exchange files: whole file first, one clear sentence when refused."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matching.errors import InputError
from matching.records import Capability, Listing, Opportunity, Posting, Side

MAX_ID = 64
MAX_REQUIREMENTS = 20
MAX_DEPTH = 32
PUBLISHER_TYPES = ("government", "institution", "soe", "enterprise")
_LISTING = ("state", "batch", "index_number", "valid_until", "last_confirmed")
_OWN = {
    Side.OPPORTUNITY: (
        "id", "title", "publisher", "publisher_type", "district", "domain", "background",
        "requirements", "budget_wan", "deadline", "year",
    ),
    Side.CAPABILITY: (
        "id", "title", "company", "district_or_city", "domains", "summary", "features",
        "maturity", "cases", "year",
    ),
}  # fmt: skip
_LISTS = {"requirements", "domains", "features", "cases"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff]|[\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that passed: its postings in file order and what the reader should know."""

    side: Side
    postings: tuple[Posting, ...]
    notices: tuple[str, ...]


class _Line:
    """One line under examination; gathers cleaned values and refuses with its place."""

    def __init__(self, file: str, number: int) -> None:
        self.file, self.at, self.removed = file, number, 0

    def refuse(self, field: str | None, found: str, allowed: str) -> InputError:
        return InputError(self.file, self.at, field, found, allowed)

    def text(self, field: str, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.refuse(field, f"发现{_kind(value)} {_short(value)}", "文本（加引号的字符串）")
        return self.clean(value).strip()

    def clean(self, value: str) -> str:
        text, count = _CONTROL.subn("", value)
        self.removed += count
        return text

    def texts(self, field: str, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.refuse(field, f"发现{_kind(value)} {_short(value)}", '文本的列表，例如 ["…", "…"]')
        # An empty item stays: what is quoted is named by its place in the list as written.
        return tuple(self.text(field, item) for item in value)

    def number(self, field: str, value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(field, f"发现{_kind(value)} {_short(value)}", "数字或 null")
        # Python's JSON also reads NaN, 1e999 and integers no float can hold; none is a sum of money.
        if not _finite(value) or value < 0:
            raise self.refuse(field, f"发现 {_short(value)}", "不小于 0 的有限数字或 null")
        return float(value)

    def whole(self, field: str, value: Any, low: int, high: int) -> int | None:
        number = self.number(field, value)
        if number is None:
            return None
        if number != int(number) or not low <= number <= high:
            raise self.refuse(field, f"发现 {_short(value)}", f"{low}–{high} 的整数或 null")
        return int(number)

    def kept(self, value: Any, depth: int = 1) -> Any:
        """Clean a value that is only kept, so that it can be stored and written again."""
        if depth > MAX_DEPTH:
            raise self.refuse("extra", f"嵌套超过 {MAX_DEPTH} 层", f"最多 {MAX_DEPTH} 层")
        if isinstance(value, dict):
            return {self.clean(key): self.kept(one, depth + 1) for key, one in value.items()}
        if isinstance(value, list):
            return [self.kept(one, depth + 1) for one in value]
        if isinstance(value, int | float) and not _finite(value):
            raise self.refuse("extra", f"发现 {_short(value)}", "有限数字")
        return self.clean(value) if isinstance(value, str) else value

    def date(self, field: str, value: Any) -> str | None:
        text = self.text(field, value)
        if not text:
            return None
        if not _DATE.fullmatch(text) or not _real_date(text):
            raise self.refuse(field, f"发现“{_short(text)}”", "YYYY-MM-DD 格式的真实日期或 null")
        return text


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _real_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "布尔值"
    if isinstance(value, int | float):
        return "数字"
    if isinstance(value, list):
        return "列表"
    if isinstance(value, dict):
        return "对象"
    return "文本" if isinstance(value, str) else "空值"


def _short(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        text = "嵌套过深的内容"
    text = _CONTROL.sub("", text)
    return text if len(text) <= 40 else text[:39] + "…"


def _listing(line: _Line, raw: dict[str, Any], side: Side) -> Listing:
    extra = raw.get("extra")
    if extra is not None and not isinstance(extra, dict):
        raise line.refuse("extra", f"发现{_kind(extra)} {_short(extra)}", "对象或 null")
    known = {*_OWN[side], *_LISTING, "extra"}
    merged = dict(extra or {}) | {key: value for key, value in raw.items() if key not in known}
    return Listing(
        state=line.text("state", raw.get("state")) or None,
        batch=line.text("batch", raw.get("batch")) or None,
        index_number=line.text("index_number", raw.get("index_number")) or None,
        valid_until=line.date("valid_until", raw.get("valid_until")),
        last_confirmed=line.date("last_confirmed", raw.get("last_confirmed")),
        extra=line.kept(merged),
    )


def _opportunity(line: _Line, raw: dict[str, Any]) -> Opportunity:
    requirements = line.texts("requirements", raw.get("requirements"))
    if len(requirements) > MAX_REQUIREMENTS:
        raise line.refuse("requirements", f"有 {len(requirements)} 条", f"最多 {MAX_REQUIREMENTS} 条")
    kind = line.text("publisher_type", raw.get("publisher_type"))
    if kind and kind not in PUBLISHER_TYPES:
        allowed = "、".join(PUBLISHER_TYPES)
        raise line.refuse("publisher_type", f"发现“{_short(kind)}”", f"{allowed} 之一，或留空")
    return Opportunity(
        id=_id(line, raw),
        title=_title(line, raw),
        publisher=line.text("publisher", raw.get("publisher")),
        publisher_type=kind,
        district=line.text("district", raw.get("district")),
        domain=line.text("domain", raw.get("domain")),
        background=line.text("background", raw.get("background")),
        requirements=requirements,
        budget_wan=line.number("budget_wan", raw.get("budget_wan")),
        deadline=line.date("deadline", raw.get("deadline")),
        year=line.whole("year", raw.get("year"), 1949, 2200),
        listing=_listing(line, raw, Side.OPPORTUNITY),
    )


def _capability(line: _Line, raw: dict[str, Any]) -> Capability:
    return Capability(
        id=_id(line, raw),
        title=_title(line, raw),
        company=line.text("company", raw.get("company")),
        district_or_city=line.text("district_or_city", raw.get("district_or_city")),
        domains=tuple(filter(None, line.texts("domains", raw.get("domains")))),
        summary=line.text("summary", raw.get("summary")),
        features=line.texts("features", raw.get("features")),
        maturity=line.whole("maturity", raw.get("maturity"), 1, 9),
        cases=line.texts("cases", raw.get("cases")),
        year=line.whole("year", raw.get("year"), 1949, 2200),
        listing=_listing(line, raw, Side.CAPABILITY),
    )


def _id(line: _Line, raw: dict[str, Any]) -> str:
    value = line.text("id", raw.get("id"))
    if not value or len(value) > MAX_ID:
        found = "缺失" if not value else f"有 {len(value)} 个字符"
        raise line.refuse("id", found, f"1–{MAX_ID} 个字符的文本")
    if any(char in value for char in "\t\r\n"):
        raise line.refuse("id", f"“{_short(value)}”含有制表符或换行", "一行之内的文本")
    return value


def _title(line: _Line, raw: dict[str, Any]) -> str:
    value = line.text("title", raw.get("title"))
    if not value:
        raise line.refuse("title", "缺失", "非空文本")
    return value


def read_objects(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Return the JSON objects of a file with their line numbers.

    Raises InputError for an unreadable or empty file, bad encoding or a line that is no object.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(str(path), None, None, "文件读不到", "一个可读的 UTF-8 文件") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(str(path), line, None, "不是 UTF-8 编码", "UTF-8 编码的 JSON 行") from error
    objects: list[tuple[int, dict[str, Any]]] = []
    # splitlines() would also break at U+2028 inside a JSON text; only real newlines end a line here.
    for number, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        try:
            # Not strict: a control character left in a text is removed and counted, not refused.
            value = json.loads(content, strict=False)
        except (ValueError, RecursionError) as error:
            found = f"JSON 不完整或有误（{_short(content.strip())}）"
            raise InputError(str(path), number, None, found, "每行一个完整的 JSON 对象") from error
        if not isinstance(value, dict):
            raise InputError(str(path), number, None, f"发现{_kind(value)}", "每行一个 JSON 对象")
        objects.append((number, value))
    if not objects:
        raise InputError(str(path), None, None, "文件是空的", "至少一行 JSON 对象")
    return objects


def guess_side(path: Path, objects: Iterable[tuple[int, dict[str, Any]]]) -> Side:
    """Tell the list a file belongs to by its keys.

    Raises InputError when the keys speak for both sides or neither.
    """
    keys = {key for _, raw in objects for key in raw}
    shared = set(_OWN[Side.OPPORTUNITY]) & set(_OWN[Side.CAPABILITY])
    votes = {side: bool(keys & (set(_OWN[side]) - shared)) for side in Side}
    if votes[Side.OPPORTUNITY] == votes[Side.CAPABILITY]:
        raise InputError(
            str(path), None, None, "从字段看不出是场景机会还是场景能力",
            "用 --kind opportunities 或 --kind capabilities 指明",
        )  # fmt: skip
    return Side.OPPORTUNITY if votes[Side.OPPORTUNITY] else Side.CAPABILITY


def read_postings(path: Path, side: Side | None = None) -> Reading:
    """Read and check a whole exchange file.

    Raises InputError with file, line, field, finding and what is allowed.
    """
    objects = read_objects(path)
    side = side or guess_side(path, objects)
    build = _opportunity if side is Side.OPPORTUNITY else _capability
    postings: list[Posting] = []
    seen: dict[str, int] = {}
    unknown: Counter[str] = Counter()
    removed = 0
    for number, raw in objects:
        line = _Line(str(path), number)
        posting = build(line, raw)
        if posting.id in seen:
            found = f"“{_short(posting.id)}”与第 {seen[posting.id]} 行重复"
            raise line.refuse("id", found, "文件内不重复的编号")
        seen[posting.id] = number
        unknown.update(key for key in raw if key not in {*_OWN[side], *_LISTING, "extra"})
        removed += line.removed
        postings.append(posting)
    notices = []
    if unknown:
        names = _CONTROL.sub("", "、".join(sorted(unknown)))
        notices.append(f"{path}：未识别的字段已保留在 extra 中：{names}。")
    if removed:
        notices.append(f"{path}：已去除 {removed} 个控制字符。")
    return Reading(side, tuple(postings), tuple(notices))


def to_exchange(posting: Posting) -> dict[str, Any]:
    """Return a posting as the exchange object it came from, optional keys only where set."""
    raw = asdict(posting)
    listing = raw.pop("listing")
    for key in _LISTS & raw.keys():
        raw[key] = list(raw[key])
    budget = raw.get("budget_wan")
    if isinstance(budget, float) and budget.is_integer():
        raw["budget_wan"] = int(budget)
    return raw | {key: value for key, value in listing.items() if value}


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read a tab-separated list of pairs with its header.

    Raises InputError for a wrong header or a line without two ids.
    """
    rows = read_table(path, ("opportunity_id", "capability_id"))
    return [(row[0], row[1]) for row in rows]


def read_table(path: Path, header: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Read a tab-separated file whose first line must be ``header``.

    Raises InputError for a missing file, another header or a line of another width.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), None, None, "文件读不到或不是 UTF-8", "UTF-8 的制表符分隔文件") from error
    wanted = "\t".join(header)
    if not lines or lines[0].rstrip("\r") != wanted:
        raise InputError(str(path), 1, None, f"表头为“{_short(lines[0])}”", wanted.replace("\t", "、"))
    rows = []
    for number, content in enumerate(lines[1:], 2):
        if not content.strip():
            continue
        cells = tuple(cell.strip() for cell in content.rstrip("\r").split("\t"))
        if len(cells) != len(header) or not all(cells):
            raise InputError(str(path), number, None, f"“{_short(content)}”", f"{len(header)} 个以制表符分开的值")
        rows.append(cells)
    return rows


def parse_posting(raw: dict[str, Any], side: Side, place: str = "记录") -> Posting:
    """Return the posting of one exchange object, checked like a line of a file."""
    build = _opportunity if side is Side.OPPORTUNITY else _capability
    return build(_Line(place, 1), raw)
