"""Finds mobiles, e-mails, identity numbers and chat accounts, also spelled out or broken up by signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from marketplace.records.values import half_width

Span = tuple[int, int]

_SPELLINGS = ("零〇○", "一壹幺", "二贰貳两", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
_SPOKEN = {ord(sign): str(figure) for figure, signs in enumerate(_SPELLINGS) for sign in signs}
_HAN_FIGURES = "".join(_SPELLINGS)
# What may stand inside a number written in groups, line ends excepted.
_SIGNS = r" \-.·•・‧\u200b-\u200f\u2060\ufeff"
_GAP = rf"[{_SIGNS}]{{0,3}}"
# These signs also part the items of a list: 100、150、2000、3000.
_LISTING = r",、/|\t"
_ANY = rf"[{_SIGNS}{_LISTING}_~()]"
# Not the tail of a model number (SN138…), of a longer run, of a decimal or of a sum of money.
# The figure itself comes first: the search then skips from 1 to 1.
_START = (
    r"1(?:(?<![0-9A-Za-z¥$]1)|(?<=tel1)|(?<=Tel1)|(?<=TEL1)|(?<=phone1)|(?<=(?<![0-9A-Za-z])861)|(?<=00861))"
    r"(?<![A-Za-z][-_#]1)(?<!0\.1)(?<!\d\d\.1)"
)
_NO_UNIT = r"(?!\s*(?:元|亿|万元|吨|千瓦|平方米|立方米|米|次|套|台(?![州湾])|%))"
_END = rf"(?![0-9A-Za-z]|\.\d|-[A-Za-z]){_NO_UNIT}"
_GROUPED = re.compile(
    rf"{_START}[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}}"
    rf"|(?:[ \-]\d\d){{4}}|\d{_GAP}\d{{4}}{_GAP}\d{{3}}){_END}"
)
_PARTED = re.compile(
    rf"{_START}(?:(?<!\d[{_LISTING}]1)(?<!\d[{_LISTING}] 1)|(?<=\d{{4}}[{_LISTING}]1))"
    rf"[3-9]\d{_ANY}{{0,3}}(?P<one>\d{{4}}){_ANY}{{0,3}}(?P<two>\d{{4}}){_END}"
    rf"(?! ?[{_LISTING}] ?(?!1[3-9]\d|0\d\d)\d)"
)
_FIGURE_BY_FIGURE = re.compile(
    rf"1(?:(?<![0-9A-Za-z¥$]1)(?<!(?<!\d)\d{_ANY}1)(?<!(?<!\d)\d[{_LISTING}] 1)|(?<=86{_ANY}1))"
    rf"(?P<gap>{_ANY}{{1,3}})[3-9](?:(?P=gap)\d){{9}}(?!(?P=gap)\d){_END}"
)
# Behind a word that says what follows, the grouping may be any.
_ANNOUNCED = re.compile(
    r"(?:手[机機]|[电電][话話]|[联聯][系繫]方式|微信号?|致[电電]|[拨撥]打|(?<![A-Za-z])(?:mobile|phone|tel|wechat|vx|wx|qq))"
    rf"[^0-9A-Za-z\n]{{0,6}}(?:(?:\+|00)?86{_ANY}?)?"
    rf"(?P<number>1{_ANY}{{0,3}}[3-9](?:{_ANY}{{0,3}}\d){{9}})(?![ \-]?\d){_END}",
    re.IGNORECASE,
)
# 十 and larger make it a quantity.
_SPELLED = re.compile(
    rf"(?<![0-9¥$十百千万亿点第{_HAN_FIGURES}])[1{_SPELLINGS[1]}][{_SIGNS},、]{{0,2}}[3-9{''.join(_SPELLINGS[3:])}]"
    rf"(?:[{_SIGNS},、]{{0,2}}[\d{_HAN_FIGURES}]){{9}}(?![0-9十百千万亿点{_HAN_FIGURES}]){_NO_UNIT}"
)
_FIGURE = re.compile(rf"[0-9{_HAN_FIGURES}]")
# A mobile has eleven figures, an identity number more: with fewer in the whole text there is none.
_LEAST_FIGURES = 11
_EMAIL = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63} ?@ ?[A-Za-z0-9\-]{1,63}(?:[.。][A-Za-z0-9\-]{1,63}){0,6}[.。][A-Za-z]{2,24}"
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})[ \-]?(\d{8})[ \-]?(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"

# 官方微信 and 公众号 are an office's and public; so is a QQ群.
_WECHAT = r"(?<!官方)(?<!政务)(?:微信|薇信|v信|(?<![A-Za-z0-9])(?:wechat|weixin))"
# One of these stands before every account; wxid_… holds one itself.
_CHAT_SIGN = re.compile(r"[信vwq扣]", re.IGNORECASE)
_CHAT_WORDS = ("微信", "薇信", "v信", "wechat", "weixin", "vx", "wx", "加v", "加我v", "加个v", "qq", "扣扣")
_NUMBERED = r"(?:\s?(?:[号號][码碼]?|[账帐帳][号號]|id))"
_SEP = r"[\s:=\"“「(\[【]{0,4}"
# Latin words that follow 微信 in texts about interfaces.
_NO_TERM = r"(?!(?:openid|unionid|openapi|android|alipay|wechat|weixin|webview|mini.?program|jssdk|oauth)\d?(?![a-z]))"
_LATIN = rf"{_NO_TERM}[A-Za-z][A-Za-z0-9_\-]{{5,19}}(?![A-Za-z0-9_\-@]|\.[A-Za-z0-9])"
_SURE = r"(?=[A-Za-z]+_|[A-Za-z_\-]*\d[A-Za-z_\-]*\d)"
_DIGITS = (
    r"(?!1[3-9]\d{9}(?!\d))[1-9]\d{4,11}(?![\dA-Za-z@]|[.\-]\d"
    r"|\s?(?:[%+余多万亿千百个個名人户家次条位元年月天台套群端版并项点级]|[用客]户|以上|以内))"
)
_ACCOUNT = re.compile(
    rf"(?:{_WECHAT}(?:{_NUMBERED}(?:{_SEP}|\s?[是为為]\s?)|\s?[:=]{_SEP})|(?<!增)(?<!附)加(?:我|个)?微信{_SEP}"
    rf"|(?<![A-Za-z0-9])(?:vx|wx)\s?(?:{_NUMBERED}\s?:?|:)\s?|(?<![增附])加(?:我|个)?v\s?[:\s]\s?)(?P<wide>{_LATIN})"
    rf"|{_WECHAT}[\s(\-]{{0,2}}(?P<close>{_SURE}{_LATIN})"
    rf"|(?:{_WECHAT}|(?<![A-Za-z0-9])qq|扣扣){_NUMBERED}?(?:{_SEP}|\s?[是为為\-]\s?)(?P<digits>{_DIGITS}(?:\s?[、/或和]\s?{_DIGITS})*)"
    r"|(?<![A-Za-z0-9_])(?P<own>wxid_[A-Za-z0-9]{6,})",
    re.IGNORECASE,
)


def narrow_text(text: str) -> str:
    """Return ``text`` with every sign at its place: half-width, plain dashes and spaces, figures as 0–9."""
    if text.isascii():
        return text
    return text.translate(_NARROW)


class _Narrow(dict[int, int]):
    """What each sign is read as, looked up once in the character tables."""

    def __missing__(self, code: int) -> int:
        char = half_width(chr(code))
        read, category = ord(char), unicodedata.category(char)
        if category == "Nd":
            read = ord("0") + unicodedata.digit(char)
        elif category == "Zs":
            read = ord(" ")
        elif category == "Pd" or char == "−":
            read = ord("-")
        elif char == "￥":
            read = ord("¥")
        self[code] = read
        return read


_NARROW = _Narrow()


def figures(narrow: str) -> str:
    """Return the figures of a number as 0–9, also those written in Chinese (幺三八…), and nothing else."""
    return re.sub(r"\D", "", narrow.translate(_SPOKEN))


def may_hold_numbers(narrow: str) -> bool:
    """Return whether there are figures enough for a mobile or an identity number; a quick look before a close one."""
    return len(_FIGURE.findall(narrow)) >= _LEAST_FIGURES


def find_mobiles(narrow: str) -> list[Span]:
    """Return the places of mobile numbers, in order; two may overlap."""
    found = {hit.span() for hit in _GROUPED.finditer(narrow)}
    found |= {hit.span() for hit in _PARTED.finditer(narrow) if not _are_sizes(hit["one"], hit["two"])}
    found |= {hit.span() for hit in _FIGURE_BY_FIGURE.finditer(narrow)}
    found |= {hit.span("number") for hit in _ANNOUNCED.finditer(narrow)}
    spelled = (hit.span() for hit in _SPELLED.finditer(narrow))
    # Written in plain figures only, it was judged above.
    found |= {(start, end) for start, end in spelled if not _SPOKEN.keys().isdisjoint(map(ord, narrow[start:end]))}
    return sorted(found)


def _are_sizes(one: str, two: str) -> bool:
    """Whether the groups behind the first look like two more items of a list: round figures or years."""
    years = all(group[:2] in ("19", "20") for group in (one, two))
    return years or (one[0] != "0" and one[-1] == two[-1] == "0")


def find_emails(narrow: str) -> list[Span]:
    """Return the places of e-mail addresses."""
    if "@" not in narrow:
        return []
    return [hit.span() for hit in _EMAIL.finditer(narrow)]


def find_identities(narrow: str) -> list[Span]:
    """Return the places of identity numbers whose region, birth date and check figure are possible."""
    return [hit.span() for hit in _IDENTITY.finditer(narrow) if _is_identity(hit)]


def _is_identity(hit: re.Match[str]) -> bool:
    number = (hit[1] + hit[2] + hit[3]).upper()
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return 1900 <= born.year < 2100 and _CHECKS[total % 11] == number[17]


def find_accounts(narrow: str) -> Iterator[tuple[int, int, int]]:
    """Yield the WeChat and QQ accounts behind their label: where the label begins, where the account does, its end."""
    if not _CHAT_SIGN.search(narrow):
        return
    lower = narrow.lower()
    if not any(word in lower for word in _CHAT_WORDS):
        return
    for hit in _ACCOUNT.finditer(narrow):
        start, end = hit.span(hit.lastgroup or 0)
        yield hit.start(), start, end
