"""Reads the dates and terms people write: a day, the end of a season, so many months, for good."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from marketplace.records.values import BLANK, Cell, UnreadableError, as_text, comparable, quoted, read_numeral

FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST = 100
_ALLOWED = "应写日期（如 2027-12-31、2027年底）、期限（如 24个月）或长期"
_EMPTY = BLANK | {"待定", "未定", "待确定", "待明确", "暂无", "另行通知", "tbd", "n/a"}
_FOREVER = re.compile(r"(?:长期|常年|永久)(?:有效|开放|征集|合作|招募)?|无期限|无固定期限|不限(?:期|时间)?")
_SERIALS, _SERIAL_START = range(45_000, 60_001), date(1899, 12, 30)

_HAN = "零〇○一二两三四五六七八九"
_HAN_YEAR = re.compile(rf"[{_HAN}]{{4}}(?=年)")
_HAN_NUMBER = re.compile(rf"[{_HAN}十廿]{{1,4}}(?=个|年|月|日|号|天|周|星期|季度|工作日)")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")
_CLOCK = re.compile(
    r"(?:(?<=\d)t|(?<=[日号])\s*|\s+)(?:上午|下午|中午|晚上?)?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?(?:z|\+\d\d:?\d\d)?"
    r"|(?<=[日号\s])(?:上午|下午|中午|晚上?)?\d{1,2}[时点](?:\d{1,2}分|半|整)?"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_SINCE_NOW = r"(?:从|自)?(?:本)?(?:公告|通知|清单)?(?:即日|发布|公布|公告|印发|现在)(?:之日)?(?:起|后)(?:的)?"
_LEAD = re.compile(
    rf"^(?:{_SINCE_NOW}(?=.)|预计|预期|计划|拟|力争|争取|确保|截[至止](?:日期|时间)?|最迟|最晚|不晚于|不迟于|有效期限?|期限|工期"
    r"|建设周期|实施周期|周期|合同期|合作期|服务期|时间|不超过|不多于|最长|≤|<|约|大约|近|共|于|在|为|到|至|:|,)+"
)
_TRAIL = re.compile(
    r"(?:之前|以前|前|之内|以内|内|止|截止|为止|左右|完成|建成|完工|竣工|上线|投用|投入使用|投入运行|交付|验收|落地|见效|有效"
    r"|。|,|;)+$"
)
_NOW = re.compile(r"即日起?|立即|当天|今天|今日")
# The day such a term counts from is not known yet.
_EVENT = re.compile(
    r"(?:签|合同|协议|中标|成交|开工|立项|验收|到货|交付|启动|批准|批复|获批|备案|生效|到位|确定|收到|完成|结束|成立|揭榜|选定"
    r"|入选|进场|投产|上线)[^\d]*?(?:之日|之后|以后|后|起)|(?:以|按)[^\d]*(?:合同|协议|通知|实际)[^\d]*(?:为准|约定)?"
)
# Only the shortest term is known, or holidays decide.
_OPEN_TERM = re.compile(r"不[少低]于|至少|≥|>|以上$|工作日")

_YEAR = r"(?:(?P<year>\d{4})年?度?|(?P<relative>今年|本年度?|当年|明年|后年|次年|翌年)度?)"
_DAY_FORMS = (
    re.compile(r"(?P<year>\d{4})(?P<mark>[-./])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})日?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(rf"{_YEAR}?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号]?"),
)
_MONTH_FORMS = (
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})(?:月份?)?"),
    re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])"),
    re.compile(rf"{_YEAR}?(?P<month>\d{{1,2}})月份?(?P<part>底|末|内|下旬|中旬|上旬|初|中)?"),
)
_SEASON = re.compile(
    rf"{_YEAR}?-?(?:(?:第|前)?(?P<quarter>[1-4])季度[底末]?|q(?P<q>[1-4])|(?P<half>上半年|年中|下半年)[底末]?)"
)
_YEAR_END = re.compile(rf"{_YEAR}(?:年?[底末终内]|全年)?|(?P<this>年[底末终内]?)")
_SHORT_YEAR = re.compile(r"\d{2}(?=年.|[-./]\d{1,2}[-./]\d{1,2}$)")
_DATE_LIKE = re.compile(r"(?:19|20)\d{2}(?:[-./年]\d{1,2}(?:[-./月]\d{1,2}日?|月底?)?|年底?(?!初))")
_TERM = re.compile(
    r"(?:(?P<half_year>半)年|(?P<years>\d{1,3})(?:\.(?P<tenth>5))?年(?P<more>半)?)?[零又]?"
    r"(?:(?P<months>\d{1,4})个月|(?P<quarters>\d{1,3})个季度|(?P<half_month>半)个月)?"
    r"(?:(?P<weeks>\d{1,3})(?:个?星期|周))?(?:(?P<days>\d{1,5})个?(?:天|日历天|自然日))?"
)
_TERM_RANGE = re.compile(r"^\d{1,3}(?:个?[年月天周])?(?:-|~|至|到|—|–)(?=\d{1,3}(?:年|个|天|周))")
_JOINS = (re.compile(r"至|到|~|—+|–|―"), re.compile(r"--?"))
_PART_DAYS = {"上旬": 10, "初": 10, "中": 15, "中旬": 20}
_NEXT_YEARS = {"明年": 1, "次年": 1, "翌年": 1, "后年": 2}


@dataclass(frozen=True, slots=True)
class Day:
    """The last day of what was written, as ISO text; None when it is open or counts from an unknown day.

    ``text`` is as written, the ISO day for a real date or a serial, empty for a blank cell.
    """

    day: str | None
    text: str
    open_ended: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """The last day meant, None when only ``base`` could tell; ``dated`` tells whether the year was written."""

    day: date | None
    dated: bool = True
    monthly: bool = False


def read_day(value: Cell, *, base: date | None = None) -> Day:
    """Return the day a cell means; terms and days without a year count from ``base``.

    Without ``base`` those keep their text and have no day, like terms counting from an event to come.
    Raises UnreadableError for anything else that is no date or term between 1990 and 2100.
    """
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        _in_years(day.year, day.isoformat())
        return Day(day.isoformat(), day.isoformat(), False)
    text = as_text(value)
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
        raise UnreadableError(f"{quoted(text)}看不出是 1 月还是 10 月；应写成 {text[:4]}-01 或 {text[:4]}-10")
    if len(text) > _LONGEST:
        raise UnreadableError(f"写了 {len(text)} 个字；{_ALLOWED}")
    plain = _plain(text)
    if plain in _EMPTY:
        return Day(None, "", False)
    if _FOREVER.fullmatch(plain):
        return Day(None, text, True)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", plain) and int(plain[:5]) in _SERIALS:
        iso = (_SERIAL_START + timedelta(days=int(plain[:5]))).isoformat()
        return Day(iso, iso, False)
    last = _last_day(plain, text, base)
    if last:
        _in_years(last.year, text)
    return Day(last.isoformat() if last else None, text, False)


def _plain(text: str) -> str:
    """``text`` folded, without clock, weekday and brackets, its Chinese numbers in figures."""
    plain = _WEEKDAY.sub("", _CLOCK.sub("", comparable(text)))
    plain = _BRACKETS.sub("", plain) or plain
    plain = re.sub(r"(?<=\d)\s+(?=\d)", "-", plain.strip()).replace(" ", "").replace("元月", "1月")
    plain = _HAN_YEAR.sub(lambda hit: "".join(str(read_numeral(char)) for char in hit.group()), plain)
    plain = _HAN_NUMBER.sub(_figure, plain)
    plain = re.sub(r"第?[1-4一二三](?:-|~|至|到|—|–)(?=[1-4]季度)", "", plain)
    return re.sub(r"(?<=\d)日内", "天", plain).strip("。;,")


def _figure(hit: re.Match[str]) -> str:
    number = read_numeral(hit.group().replace("廿", "二十"))
    return hit.group() if number is None else str(int(number))


def _last_day(plain: str, text: str, base: date | None) -> date | None:
    """The day meant, None when the text is understood but counts from a day not known."""
    bare = _TRAIL.sub("", _LEAD.sub("", plain))
    # An event in brackets moves a term, not a date: 6个月（签约后）, 2026年底（签约后）.
    counts_from_event = _EVENT.search(comparable(text)) and _point(bare, text, base) is None
    if counts_from_event or (_OPEN_TERM.search(plain) and re.search(r"\d", plain)):
        return None
    if _NOW.fullmatch(plain):
        return base
    for read in (_point, _term, _range):
        found = read(bare, text, base)
        if found:
            return found.day
    raise _unreadable(text, bare, base)


def _point(bare: str, text: str, base: date | None) -> _Point | None:
    """A day, month, season or year; None when ``bare`` is none of these."""
    for form in _DAY_FORMS:
        if hit := form.fullmatch(bare):
            return _placed(hit, partial(_checked, int(hit["month"]), int(hit["day"]), text), base)
    for form in _MONTH_FORMS:
        if hit := form.fullmatch(bare):
            month = int(hit["month"])
            if month > 12 and bare == f"{month}月":
                raise UnreadableError(f"{quoted(text)}不是有效日期；期限应写几个月", f"{month}个月")
            day = _PART_DAYS.get(hit.groupdict().get("part") or "")
            return _placed(hit, partial(_checked, month, day, text), base, monthly=True)
    if hit := _SEASON.fullmatch(bare):
        quarter = int(hit["quarter"] or hit["q"] or (4 if hit["half"] == "下半年" else 2))
        return _placed(hit, partial(_checked, quarter * 3, None, text), base)
    if hit := _YEAR_END.fullmatch(bare):
        return _placed(hit, partial(_checked, 12, None, text), base)
    return None


def _placed(hit: re.Match[str], day_in: Callable[[int], date], base: date | None, *, monthly: bool = False) -> _Point:
    """The day in the year written or, without one, the next such day not before ``base``."""
    if hit["year"]:
        return _Point(day_in(int(hit["year"])), True, monthly)
    if base and hit["relative"]:
        return _Point(day_in(base.year + _NEXT_YEARS.get(hit["relative"], 0)), True, monthly)
    try:
        day = day_in(base.year if base else 2000)  # a leap year, when it is not known which
        if base and day < base:
            day = day_in(base.year + 1)
    except UnreadableError as error:
        raise UnreadableError(f"{quoted(hit.string)}不是有效日期；{_ALLOWED}") from error
    return _Point(day if base else None, False, monthly)


def _checked(month: int, day: int | None, text: str, year: int) -> date:
    """The date, the month's last one when ``day`` is None; refuses what is in no calendar."""
    _in_years(year, text)
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        raise UnreadableError(f"{quoted(text)}不是有效日期；{_ALLOWED}")
    last = date(year, month, monthrange(year, month)[1])
    if day is None:
        return last
    if day > last.day:
        raise UnreadableError(f"{quoted(text)}不是有效日期；{year} 年 {month} 月有 {last.day} 天", last.isoformat())
    return date(year, month, day)


