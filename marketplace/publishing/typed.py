"""What people type into a draft, kept as typed, and what the program fills in itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.contacts import ContactBook
from marketplace.publishing.diffs import values_of
from marketplace.publishing.reading import ASSIGNED, ORGANISATION_FIELD, known_values
from marketplace.records import FIELDS, PUBLISHER_TYPES, TermBook, to_values
from marketplace.store.drafts import DraftRow
from matching import Posting, Side

# Longer than any field may be, so that a fault can still be said of it; what is beyond is no text.
MAX_TYPED = 40_000
MAX_CONTACT = 300


def merge_values(
    row: DraftRow, given: Mapping[str, Any], contacts: ContactBook, organisation: str
) -> tuple[dict[str, Any], str]:
    """Return the values and the sealed contact of a draft after a save; empty fields are not kept.

    ``organisation`` is the registered name that the text stands under, empty when it has none yet.
    """
    closed = fixed_fields(row)
    merged, sealed = dict(row.values), row.sealed
    for name, value in known_values(row.side, given).items():
        if name == "contact":
            sealed = _seal(row, str(value)[:MAX_CONTACT], merged, contacts)
        elif name not in closed and name != "other":
            merged[name] = _typed(value)
    if organisation:
        merged[ORGANISATION_FIELD[row.side]] = organisation
    return {name: value for name, value in merged.items() if value not in ("", [], None)}, sealed


def _seal(row: DraftRow, text: str, values: dict[str, Any], contacts: ContactBook) -> str:
    """Seal a contact as typed; one that is unchanged keeps its seal, an office phone in it is public."""
    if text.strip() == contacts.written(row.sealed):
        return row.sealed
    phone, sealed = contacts.seal_cell(text)
    if phone and not values.get("office_phone"):
        values["office_phone"] = phone
    return sealed


def _typed(value: Any) -> Any:
    """A value as typed, as text or a list of texts."""
    if isinstance(value, list | tuple):
        return [str(one)[:MAX_TYPED] for one in value if str(one).strip()]
    return str(value)[:MAX_TYPED].replace("\r\n", "\n")


def fixed_fields(row: DraftRow) -> frozenset[str]:
    """Return the fields that nobody types: the organisation's name, what publication assigns, a known id."""
    own = {ORGANISATION_FIELD[row.side]} if row.organisation_key else set()
    return frozenset({*ASSIGNED, *own, *({"id"} if row.posting_key else set())})


def options_of(side: Side, book: TermBook) -> dict[str, tuple[str, ...]]:
    """Return the terms to choose from by field."""
    found = {spec.name: book.labels(spec.taxonomy) for spec in FIELDS[side] if spec.taxonomy}
    if side is Side.OPPORTUNITY:
        found["publisher_type"] = tuple(PUBLISHER_TYPES.values())
    return {name: labels for name, labels in found.items() if labels}


def revised_values(posting: Posting) -> dict[str, Any]:
    """Return a stored posting as the raw values of a draft that revises it, its additional entries too."""
    _, other = to_values(posting)
    kept = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values_of(posting).items()
        if name != "last_confirmed"
    }
    return kept | ({"other": other} if other else {})
