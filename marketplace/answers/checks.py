"""What texts that others will read must keep to: length, and no personal data in them."""

from __future__ import annotations

from marketplace.records import Fault
from marketplace.records.kinds import PERSONAL
from marketplace.records.personal import find_personal

MAX_EVIDENCE, MAX_NOTE, MAX_QUESTION, MAX_REPLY, MAX_PURPOSE = 1000, 2000, 500, 2000, 200
_WHERE = "联系方式经双方同意后另行交换，请从这里删去"


def text_fault(
    field: str, label: str, text: str, limit: int, *, required: bool = False, where: str = ""
) -> Fault | None:
    """Return what is wrong with a text, None when nothing is; ``where`` says what to do about personal data."""
    if required and not text:
        return Fault(field, label, "", f"“{label}”：没有填写。")
    if len(text) > limit:
        return Fault(field, label, f"{len(text)} 个字", f"“{label}”：最多 {limit} 个字，现有 {len(text)} 个字。")
    found = find_personal(text)
    if found:
        kind = PERSONAL[found[0].kind]
        return Fault(field, label, kind, f"“{label}”：含有{kind}；{where or _WHERE}。")
    return None


def tidy(text: str, limit: int = 4 * MAX_NOTE) -> str:
    """Return a text as typed, with plain line ends and without blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()[:limit]
