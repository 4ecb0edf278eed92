"""Finds the header of a sheet and says which column holds which field; people may say otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from marketplace.records import FIELDS
from marketplace.workbooks.headers import (
    KEPT,
    Named,
    guess_field,
    header_key,
    header_text,
    is_counter,
    is_own_remark,
    is_protected,
    name_field,
    personal_under,
    stand_in_places,
    unit_of,
)
from marketplace.workbooks.reading import Cell, Sheet, Workbook
from matching import Side

ORGANISATION = {Side.OPPORTUNITY: "publisher", Side.CAPABILITY: "company"}
# Fields that several columns may fill together.
JOINED = frozenset({"long", "lines", "cases", "choices", "protected"})
SEARCHED, _SAMPLED, _SHOWN = 20, 200, 3
# Below a half-empty header row the upper row fills the gaps, at a little less weight.
_FILLED = 0.9
_LONGEST_HEADER = 40
UNREAD = "不对应任何一项，默认不导入；确需公开的，可在网页导入时选择保留为补充信息。"
PRIVATE = "含有个人信息或是联系方式，不导入，也不能保留为补充信息。"
NAMELESS = "没有表头，不导入。"
# Sheets of templates that hold no list.
_ASIDE = frozenset({"填写说明", "填报说明", "说明", "选项"})


@dataclass(frozen=True, slots=True)
class Header:
    """One column. ``field`` is what it fills, None for none; ``keep`` says that it goes along unread.

    ``unit`` is the money unit of bare numbers, ``samples`` a few of its values. ``private`` says that it holds
    personal data or is called like the protected contact: what goes along is public, so it may not.
    """

    index: int
    text: str
    unit: str
    field: str | None
    sure: bool
    keep: bool = False
    samples: tuple[str, ...] = ()
    private: bool = False

    @property
    def may_keep(self) -> bool:
        """Whether it may go along as additional information; without a header nobody would know what it says."""
        return bool(self.text) and not self.private


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """How a sheet is understood. ``header_row`` is a place in ``sheet.rows``, -1 when none was found.

    ``sides`` are the lists it may belong to, the likelier first; two of them when nobody can tell.
    """

    side: Side
    sides: tuple[Side, ...]
    header_row: int
    headers: tuple[Header, ...]
    notices: tuple[str, ...]

    @property
    def fields(self) -> dict[int, str]:
        """Field by column."""
        return {header.index: header.field for header in self.headers if header.field}

    @property
    def kept(self) -> frozenset[int]:
        """Columns that go along as additional information."""
        return frozenset(header.index for header in self.headers if header.keep and not header.field)


def guess_columns(sheet: Sheet, side: Side | None = None, memory: Mapping[str, str] | None = None) -> ColumnGuess:
    """Return the header row of a sheet and the field of each column.

    ``memory`` holds what an organisation's columns were taken for before, by compared header.
    """
    found = {one: _find_header(sheet, one, memory or {}) for one in ((side,) if side else tuple(Side))}
    scores = {one: score + _told(sheet, one, row) for one, (row, score) in found.items()}
    best = max(scores, key=lambda one: scores[one])
    sides = tuple(sorted((one for one in scores if scores[one] == scores[best]), key=lambda one: one != best))
    row = found[best][0]
    if row < 0:
        return ColumnGuess(best, tuple(found), -1, (), ())
    return columns_at(sheet, best, row, memory, sides=sides)


def choose_sheet(
    workbook: Workbook, side: Side | None = None, memory: Mapping[str, str] | None = None
) -> tuple[int, ColumnGuess]:
    """Return the place of the sheet that looks most like a list, the first of equals, and its columns.

    ``workbook`` has at least one sheet.
    """
    guesses = [guess_columns(sheet, side, memory) for sheet in workbook.sheets]
    weights = [
        (("title" in guess.fields.values()) * 10 + len(set(guess.fields.values()))) * (sheet.name not in _ASIDE)
        for sheet, guess in zip(workbook.sheets, guesses, strict=True)
    ]
    best = weights.index(max(weights))
    return best, guesses[best]


def columns_at(
    sheet: Sheet,
    side: Side,
    header_row: int,
    memory: Mapping[str, str] | None = None,
    *,
    sides: Collection[Side] = (),
) -> ColumnGuess:
    """Return the columns of a sheet whose header row is known."""
    texts, upper = _texts(sheet, header_row), _upper(sheet, header_row)
    remembered = memory or {}
    named = _assign(texts, upper, side, remembered)
    headers = []
    for index, text in texts.items():
        cells, one = _column(sheet, header_row, index), named.get(index)
        header = Header(
            index, text, unit_of(text), one.field if one else None, bool(one and one.sure),
            samples=tuple(header_text(cell)[:60] for cell in cells[:_SHOWN]),
            private=is_protected(text, side, one) or any(personal_under(text, cell) for cell in dict.fromkeys(cells)),
        )  # fmt: skip
        # Nobody knows what an unread column says, and additional information is public: people ask for it.
        wanted = one is None and remembered.get(header_key(text)) == KEPT
        headers.append(replace(header, keep=wanted and header.may_keep))
    headers = [header for header in headers if header.text or header.samples]
    notices = _notices(sheet, header_row, headers)
    return ColumnGuess(side, tuple(sides) or (side,), header_row, tuple(headers), notices)


def with_choice(
    guess: ColumnGuess, fields: Mapping[int, str | None], kept: Collection[int] | None = None
) -> ColumnGuess:
    """Return the columns as a person chose them; columns not named in ``fields`` stay as guessed.

    A column that may not go along does not, whatever ``kept`` says.
    """
    headers = []
    for header in guess.headers:
        field = fields[header.index] or None if header.index in fields else header.field
        sure = header.sure if field == header.field else field is not None
        keep = header.index in kept if kept is not None else header.keep
        headers.append(replace(header, field=field, sure=sure, keep=keep and field is None and header.may_keep))
    return replace(guess, headers=tuple(headers))


def _find_header(sheet: Sheet, side: Side, memory: Mapping[str, str]) -> tuple[int, float]:
    """Return the likeliest header row and how many different fields it names; the upper of two equal ones."""
    best, most = -1, 0.0
    for row in range(min(len(sheet.rows), SEARCHED)):
        score = _score(sheet, row, side, memory)
        if score > most:
            best, most = row, score
    return best, most


def _score(sheet: Sheet, row: int, side: Side, memory: Mapping[str, str]) -> float:
    own, upper = _cells(sheet, row), _upper(sheet, row)
    weights: dict[str, float] = {}
    for index in {*own, *upper}:
        text = own.get(index, "")
        candidates = ((text, 1.0), (upper.get(index, "") + text, 0.8)) if text else ((upper[index], _FILLED),)
        for written, weight in candidates:
            named = name_field(written, side, memory) if len(written) <= _LONGEST_HEADER else None
            if named:
                weights[named.field] = max(weights.get(named.field, 0.0), weight)
                break
    fields = FIELDS[side]
    # A column both lists know under one name tells less about the list than one of its own.
    own_words = sum(0.01 for spec in fields if spec.name in weights and spec.name in ("title", "publisher", "company"))
    return sum(weights.values()) + own_words if any(weight == 1.0 for weight in weights.values()) else 0.0


def _told(sheet: Sheet, side: Side, header_row: int) -> float:
    """What the sheet's name and the rows above the header say about the list."""
    if header_row < 0:
        return 0.0
    above = " ".join({text for row in range(header_row) for text in _cells(sheet, row).values()})
    words = {Side.OPPORTUNITY: ("机会", "需求", "榜单"), Side.CAPABILITY: ("能力", "供给")}
    return 0.5 if any(word in f"{sheet.name} {above}" for word in words[side]) else 0.0


