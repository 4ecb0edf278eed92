"""How exports write what a plain cell would lose: exact lists, and text that begins like a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Nobody types a no-break space behind a list number: it tells an exact list from one written by a person.
_SIGN = "\u00a0"
_ITEM = re.compile(rf"(\d+)\.(?:{_SIGN}|$)(.*)", re.DOTALL)
_GO_ON = _SIGN * 3
_FORMULA = re.compile(r"'*[=+\-@]")


def write_exact_lines(items: Sequence[str]) -> str:
    """Return items as one cell that ``read_exact_lines`` turns back, whatever stands in them."""
    texts = (item.replace("\n", f"\n{_GO_ON}") for item in items)
    return "\n".join(f"{place}.{_SIGN}{text}" for place, text in enumerate(texts, 1))


def read_exact_lines(text: str) -> tuple[str, ...] | None:
    """Return the items of a cell that ``write_exact_lines`` wrote, None for any other text."""
    items: list[str] = []
    if f".{_SIGN}" not in text:
        return None
    for line in text.split("\n"):
        head = _ITEM.fullmatch(line)
        if head and int(head[1]) == len(items) + 1:
            items.append(head[2])
        elif items and line.startswith(_GO_ON):
            items[-1] += "\n" + line.removeprefix(_GO_ON)
        else:
            return None
    return tuple(items)


def guard_formula(text: str) -> str:
    """Return text with an apostrophe before what a spreadsheet would run; see ``unguard_formula``."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_formula(text: str) -> str:
    """Return the text that ``guard_formula`` was given; text it did not change is unchanged."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text
