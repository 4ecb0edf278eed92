"""Finds and masks personal data in texts, and takes a 联系方式 cell apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from marketplace.records.personal_names import CHUNK, LABEL_WORDS, blank, find_names, name_place
from marketplace.records.personal_numbers import (
    figures,
    find_accounts,
    find_emails,
    find_identities,
    find_mobiles,
    may_hold_numbers,
    narrow_text,
)
from marketplace.records.values import BLANK, Cell, UnreadableError, as_text, quoted

Kind = Literal["mobile", "email", "identity", "account", "person"]

_AREA = r"0(?:10|2\d|[3-9]\d{2})"
_NUMBER = r"\d{3,4}[ \-]?\d{4}"
_EXTENSION = r"(?: ?(?:[转轉\-#]|ext\.?|分机) ?(?P<extension>\d{1,6}))?(?!\d)"
_PHONE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:(?:\+|00)86[ \-]?)?\(?(?P<area>{_AREA})\)?[ \-]{{0,3}}(?P<number>{_NUMBER}){_EXTENSION}"
    rf"|(?:\+|00)86[ \-]?(?P<bare_area>10|2\d|[3-9]\d{{2}})[ \-]?(?P<bare_number>{_NUMBER})(?!\d)"
    r"|(?P<toll>[48]00(?:[ \-]?\d){7})(?!\d)|(?P<hotline>1[012]\d{3}|9[56]\d{3,4})(?![\d\-])"
    rf"|(?P<local>[1-9]\d{{6,7}})(?![\d\-]))"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """One piece of personal data in a text: its kind, its place and its words."""

    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ContactParts:
    """A 联系方式 cell taken apart; several of a kind are joined by 、, what is none of them is ``rest``."""

    office_phone: str
    person: str
    mobile: str
    email: str
    rest: str


# A list says the same in many rows, and a cell is looked at by its column, its field and its row.
@lru_cache(maxsize=2048)
def find_personal(text: str) -> tuple[Personal, ...]:
    """Return mobiles, e-mails, identity numbers, chat accounts and names in ``text``, in order, not overlapping.

    Names are found only where the text itself says that a person follows: behind a label (联系人), asked for
    with a title (联系王建国主任) or right before a mobile or an account.
    """
    narrow = narrow_text(text)
    found: list[tuple[int, int, int, Kind]] = []
    numbers: list[int] = []
    if may_hold_numbers(narrow):
        for start, end in find_mobiles(narrow):
            numbers.append(start)
            found.append((start, 2, end, "mobile"))
        found += ((start, 0, end, "identity") for start, end in find_identities(narrow))
    for label, start, end in find_accounts(narrow):
        numbers.append(label)
        found.append((start, 3, end, "account"))
    found += ((start, 1, end, "email") for start, end in find_emails(narrow))
    found += ((start, 4, end, "person") for start, end in find_names(narrow, numbers))
    if not found:
        return ()
    kept: list[Personal] = []
    for start, _, end, kind in sorted(found):
        if not kept or start >= kept[-1].end:
            kept.append(Personal(kind, start, end, text[start:end]))
    return tuple(kept)


def mask_personal(text: str) -> str:
    """Return ``text`` with every find covered (138****8000, l***@example.cn, 张**); unchanged without finds."""
    while found := find_personal(text):
        parts, at = [], 0
        for one in found:
            parts += [text[at : one.start], _masked(one)]
            at = one.end
        text = "".join(parts) + text[at:]
    return text


def _masked(one: Personal) -> str:
    narrow = narrow_text(one.text)
    match one.kind:
        case "mobile":
            digits = figures(narrow)
            return f"{digits[:3]}****{digits[-4:]}"
        case "email":
            return f"{narrow[0]}***@{narrow.rpartition('@')[2].strip()}"
        case "identity":
            return f"{narrow[:2]}{'*' * 14}{narrow[-2:]}"
        case "account":
            return f"{narrow[0]}***"
        case _:
            return f"{one.text[0]}**"


def read_contact(value: Cell) -> ContactParts:
    """Return the parts of a cell such as 张三 13800000000 / 027-87654321 z@example.cn; raises nothing.

    ``office_phone`` holds a number without area code as written; mobiles come as eleven figures.
    """
    text = as_text(value)
    if text in BLANK:
        return ContactParts("", "", "", "", "")
    narrow, finds = narrow_text(text), find_personal(text)
    parts: dict[str, list[str]] = {"mobile": [], "email": []}
    persons = [(one.start, one.text) for one in finds if one.kind == "person"]
    for one in finds:
        if one.kind == "mobile":
            parts["mobile"].append(figures(narrow[one.start : one.end]))
        elif one.kind == "email":
            parts["email"].append(narrow[one.start : one.end].replace(" ", "").replace("。", "."))
        if one.kind not in ("identity", "account"):
            narrow = narrow[: one.start] + "\n" * (one.end - one.start) + narrow[one.end :]
    # A chat account is neither a landline nor public; it stays with the rest, under its label.
    rest = []
    for label, _, end in find_accounts(narrow):
        rest.append(" ".join(narrow[label:end].split()))
        narrow = narrow[:label] + "\n" * (end - label) + narrow[end:]
    parts["phone"] = [_written_phone(hit) for hit in _PHONE.finditer(narrow)]
    narrow = LABEL_WORDS.sub(blank, _PHONE.sub(blank, narrow))
    for word in re.finditer(r"[^\s/、,;|():]+", narrow):
        length = _bare_name(word.group(), any_name=bool(parts["mobile"]))
        if length:
            persons.append((word.start(), word.group()[:length]))
        if left := word.group()[length:].strip("-+.。"):
            rest.append(left)
    parts["person"] = [name for _, name in sorted(persons)]
    joined = {name: "、".join(dict.fromkeys(found)) for name, found in parts.items()}
    return ContactParts(joined["phone"], joined["person"], joined["mobile"], joined["email"], " ".join(rest))


def _bare_name(word: str, *, any_name: bool) -> int:
    """How much of a word standing alone in a contact cell is a name; beside a mobile also a rare one."""
    place = name_place(word, any_name=any_name and len(word) < 4) if CHUNK.fullmatch(word) else None
    return place[1] if place and place[0] == 0 else 0


def _written_phone(hit: re.Match[str]) -> str:
    if hit["toll"]:
        digits = re.sub(r"\D", "", hit["toll"])
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if short := hit["hotline"] or hit["local"]:
        return short
    area, number = hit["area"] or f"0{hit['bare_area']}", hit["number"] or hit["bare_number"]
    extension = f"转{hit['extension']}" if hit["extension"] else ""
    return f"{area}-{re.sub(r'[ -]', '', number)}{extension}"


def read_office_phone(value: Cell) -> str:
    """Return the landlines and hotlines of a cell as 027-87654321, several joined by 、, empty for a blank one.

    Raises UnreadableError for a mobile, for a number without area code and for anything else.
    """
    text = as_text(value)
    narrow = narrow_text(text)
    if narrow in BLANK:
        return ""
    if any(one.kind == "mobile" for one in find_personal(text)):
        raise UnreadableError(f"{_covered(text)}是手机号，不能作为公开电话；应写固定电话", "填入受保护的联系方式")
    if re.fullmatch(r"1\d{2}", narrow):
        return narrow
    hits = list(_PHONE.finditer(narrow))
    left = re.sub(r"[\s/、,;|():。或和]+", "", LABEL_WORDS.sub("", _PHONE.sub("", narrow)))
    if not hits or left:
        # A workbook drops the leading zero of 027… when it takes it for a number.
        lost = _PHONE.fullmatch(f"0{narrow}") if narrow.isdigit() else None
        known = [hit for hit in ([lost] if lost else hits) if not hit["local"]]
        suggestion = "、".join(map(_written_phone, known)) or None
        raise UnreadableError(f"{_covered(text)}不是固定电话；应写成 027-87654321 的样子", suggestion)
    if any(hit["local"] for hit in hits):
        area = next((hit["area"] for hit in hits if hit["area"]), None)
        full = [f"{area}-{hit['local']}" if hit["local"] else _written_phone(hit) for hit in hits]
        suggestion = "、".join(full) if area else None
        raise UnreadableError(f"{quoted(text)}没有区号；应写成 027-87654321 的样子", suggestion)
    return "、".join(dict.fromkeys(_written_phone(hit) for hit in hits))


def _covered(text: str) -> str:
    """What was found, for a sentence that may be logged: also bare names are covered."""
    for name in filter(None, read_contact(text).person.split("、")):
        text = text.replace(name, f"{name[0]}**")
    return quoted(mask_personal(text))