def _cells(sheet: Sheet, row: int) -> dict[int, str]:
    return {index: text for index, cell in enumerate(sheet.rows[row]) if (text := header_text(cell))}


def _upper(sheet: Sheet, row: int) -> dict[int, str]:
    """The row above a header when it may be the upper line of it: a title says one thing all across."""
    if row == 0:
        return {}
    cells = _cells(sheet, row - 1)
    return cells if len(set(cells.values())) > 1 and max(map(len, cells.values())) <= _LONGEST_HEADER else {}


def _texts(sheet: Sheet, row: int) -> dict[int, str]:
    own, upper = _cells(sheet, row), _upper(sheet, row)
    width = max((len(cells) for cells in sheet.rows[row : row + _SAMPLED]), default=0)
    return {index: own.get(index) or upper.get(index, "") for index in range(width)}


def _assign(
    texts: Mapping[int, str], upper: Mapping[int, str], side: Side, memory: Mapping[str, str]
) -> dict[int, Named]:
    named: dict[int, Named] = {}
    for index, text in texts.items():
        above = upper.get(index, "")
        one = name_field(text, side, memory) or (name_field(above + text, side, memory) if above != text else None)
        if one is None and above and above != text:
            one = name_field(above, side, memory)
        if one:
            named[index] = one
    kinds = {spec.name: spec.kind for spec in FIELDS[side]}
    for index, text in texts.items():
        guess = guess_field(text, side) if index not in named and header_key(text) not in memory else None
        taken = {one.field for one in named.values()}
        if guess and (guess.field not in taken or kinds.get(guess.field) in JOINED):
            named[index] = guess
    _only_one_each(named, kinds, texts, side)
    if "title" not in {one.field for one in named.values()}:
        _stand_in(named, texts, side)
    return named


