"""Reads figures with unit and direction out of Chinese text: ≥95%, 九成七, 15分钟内, -20~55℃, 每分钟25人."""

from __future__ import annotations

import re
from dataclasses import replace

from matching.text.directions import (
    AT_LEAST,
    AT_MOST,
    OPPOSITE,
    PLAIN,
    direction_after,
    direction_before,
    direction_of,
    is_trigger,
)
from matching.text.fold import fold
from matching.text.numerals import NUMERAL
from matching.text.quantity import CADENCE, Quantity
from matching.text.rates import Per, per_after, per_before
from matching.text.shares import shares_of
from matching.text.units import MONEY, PERCENT, TIME, UNIT
from matching.text.values import FIGURE, START, Value, read_value

__all__ = ["AT_LEAST", "AT_MOST", "CADENCE", "PLAIN", "Quantity", "read_quantities"]

_NAME_LIKE = re.compile(r"[a-z](?=$)|[-/]$")
_BORDER = re.compile(r"[,;。:、()]")
_CIRCLED = re.compile("[\u2460-\u2473\u2776-\u277f]")
_BEFORE, _AFTER, _HINT = 14, 8, 30
_CALENDAR_YEARS = range(1900, 2100)
_YEAR_DIGITS = re.compile("[零〇一二三四五六七八九]{3,}")
_GENERATION = re.compile(r"[2-6]g(?![a-z/])")  # mobile networks, not grams
_RATIO = re.compile(r":\d")
_OLD = re.compile(r"[从由][^,;。:\d]{0,10}$")
_NEW = re.compile(r"[^,;。]{0,8}?(?:缩|降|减|压|提|增|升|变)[^,;。\d]{0,4}[至到为]")
_PRICED = re.compile("价|费|元|成本")
# A single Chinese digit before other units is mostly part of a word: 三级, 三方, 一个, 三元.
_SOLID = (TIME, PERCENT, "length", "area", "volume", "mass", "temperature", "energy", "bytes", "sound", "power")
_COUNTED = tuple("名人台辆艘架路户页份张册间箱")
_PERIODIC = ("count", MONEY, "mass", "volume", "area", "energy", "heat", "frames", "bytes", "length", TIME)
_SPREAD = ("count", MONEY, "mass", "volume", "energy", "heat", "bytes")
# "15分钟回传一组" counts within the time before it, "15分钟内", "续航8小时" do not.
_NO_PERIOD = re.compile("[内后前以之的误差]|左右|不间断|值守|在线|待命|质保|保修|续航|响应")
_NO_PERIOD_BEFORE = re.compile("(?:近|过去|最近|连续|历时|续航|第|满|用时|耗时|缩短|只要|仅需)$")
_ONCE = re.compile("次|回|遍|组|个|条|帧|点|张|包|笔")
_DOING = re.compile("(?!的|内|以)[\u4e00-\u9fff]{2,}")
_INTERVAL = re.compile(
    "(?:^周期|间隔|(?:更新|上报|上传|采集|采样|刷新|巡[检查]|监测|同步|抓拍|推送|调节|轮询|扫描|测量|回[传访])"
    "(?:周期|频率|频次|频度))[为是在约]?$"
)
_HAN_DIGITS = "一二两三四五六七八九十"
_PACE = re.compile("一(?:采|报|测|拍|传|检|巡|扫|刷)")  # 5分钟一采
_NOUN = re.compile("[\u4e00-\u9fff]{1,2}")
_NO_NOUN = "左上之的至到和与或及以是为时后前内均都就也起"


def read_quantities(text: str) -> list[Quantity]:
    """Return the figures of ``text`` in order, then the shares two of them make; gb/t 22239 or 5g are no figures."""
    # "③4毫米" is point three, four millimetres; folding would read thirty-four.
    text = _CIRCLED.sub("、", text)
    folded = fold(text)
    written = text if len(text) == len(folded) else folded
    reader = _Reader(folded, written)
    place = 0
    while (start := START.search(folded, place)) is not None:
        place = max(reader.read(start.start()), start.start() + 1)
    return reader.found + shares_of(folded, written, reader.found, reader.spans)


