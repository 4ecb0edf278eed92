"""Says in one sentence why the columns of a sheet cannot be taken as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from marketplace.records import FIELDS, SIDE_NAMES
from marketplace.records.faults import cut
from marketplace.workbooks.columns import JOINED, ORGANISATION, SEARCHED, ColumnGuess, Header, column_name
from marketplace.workbooks.headers import OTHER
from marketplace.workbooks.reading import Sheet
from matching import Side


def missing_sentence(sheet: Sheet, guess: ColumnGuess, *, organisation_known: bool = False) -> str | None:
    """Return the refusal of a sheet without a column that every row needs, None when all are there."""
    needed = ["title"] if organisation_known else ["title", ORGANISATION[guess.side]]
    labels = {spec.name: spec.label for spec in FIELDS[guess.side]}
    absent = [name for name in needed if name not in guess.fields.values()]
    if not absent:
        return None
    expected = "、".join(spec.label for spec in FIELDS[guess.side] if spec.public)
    names = "、".join(f"“{labels[name]}”" for name in absent)
    if guess.header_row < 0:
        side = SIDE_NAMES[guess.side]
        return f"“{sheet.name}”前 {SEARCHED} 行中没有找到{side}清单的表头（没有{names}一列）；应有：{expected}。"
    shown = "、".join(header.text for header in guess.headers if header.text) or "无"
    number = sheet.first_row + guess.header_row
    return f"“{sheet.name}”第 {number} 行表头没有{names}一列；找到的列有：{shown}；应有：{expected}。"


def doubled_sentence(guess: ColumnGuess) -> str | None:
    """Return the refusal when two columns are to fill a field that takes one, None when none do."""
    kinds = {spec.name: spec for spec in FIELDS[guess.side]}
    seen: dict[str, Header] = {}
    for header in guess.headers:
        if not header.field or header.field == OTHER:
            continue
        if header.field in seen and kinds[header.field].kind not in JOINED:
            label, first = kinds[header.field].label, seen[header.field].text
            return f"“{first}”和“{header.text}”两列都对应“{label}”；这一项只能取一列，请把其中一列改为别的项或不导入。"
        seen[header.field] = header
    return None


def unknown_sentence(side: Side, fields: Iterable[str | None]) -> str | None:
    """Return the refusal of the first field that a list does not have, None when it has them all."""
    known = {OTHER, *(spec.name for spec in FIELDS[side])}
    unknown = next((name for name in fields if name and name not in known), None)
    if unknown is None:
        return None
    labels = "、".join(spec.label for spec in FIELDS[side])
    return f"{SIDE_NAMES[side]}清单没有名为“{cut(unknown)}”的项；可选：{labels}。"


def private_sentence(guess: ColumnGuess, kept: Collection[int]) -> str | None:
    """Return the refusal when a column that may not go along is to, None when none is."""
    asked = [one for one in guess.headers if one.index in kept and not one.field and not one.may_keep]
    if not asked:
        return None
    why = "含有个人信息或是联系方式" if asked[0].private else "没有表头"
    advice = "改为对应“联系方式（受保护）”，或不导入" if asked[0].private else "在文件中补上表头，或不导入"
    return f"{column_name(asked[0])}一列{why}，不能保留为补充信息（补充信息随条目公开）；请{advice}。"
