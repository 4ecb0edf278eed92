"""Reads the sheet of a year from what people typed, and says field by field what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from marketplace.benchmarks.days import NOTICE_DAYS, last_of, working_days
from marketplace.benchmarks.gates import GATE_LABELS, GATE_NAMES
from marketplace.benchmarks.sheet import (
    BANDS,
    CALENDAR,
    CRITERIA,
    NUMBERS,
    Criterion,
    Sheet,
    default_sheet,
    same_criteria,
)
from marketplace.records import Fault
from marketplace.records.days import read_day
from marketplace.records.faults import cut
from marketplace.records.values import UnreadableError, half_width

MAX_LABEL, MAX_BAND, MAX_LINES, MAX_LINE = 20, 200, 40, 120
# More figures than this are no number of a sheet, and Python refuses to read thousands of them.
_DIGITS = 9
_BAND_NAMES = ("一", "二", "三", "四")


def written(sheet: Sheet) -> dict[str, str]:
    """Return a sheet as the values of its form."""
    values = {"last_day": sheet.last_day, "holidays": "\n".join(sheet.holidays)}
    values |= {name: str(sheet.numbers[name]) for name in NUMBERS}
    values |= {f"gate_{name}": "1" for name in sheet.gates}
    values |= {f"limit_{place}": str(sheet.limits[place]) for place in range(BANDS - 1)}
    for one in sheet.criteria:
        values |= {f"label_{one.code}": one.label, f"weight_{one.code}": str(one.weight)}
        values |= {f"band_{one.code}_{place}": text for place, text in enumerate(one.bands)}
    values |= dict(sheet.calendar)
    values |= {f"tie_{place}": code for place, code in enumerate(sheet.tie_order)}
    values["documents"] = "\n".join(sheet.documents)
    values["field_quotas"] = "\n".join(f"{name}：{number}" for name, number in sheet.field_quotas.items())
    return values


class SheetReader:
    """Reads one form; ``faults`` grows while it is read."""

    def __init__(self, year: int, typed: Mapping[str, str]) -> None:
        self._year, self._typed = year, {name: value.strip() for name, value in typed.items()}
        self.faults: list[Fault] = []

    def read(self) -> Sheet:
        """Return the sheet; where something is wrong its place holds the default, and ``faults`` says so."""
        default = default_sheet(self._year)
        numbers = {name: self._number(name, *NUMBERS[name], default.numbers[name]) for name in NUMBERS}
        sheet = Sheet(
            year=self._year, last_day=self._day("last_day", "截止日") or default.last_day, gates=self._gates(),
            criteria=tuple(self._criterion(code) for code in CRITERIA), limits=self._limits(), numbers=numbers,
            tie_order=self._tie_order(), calendar={name: self._day(name, CALENDAR[name]) for name in CALENDAR},
            holidays=self._holidays(), documents=self._lines("documents", "申报材料"),
            field_quotas=self._field_quotas(),
        )  # fmt: skip
        self._together(sheet)
        return replace(sheet, by_default=same_criteria(sheet, default))

    def _say(self, field: str, label: str, found: str, told: str) -> None:
        self.faults.append(Fault(field, label, cut(found), f"“{label}”：{told}。"))

    def _number(self, field: str, label: str, low: int, high: int, default: int) -> int:
        text = half_width(self._typed.get(field, ""))
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or not low <= int(text) <= high:
            self._say(field, label, text, f"发现“{cut(text)}”；应为 {low} 到 {high} 的整数")
            return default
        return int(text)

    def _day(self, field: str, label: str) -> str:
        text = self._typed.get(field, "")
        if not text:
            return ""
        day = self._one_day(text)
        if not day:
            self._say(field, label, text, f"发现“{cut(text)}”；应为一个日期，如 {self._year}-09-01")
        return day

    def _one_day(self, text: str) -> str:
        """Return a day as ISO text, empty for what is none."""
        try:
            return read_day(text, base=date(self._year, 1, 1)).day or ""
        except UnreadableError:
            return ""

    def _gates(self) -> tuple[str, ...]:
        chosen = tuple(name for name in GATE_NAMES if self._typed.get(f"gate_{name}"))
        if not chosen:
            self._say("gates", "基本条件", "", f"没有选择；至少选一项：{'、'.join(GATE_LABELS.values())}")
        return chosen or GATE_NAMES

    def _criterion(self, code: str) -> Criterion:
        label = self._typed.get(f"label_{code}", "")
        if not 0 < len(label) <= MAX_LABEL:
            self._say(f"label_{code}", CRITERIA[code], label, f"指标名称应为 1 到 {MAX_LABEL} 字")
            label = CRITERIA[code]
        weight = self._number(f"weight_{code}", f"{label}权重", 0, 100, 0)
        bands = []
        for place in range(BANDS):
            text = self._typed.get(f"band_{code}_{place}", "")
            if not 0 < len(text) <= MAX_BAND:
                what = f"{label}第{_BAND_NAMES[place]}档说明"
                told = f"写了 {len(text)} 字；最多 {MAX_BAND} 字" if text else "没有填写；每一档都要说明怎样才算"
                self._say(f"band_{code}_{place}", what, text, told)
            bands.append(text)
        return Criterion(code, label, weight, tuple(bands))

    def _limits(self) -> tuple[int, ...]:
        limits = [self._number(f"limit_{place}", f"第{_BAND_NAMES[place]}档最低分", 1, 99, (85, 70, 60)[place])
                  for place in range(BANDS - 1)]  # fmt: skip
        if not limits[0] > limits[1] > limits[2]:
            found = "、".join(map(str, limits))
            self._say("limit_0", "各档最低分", found, f"发现“{found}”；应从高到低，如 85、70、60")
        return (*limits, 0)

    def _tie_order(self) -> tuple[str, ...]:
        order = tuple(dict.fromkeys(filter(None, (self._typed.get(f"tie_{place}", "") for place in range(2)))))
        if not order or any(code not in CRITERIA for code in order):
            self._say("tie_0", "同分比较", "、".join(order), f"应为指标中的一项或两项：{'、'.join(CRITERIA.values())}")
            return default_sheet(self._year).tie_order
        return order

    def _lines(self, field: str, label: str) -> tuple[str, ...]:
        lines = [line.strip() for line in self._typed.get(field, "").splitlines() if line.strip()]
        if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
            told = f"有 {len(lines)} 行；最多 {MAX_LINES} 行，每行 {MAX_LINE} 字"
            self._say(field, label, str(len(lines)), told)
        return tuple(dict.fromkeys(lines))[:MAX_LINES]

    def _holidays(self) -> tuple[str, ...]:
        days = []
        for line in self._lines("holidays", "节假日"):
            day = self._one_day(line)
            if not day:
                self._say("holidays", "节假日", line, f"发现“{cut(line)}”；每行一个日期，如 {self._year}-10-01")
            else:
                days.append(day)
        return tuple(sorted(set(days)))

    def _field_quotas(self) -> dict[str, int]:
        quotas = {}
        for line in self._lines("field_quotas", "单列领域名额"):
            name, _, number = half_width(line).replace("：", ":").partition(":")
            number = number.strip()
            plain = number.isascii() and number.isdigit() and len(number) <= _DIGITS
            if not name.strip() or not plain or int(number) > 200:
                self._say(
                    "field_quotas", "单列领域名额", line, f"发现“{cut(line)}”；每行写“领域：名额”，如 智慧城市：5"
                )
            else:
                quotas[name.strip()] = int(number)
        return quotas

    def _together(self, sheet: Sheet) -> None:
        total = sum(sheet.weights.values())
        if total != 100:
            self._say("weight_effect", "权重", str(total), f"各项合计 {total}；应正好 100")
        if sheet.numbers["experts_max"] < sheet.numbers["experts_min"]:
            found = f"{sheet.numbers['experts_min']}、{sheet.numbers['experts_max']}"
            self._say("experts_max", "每项最多专家数", found, "不应少于每项最少专家数")
        dates = [(name, sheet.calendar[name]) for name in CALENDAR if sheet.calendar[name]]
        for (earlier, first), (later, second) in pairwise(dates):
            if second < first:
                told = f"{second} 早于“{CALENDAR[earlier]}”{first}；日程应依次向后"
                self._say(later, CALENDAR[later], second, told)
        begin, end = sheet.calendar["notice_from"], sheet.calendar["notice_until"]
        if begin and end and begin <= end:
            start = date.fromisoformat(begin)
            days = working_days(start, date.fromisoformat(end), sheet.holidays)
            if days < NOTICE_DAYS:
                least = last_of(start, NOTICE_DAYS, sheet.holidays)
                told = f"公示期只有 {days} 个工作日；应不少于 {NOTICE_DAYS} 个，最早到 {least}"
                self._say("notice_until", CALENDAR["notice_until"], end, told)
        if sheet.calendar["freeze_on"] and end and sheet.calendar["freeze_on"] <= end:
            told = f"{sheet.calendar['freeze_on']} 应晚于公示截止 {end}"
            self._say("freeze_on", CALENDAR["freeze_on"], sheet.calendar["freeze_on"], told)