class _Reader:
    """Reads the figures of one folded text from left to right."""

    def __init__(self, folded: str, written: str) -> None:
        self.found: list[Quantity] = []
        self.spans: list[tuple[int, int]] = []
        self._text, self._written = folded, written
        self._time = (-1, 0.0)  # end and seconds of a time that what follows may be counted within

    def read(self, start: int) -> int:
        """Read the figure at ``start``, if it is one, and return where to go on."""
        years = _YEAR_DIGITS.match(self._text, start)
        match = FIGURE.match(self._text, start)
        if years or match is None:
            return years.end() if years else start + 1
        value = self._value(match)
        if value is None:
            return match.end("low")
        before, begin = direction_before(self._text, start)
        quantity, end = self._quantity(match, value, before, begin)
        if quantity is not None:
            self.found.append(quantity)
            self.spans.append((begin, end))
            plain_time = quantity.dimension == TIME and not quantity.direction
            if plain_time and not _NO_PERIOD_BEFORE.search(self._text[:begin]):
                self._time = (end, quantity.low)
        return end

    def _value(self, match: re.Match[str]) -> Value | None:
        text, start = self._text, match.start()
        # The last character before decides: gb-50 and h264 are names, 几十 and 8:30 no figures.
        before = text[max(0, start - 1) : start]
        if _NAME_LIKE.search(before) and direction_before(text, start)[0] is None:
            return None
        if before and before in "几数" and not match["low"][0].isdigit():
            return None
        if _GENERATION.match(text, start) or _RATIO.match(text, match.end("low")):
            return None
        hint = text[max(0, start - _HINT) : start]
        return read_value(match, hint, _BORDER.split(text[match.end() : match.end() + _AFTER])[0])

    def _quantity(
        self, match: re.Match[str], value: Value, before: str | None, begin: int
    ) -> tuple[Quantity | None, int]:
        text, start = self._text, match.start()
        clause = _BORDER.split(text[max(0, start - _HINT) : start])[-1]
        if re.search("每隔?$", clause):
            return self._every(match, value, before, begin)
        per, end = per_after(text, value.end)
        per = per if per != Per() else per_before(clause)
        after, end = direction_after(text, end)
        if self._is_no_figure(match, value, before, end):
            return None, end
        dimension = value.dimension or self._bare_dimension(match, value, clause)
        if dimension == MONEY and not value.unit:
            value = replace(value, low=value.low * 1e-4, high=value.high * 1e-4)
        context = _BORDER.split(text[max(0, begin - _BEFORE) : begin])[-1]
        context += "\n" + _BORDER.split(text[end : end + _AFTER])[0]
        following = text[end : end + _HINT]
        if is_trigger(before, clause, following):
            return None, end
        direction = direction_of(before, after, dimension, clause, following)
        words = self._written[begin:end].strip()
        quantity = Quantity(value.low, value.high, dimension, direction, words, context)
        quantity = self._rated(quantity, per, start)
        if _is_word(match, value, quantity):
            return None, value.end
        return self._paced(quantity, match, value, clause), end

    def _is_no_figure(self, match: re.Match[str], value: Value, before: str | None, end: int) -> bool:
        """Whether it is a date, a bare number, or what something was before it changed (从30分钟缩短到)."""
        text, start = self._text, match.start()
        if value.unit == "年" and re.fullmatch(r"\d{4}", match["low"]) and int(match["low"]) in _CALENDAR_YEARS:
            return True
        if value.unit == "日" and text[max(0, start - 1) : start] == "月":
            return True
        if not value.unit and not self._is_bare_figure(match, value, before):
            return True
        return bool(_OLD.search(text[:start]) and _NEW.match(text, end))

    def _is_bare_figure(self, match: re.Match[str], value: Value, before: str | None) -> bool:
        following = self._text[value.end : value.end + 1]
        if following.isascii() and following.isalpha():
            return False
        if match["low"][0] in "-+0123456789":
            return before not in (None, "plain") or not match["low"][-1].isdigit()
        return value.low >= 100 or ("点" in match["low"] and before is not None)

    def _bare_dimension(self, match: re.Match[str], value: Value, clause: str) -> str:
        noun = _NOUN.match(self._text, value.end)
        if noun and noun[0][0] not in _NO_NOUN:
            # An unknown unit or the thing itself: 1万吉焦 is not 1万兆焦, 10万用户 is 10万用户.
            return f"count:~{noun[0]}"
        # 报价七万六 leaves out its 元.
        return MONEY if _PRICED.search(clause) and match["low"][0] in _HAN_DIGITS and value.low >= 100 else "count:"

    def _rated(self, quantity: Quantity, per: Per, start: int) -> Quantity:
        """Return the quantity with what it is counted per."""
        dimension, per_s, sure = quantity.dimension, per.seconds, per.sure
        low, high = quantity.low, quantity.high
        if (
            per.measure
            and per.measure[1] > 0
            and dimension.startswith(("count", MONEY, "mass", "volume", "energy", "heat"))
        ):
            dimension, low, high = f"{dimension}/{per.measure[0]}", low / per.measure[1], high / per.measure[1]
        if per_s is None and dimension.startswith(_SPREAD) and self._time[0] >= start - _AFTER:
            gap = self._text[self._time[0] : start]
            if self._time[0] > 0 and not _BORDER.search(gap) and not _NO_PERIOD.search(gap):
                per_s, sure = self._time[1], False
        if dimension == "frames" and per_s is None:
            per_s = 1.0
        if not dimension.startswith(_PERIODIC):
            per_s = None
        if dimension == "length" and per_s and re.search("[内下]$", quantity.text):
            # "60km/h以内成像" is a condition.
            quantity = replace(quantity, direction=PLAIN)
        return replace(
            quantity, low=low, high=high, dimension=dimension, per_s=per_s or None, per_sure=sure, each=per.thing
        )

    def _paced(self, quantity: Quantity, match: re.Match[str], value: Value, clause: str) -> Quantity:
        """Return a frequency as the time from one to the next: 每秒4次 is 0.25 seconds."""
        said, _, following = quantity.context.partition("\n")
        if quantity.dimension == TIME and (_INTERVAL.search(said) or _PACE.match(following)):
            return replace(quantity, dimension=CADENCE, per_s=None)
        once = match["low"] == "一" and _ONCE.search(value.unit) and ("每" in clause or not quantity.per_sure)
        if quantity.per_s is None or quantity.low <= 0 or not (quantity.dimension == "count:次" or once):
            return quantity
        low, high = quantity.per_s / quantity.high, quantity.per_s / quantity.low
        return replace(
            quantity, low=low, high=high, dimension=CADENCE, direction=OPPOSITE[quantity.direction], per_s=None, each=""
        )

    def _every(self, match: re.Match[str], value: Value, before: str | None, begin: int) -> tuple[Quantity | None, int]:
        """Return 每5分钟上报 as a cadence; other figures after 每 only say what the next is counted per."""
        rest = _BORDER.split(self._text[value.end : value.end + _HINT])[0]
        doing = _DOING.match(rest)
        if value.dimension != TIME or doing is None or re.search(rf"{NUMERAL}\s*(?:{UNIT})", rest):
            return None, value.end
        direction = AT_MOST if before in ("min", "better", "far") else AT_LEAST if before == "max" else PLAIN
        context = _BORDER.split(self._text[max(0, begin - _BEFORE) : begin])[-1] + "\n" + rest
        words = self._written[match.start() - 1 : value.end]
        return Quantity(value.low, value.high, CADENCE, direction, words, context), value.end


def _is_word(match: re.Match[str], value: Value, quantity: Quantity) -> bool:
    """Whether a single Chinese digit and its unit are rather a word than a figure (一个, 三级, 三方)."""
    low = match["low"]
    if low[0] not in _HAN_DIGITS[:-1] or len(low) > 1 or match["high"] or match["parts"] or match["half"]:
        return False
    if quantity.direction or quantity.per_s is not None:
        return False
    if low == "一":
        return not value.dimension.startswith(TIME)
    return value.unit == "方" or not (value.dimension.startswith(_SOLID) or value.unit in _COUNTED)
