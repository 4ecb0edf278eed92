"""Records: one pydantic model each is the rule behind form, API and workbook row.

Raw values go in by field name, a record or sentences come out; no database here.
"""

from marketplace.records.batches import batch_label, batch_order, read_batch, uniform_batch
from marketplace.records.days import Day, read_day
from marketplace.records.faults import Fault
from marketplace.records.fields import FIELDS, PUBLISHER_TYPES, SIDE_NAMES, FieldSpec, field_of
from marketplace.records.kinds import TermBook
from marketplace.records.personal import ContactParts, find_personal, mask_personal, read_contact
from marketplace.records.posting import (
    RECORDS,
    CapabilityRecord,
    OpportunityRecord,
    PostingRecord,
    check_record,
    to_values,
)
from marketplace.records.shown import shown_batch, shown_budget, shown_day, shown_facts
from marketplace.records.values import Money, UnreadableError, format_money, read_money

__all__ = [
    "FIELDS",
    "PUBLISHER_TYPES",
    "RECORDS",
    "SIDE_NAMES",
    "CapabilityRecord",
    "ContactParts",
    "Day",
    "Fault",
    "FieldSpec",
    "Money",
    "OpportunityRecord",
    "PostingRecord",
    "TermBook",
    "UnreadableError",
    "batch_label",
    "batch_order",
    "check_record",
    "field_of",
    "find_personal",
    "format_money",
    "mask_personal",
    "read_batch",
    "read_contact",
    "read_day",
    "read_money",
    "shown_batch",
    "shown_budget",
    "shown_day",
    "shown_facts",
    "to_values",
    "uniform_batch",
]
