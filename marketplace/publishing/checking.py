"""Whether a draft may go on: the record's own rules, and what only the whole list can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.publishing.fairness import fairness_hints
from marketplace.publishing.reading import ORGANISATION_FIELD, known_values
from marketplace.publishing.states import CLOSED
from marketplace.records import Fault, PostingRecord, TermBook, check_record, field_of
from marketplace.store import Database
from marketplace.store.drafts import DraftRow, organisation_facts
from marketplace.store.postings import find_keys


def check_draft(
    db: Database, row: DraftRow, terms: TermBook | None, values: Mapping[str, Any] | None = None
) -> tuple[PostingRecord | None, tuple[Fault, ...]]:
    """Return the record of a draft and its faults, blocking ones first; the record is None when one blocks."""
    given = known_values(row.side, row.values if values is None else values)
    record, faults = check_record(row.side, given, terms)
    found = [*faults, *_list_faults(db, row, record, given)]
    blocking = [fault for fault in found if fault.blocking]
    hints = [fault for fault in found if not fault.blocking]
    return (None if blocking else record), (*blocking, *hints, *fairness_hints(row.side, given))


def _list_faults(db: Database, row: DraftRow, record: PostingRecord | None, values: Mapping[str, Any]) -> list[Fault]:
    found = []
    if not row.organisation_key or organisation_facts(db, row.organisation_key) is None:
        spec = field_of(row.side, ORGANISATION_FIELD[row.side])
        found.append(Fault(spec.name, spec.label, "", f"“{spec.label}”没有对应到已登记的单位；请先登记或选择单位。"))
    external_id = record.id if record is not None else str(values.get("id") or "").strip()
    taken = [key for key, *_ in find_keys(db, external_id, row.side)] if external_id else []
    if taken and taken != [row.posting_key]:
        sentence = f"“编号”：发现“{external_id}”，已被另一条清单使用；应为没有用过的编号，或留空由系统编号。"
        found.append(Fault("id", "编号", external_id, sentence))
    if record is not None and record.disclosure == CLOSED:
        sentence = f"“公开属性”：发现“{CLOSED}”；不予公开的内容不能发布到公开清单。"
        found.append(Fault("disclosure", "公开属性", CLOSED, sentence))
    return found
