"""Types of the records' fields: each reads what people write and refuses with a Chinese clause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from marketplace.records.days import Day, read_day
from marketplace.records.fields import PUBLISHER_TYPES
from marketplace.records.listed import read_choices, read_lines, read_switch, read_whole
from marketplace.records.personal import find_personal, read_office_phone
from marketplace.records.values import Money, UnreadableError, read_money
from matching import fold

PERSONAL = {
    "mobile": "手机号", "email": "电子邮箱", "identity": "身份证号", "account": "微信号或QQ号", "person": "联系人姓名",
}  # fmt: skip
MAX_ITEMS = 20


class TermBook(Protocol):
    """The taxonomies as the records ask them."""

    def find(self, taxonomy: str, text: str) -> str | None:
        """Return the label that ``text`` means, None when no valid term is meant."""

    def nearest(self, taxonomy: str, text: str) -> tuple[str, ...]:
        """Return labels that look like ``text``, best first."""

    def labels(self, taxonomy: str) -> tuple[str, ...]:
        """Return the valid labels in their order."""


def refuse(clause: str, suggestion: str | None = None) -> PydanticCustomError:
    """Return the error of a field; ``clause`` says what was found and what is allowed."""
    context = {"clause": clause} | ({"suggestion": suggestion} if suggestion else {})
    return PydanticCustomError("refused", "{clause}", context)


def _reader(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return read(value)
        except UnreadableError as error:
            raise refuse(str(error), error.suggestion) from error

    return checked


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, int | float | str) else value


def _open_text(value: Any) -> Any:
    """Text that will be shown to anyone: personal data are refused, not hidden."""
    text = _text(value)
    if isinstance(text, str):
        found = find_personal(text)
        if found:
            kind = PERSONAL[found[0].kind]
            raise refuse(f"含有{kind}，公开内容不能有个人信息；请删去，或填在“联系方式（受保护）”")
    return text


def _open_lines(value: Any) -> Any:
    items = tuple(value) if isinstance(value, list | tuple) else _reader(read_lines)(value)
    return tuple(_open_text(item) for item in items if _text(item))


def _names(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(text for item in value if (text := _text(item))))
    return _reader(read_choices)(value)


def _money(value: Any) -> Any:
    if isinstance(value, Money):
        return value
    money = _reader(read_money)(value)
    if money.text.replace(",", "").replace(".", "", 1).isdigit():
        # A bare number means 万元 here; written out, it means the same wherever it is read again.
        money = replace(money, text=f"{money.text}万元")
    return money if money.text and (money.low_wan, money.high_wan, money.note) != (None, None, "") else None


def _day(value: Any) -> Any:
    if isinstance(value, Day):
        return value
    day = _reader(read_day)(value)
    return day if day.day or day.text else None


def _publisher_type(value: Any) -> Any:
    text = _text(value)
    if not text or text in PUBLISHER_TYPES:
        return text
    aliases = {"机关": "government", "政府": "government", "国企": "soe", "央企": "soe", "民营企业": "enterprise"}
    known = {label: code for code, label in PUBLISHER_TYPES.items()} | aliases
    code = known.get(fold(text))
    if code is None:
        raise refuse(f"发现“{text}”；应为：{'、'.join(PUBLISHER_TYPES.values())}之一，或留空")
    return code


def _level(value: Any) -> Any:
    level = _reader(read_whole)(value)
    if level is not None and not 1 <= level <= 9:
        raise refuse(f"发现“{_text(value)}”；应为：1–9 的整数，或留空")
    return level


def _year(value: Any) -> Any:
    year = _reader(read_whole)(value)
    if year is not None and not 1990 <= year <= 2100:
        raise refuse(f"发现“{_text(value)}”；应为：四位年份，如 2026，或留空")
    return year


def term(taxonomy: str, *, strict: bool) -> Callable[[Any, ValidationInfo], Any]:
    """Return a validator that turns a text into the label of a taxonomy.

    Without a book in the validation context, and for lenient fields, the text stays as written.
    """

    def checked(value: Any, info: ValidationInfo) -> Any:
        text = _open_text(value)
        book: TermBook | None = (info.context or {}).get("terms")
        if not text or book is None or not isinstance(text, str):
            return text
        label = book.find(taxonomy, text)
        if label is None and strict:
            near = book.nearest(taxonomy, text)
            allowed = "、".join(book.labels(taxonomy))
            raise refuse(f"发现“{text}”；应为：{allowed}之一，或留空", near[0] if near else None)
        return label or text

    return checked


def terms(taxonomy: str) -> Callable[[Any, ValidationInfo], Any]:
    """Return a validator that turns names into labels of a taxonomy where they are known."""
    one = term(taxonomy, strict=False)

    def checked(value: Any, info: ValidationInfo) -> Any:
        return tuple(dict.fromkeys(one(name, info) for name in _names(value)))

    return checked


Text = Annotated[str, BeforeValidator(_open_text)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_open_lines)]
Sum = Annotated[Money | None, BeforeValidator(_money)]
DayField = Annotated[Day | None, BeforeValidator(_day)]
PublisherType = Annotated[str, BeforeValidator(_publisher_type)]
Level = Annotated[int | None, BeforeValidator(_level)]
Year = Annotated[int | None, BeforeValidator(_year)]
Switch = Annotated[bool | None, BeforeValidator(_reader(read_switch))]
Phone = Annotated[str, BeforeValidator(_reader(read_office_phone))]