def _in_years(year: int, text: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableError(f"{quoted(text)}的年份不对；应在 {FIRST_YEAR}–{LAST_YEAR} 年之间")


def _term(bare: str, text: str, base: date | None) -> _Point | None:
    """So many years, months, weeks or days; the longer end of a range of terms."""
    hit = _TERM.fullmatch(_TERM_RANGE.sub("", bare))
    if hit is None or not any(hit.groupdict().values()):
        return None
    if base is None:
        return _Point(None)
    count = {name: int(value) if value and value.isdigit() else 0 for name, value in hit.groupdict().items()}
    half_years = sum(bool(hit[name]) for name in ("half_year", "tenth", "more"))
    months = count["years"] * 12 + half_years * 6 + count["months"] + count["quarters"] * 3
    year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
    _in_years(year, text)
    day = date(year, month + 1, min(base.day, monthrange(year, month + 1)[1]))
    return _Point(day + timedelta(days=count["weeks"] * 7 + count["days"] + (15 if hit["half_month"] else 0)))


def _range(bare: str, text: str, base: date | None) -> _Point | None:
    """From one point to another; the second may leave out what the first one says."""
    for join in _JOINS:
        for hit in join.finditer(bare):
            left, right = re.sub(r"^[自从]|起$", "", bare[: hit.start()]), bare[hit.end() :]
            if "月" in right and re.search(r"年\d{1,2}$", left):
                left += "月"
            first = _point(left, text, base) if right else None
            if first is None:
                continue
            full = _completed(first, right)
            last = _point(full, text, base)
            if last is None:
                continue
            if first.dated and first.day and last.day and last.day < first.day:
                later = _guessed(f"{last.day.year + 1}{full[4:]}", base) if full != right else None
                raise UnreadableError(f"{quoted(text)}的结束早于开始；请核对年份", later)
            return last
    return None


def _completed(first: _Point, right: str) -> str:
    """The second point of a range with the year and month it takes over from the first."""
    if first.day is None or not first.dated:
        return right
    year, month = first.day.year, first.day.month
    if right[:2] in ("次年", "翌年"):
        return f"{year + 1}年{right[2:]}"
    if re.fullmatch(r"\d{1,2}[日号]", right) and not first.monthly:
        return f"{year}年{month}月{right}"
    if re.fullmatch(r"\d{1,2}", right):
        return f"{year}-{right}" if first.monthly else f"{year}-{month}-{right}"
    if pair := re.fullmatch(r"(\d{1,2})[-./](\d{1,2})", right):
        return f"{year}-{pair[1]}-{pair[2]}"
    return right if re.match(r"\d{4}|[今明后本]年", right) else f"{year}年{right}"


def _unreadable(text: str, bare: str, base: date | None) -> UnreadableError:
    """The refusal, with the date that is probably meant."""
    if short := _SHORT_YEAR.match(bare):
        return UnreadableError(f"{quoted(text)}的年份只有两位；应写四位年份", _guessed(f"20{short.string}", base))
    if re.fullmatch(r"[1-9]\d{0,2}", bare):
        return UnreadableError(f"{quoted(text)}没有单位；{_ALLOWED}", f"{bare}个月")
    if pair := re.fullmatch(r"(\d{1,2})[-./](\d{1,2})", bare):
        return UnreadableError(f"{quoted(text)}没有年份；{_ALLOWED}", _guessed(f"{pair[1]}月{pair[2]}日", base))
    if bare.endswith("起") and _point(bare[:-1].lstrip("自从"), text, base):
        return UnreadableError(f"{quoted(text)}只写了开始；应写截止日期")
    pieces = _DATE_LIKE.findall(bare)
    return UnreadableError(f"{quoted(text)}不是日期或期限；{_ALLOWED}", _guessed(pieces[-1], base) if pieces else None)


def _guessed(bare: str, base: date | None) -> str | None:
    try:
        found = _point(bare, bare, base)
    except UnreadableError as error:
        return error.suggestion
    return found.day.isoformat() if found and found.day else None
