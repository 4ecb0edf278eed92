"""Reads a year of the benchmark as a file has it: everything is checked before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from marketplace.benchmarks.sheet import CALENDAR, CRITERIA, Sheet, default_sheet
from marketplace.benchmarks.sheet_reading import SheetReader, written
from marketplace.errors import RefusedError
from marketplace.selection.cases import TEXTS
from marketplace.selection.marking import read_mark
from marketplace.selection_states import AFTERMATHS, WAYS

_MOST_EXPERTS = 60
_MARK = "应为 0 到 100 的分数，最多两位小数"


@dataclass(frozen=True, slots=True)
class ReadCase:
    """One case of a file; ``marks`` are the sheets of the experts in order, by criterion."""

    landing: str
    way: str
    texts: Mapping[str, str]
    facts: str
    marks: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReadRound:
    """One year of a file; ``aftermath`` are (case, kind, day, text)."""

    sheet: Sheet
    frozen: bool
    experts: int
    cases: tuple[ReadCase, ...]
    aftermath: tuple[tuple[int, str, str, str], ...]


def named_landings(raw: Mapping[str, Any]) -> list[str]:
    """Return the landings a year of a file names, as far as they can be read."""
    cases = raw.get("cases")
    found = [one.get("landing") for one in cases if isinstance(one, dict)] if isinstance(cases, list) else []
    return [one for one in found if isinstance(one, str)]


def read_sheet(raw: Mapping[str, Any], where: str) -> Sheet:
    """Return the sheet of a year of a file; raises RefusedError naming the field."""
    year = raw.get("year")
    if not isinstance(year, int) or not 2000 <= year <= 2100:
        raise RefusedError(f"{where} 字段“year”：应为 2000 到 2100 之间的年份。没有写入。")
    days = raw.get("calendar")
    if not isinstance(days, dict) or set(days) != set(CALENDAR):
        raise RefusedError(f"{where} 字段“calendar”：应有这些日期：{'、'.join(CALENDAR)}。没有写入。")
    reader = SheetReader(year, written(default_sheet(year)) | {name: str(day) for name, day in days.items()})
    sheet = reader.read()
    if reader.faults:
        raise RefusedError(f"{where}：{reader.faults[0].sentence}没有写入。")
    return sheet


def read_round(raw: Mapping[str, Any], sheet: Sheet, where: str, landings: Collection[str]) -> ReadRound:
    """Return a year of a file whose landings are known.

    Raises RefusedError naming line, year, case, expert and criterion of what is missing or cannot be read.
    """
    return _Reader(sheet, where, landings).read(raw)


class _Reader:
    def __init__(self, sheet: Sheet, where: str, landings: Collection[str]) -> None:
        self._sheet, self._where, self._landings = sheet, f"{where} {sheet.year} 年度", landings

    def read(self, raw: Mapping[str, Any]) -> ReadRound:
        frozen, experts, cases = raw.get("frozen"), raw.get("experts"), raw.get("cases")
        if frozen is not None and not isinstance(frozen, bool):
            self._refuse("", "frozen", "应为 true、false 或不填")
        if experts is not None and (type(experts) is not int or not 0 <= experts <= _MOST_EXPERTS):
            self._refuse("", "experts", f"应为 0 到 {_MOST_EXPERTS} 的整数")
        if not isinstance(cases, list):
            self._refuse("", "cases", "应为案例的列表")
        found = [
            self._case(one, f"第 {number} 个案例", experts or 0, frozen=bool(frozen))
            for number, one in enumerate(cases, 1)
        ]
        for number, case in enumerate(found, 1):
            if case.landing in {before.landing for before in found[: number - 1]}:
                twice = f"“{case.landing}”在本年度重复；一个落地案例只列一次"
                self._refuse(f"第 {number} 个案例", "landing", twice)
        after = raw.get("aftermath")
        if after is not None and not (isinstance(after, list) and frozen):
            self._refuse("", "aftermath", "应为列表，只用于已公布的年度")
        told = tuple(self._after(one, f"第 {number} 条后续", len(found)) for number, one in enumerate(after or (), 1))
        return ReadRound(self._sheet, bool(frozen), experts or 0, tuple(found), told)

    def _case(self, one: Any, place: str, experts: int, *, frozen: bool) -> ReadCase:
        if not isinstance(one, dict):
            self._refuse(place, "", "应为一个对象")
        landing, way = one.get("landing"), one.get("way", "self_applied")
        if not isinstance(landing, str) or landing not in self._landings:
            raise RefusedError(f"{self._where} {place}：没有编号为“{str(landing)[:40]}”的落地案例。没有写入。")
        if not isinstance(way, str) or way not in WAYS:
            self._refuse(place, "way", f"应为：{'、'.join(WAYS)}之一")
        facts = one.get("facts")
        texts = {} if one.get("texts") is None else one["texts"]
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            self._refuse(place, "texts", f"应为文本的对象：{'、'.join(TEXTS)}")
        if facts is not None and not isinstance(facts, str):
            self._refuse(place, "facts", "应为文本")
        kept = {name: texts.get(name, "") for name in TEXTS}
        return ReadCase(landing, way, kept, facts or "", self._sheets(one.get("marks"), place, experts, frozen=frozen))

    def _sheets(self, marks: Any, place: str, experts: int, *, frozen: bool) -> tuple[Mapping[str, str], ...]:
        """Return the sheets of a case: what was decided needs its marks, what was not has none."""
        if not frozen:
            if marks:
                self._refuse(place, "marks", "只有已公布的年度带评分；本年度 frozen 不是 true")
            return ()
        if marks is None or marks == []:
            self._refuse(place, "marks", f"没有评分；应有每位专家的五项分数：{'、'.join(CRITERIA.values())}")
        if not isinstance(marks, list):
            self._refuse(place, "marks", "应为列表：每位专家五项分数")
        if len(marks) > experts:
            self._refuse(place, "marks", f"有 {len(marks)} 位专家的评分，字段“experts”写的是 {experts} 位")
        return tuple(self._marks(one, f"{place}第 {number} 位专家") for number, one in enumerate(marks, 1))

    def _marks(self, marks: Any, place: str) -> Mapping[str, str]:
        labels = [one.label for one in self._sheet.criteria]
        if not isinstance(marks, list) or len(marks) > len(labels):
            self._refuse(place, "marks", f"应为五项分数：{'、'.join(labels)}")
        if len(marks) < len(labels):
            self._refuse(place, "", f"“{labels[len(marks)]}”没有评分；应有五项，{_MARK}")
        for label, mark in zip(labels, marks, strict=True):
            if mark is None or mark == "":
                self._refuse(place, "", f"“{label}”没有评分；{_MARK}")
            if not isinstance(mark, str | int | float) or read_mark(str(mark)) is None:
                self._refuse(place, "", f"“{label}”发现“{str(mark)[:20]}”；{_MARK}")
        return {one.code: str(mark) for one, mark in zip(self._sheet.criteria, marks, strict=True)}

    def _after(self, one: Any, place: str, cases: int) -> tuple[int, str, str, str]:
        if not isinstance(one, dict):
            self._refuse(place, "", "应为一个对象")
        number, kind, day, text = (one.get(name) for name in ("case", "kind", "on", "text"))
        if type(number) is not int or not 1 <= number <= cases:
            self._refuse(place, "case", f"应为案例的序号，1 到 {cases}")
        if not isinstance(kind, str) or kind not in AFTERMATHS:
            self._refuse(place, "kind", f"应为：{'、'.join(AFTERMATHS)}之一")
        if not isinstance(day, str) or not _is_day(day):
            self._refuse(place, "on", "应为 YYYY-MM-DD 格式的真实日期")
        if not isinstance(text, str) or not text.strip():
            self._refuse(place, "text", "应为非空文本")
        return number, kind, day, text

    def _refuse(self, place: str, field: str, allowed: str) -> NoReturn:
        where = " ".join(filter(None, (self._where, place, f"字段“{field}”" if field else "")))
        raise RefusedError(f"{where}：{allowed}。没有写入。")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