def _only_one_each(named: dict[int, Named], kinds: Mapping[str, str], texts: Mapping[int, str], side: Side) -> None:
    """Leave a field that takes one column its best one: the label itself, else the first synonym of its list."""
    for spec in FIELDS[side]:
        rivals = [index for index, one in named.items() if one.field == spec.name]
        if len(rivals) < 2 or kinds[spec.name] in JOINED:
            continue
        order = [spec.name, spec.label, *spec.synonyms]
        keep = min(rivals, key=lambda index: (not named[index].sure, _place(order, texts[index]), index))
        for index in rivals:
            if index != keep:
                del named[index]


def _place(order: list[str], text: str) -> int:
    return next((place for place, name in enumerate(order) if header_text(name) == text), len(order))


def _stand_in(named: dict[int, Named], texts: Mapping[int, str], side: Side) -> None:
    """Take a column for the name when none is called so and its own field is filled by another column too."""
    fields = [one.field for one in named.values()]
    for index in stand_in_places(texts, side):
        if index not in named or fields.count(named[index].field) > 1:
            named[index] = Named("title", False)
            return


def _column(sheet: Sheet, header_row: int, index: int) -> list[Cell]:
    rows = sheet.rows[header_row + 1 : header_row + 1 + _SAMPLED]
    return [cells[index] for cells in rows if index < len(cells) and cells[index] is not None]


def _notices(sheet: Sheet, header_row: int, headers: list[Header]) -> tuple[str, ...]:
    notices = []
    titles = [row for row in range(header_row) if sheet.rows[row]]
    if titles:
        numbers = "、".join(str(sheet.first_row + row) for row in titles)
        notices.append(f"表头在第 {sheet.first_row + header_row} 行；它上面的第 {numbers} 行是标题或说明，不导入。")
    guessed = [header.text for header in headers if header.field and not header.sure]
    if guessed:
        notices.append(f"{'、'.join(f'“{text}”' for text in guessed)}是按相近的写法认出的，请核对。")
    unread = [header for header in headers if not header.field and not _is_known(header)]
    for shown, sentence in (
        ([one for one in unread if one.may_keep and not one.keep], UNREAD),
        ([one for one in unread if one.text and one.private], PRIVATE),
        ([one for one in unread if not one.text], NAMELESS),
    ):
        if shown:
            notices.append("、".join(map(column_name, shown)) + sentence)
    return tuple(notices)


def column_name(header: Header) -> str:
    """Return how sentences name a column: by its header, else by its place counted from 1."""
    return f"“{header.text}”" if header.text else f"第 {header.index + 1} 列"


def _is_known(header: Header) -> bool:
    return is_counter(header.text) or is_own_remark(header.text)
