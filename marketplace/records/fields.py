"""Every field of the records once: label, kind, allowed terms, headers it is known by, example and note.

Forms, import columns, workbook templates, exports and handbooks are all drawn from these tables.
"""

from __future__ import annotations

from marketplace.records.capability_fields import CAPABILITY_FIELDS
from marketplace.records.opportunity_fields import OPPORTUNITY_FIELDS
from marketplace.records.spec import FieldSpec
from matching import Side

FIELDS = {Side.OPPORTUNITY: OPPORTUNITY_FIELDS, Side.CAPABILITY: CAPABILITY_FIELDS}
SIDE_NAMES = {Side.OPPORTUNITY: "场景机会", Side.CAPABILITY: "场景能力"}
PUBLISHER_TYPES = {"government": "政府部门", "institution": "事业单位", "soe": "国有企业", "enterprise": "企业"}


def field_of(side: Side, name: str) -> FieldSpec:
    """Return the field of that name; raises KeyError when the side has none."""
    for spec in FIELDS[side]:
        if spec.name == name:
            return spec
    raise KeyError(name)
