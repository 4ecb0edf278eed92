"""The two posting records: one model each is the rule behind form, API and workbook row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from marketplace.records.days import Day
from marketplace.records.faults import Fault, faults_of
from marketplace.records.fields import FIELDS, SIDE_NAMES
from marketplace.records.kinds import (
    MAX_ITEMS,
    DayField,
    Level,
    Lines,
    Phone,
    PublisherType,
    Sum,
    Switch,
    TermBook,
    Text,
    Year,
    refuse,
    term,
    terms,
)
from marketplace.records.values import Money
from matching import Posting, Side, parse_posting, to_exchange

_SHARED = ("id", "title", "year", "batch", "index_number")
_DAYS = ("deadline", "valid_until", "last_confirmed")


def _choice(taxonomy: str, *, strict: bool = True) -> Any:
    return Annotated[str, BeforeValidator(term(taxonomy, strict=strict))]


class PostingRecord(BaseModel):
    """What both lists carry. Raises ValidationError with Chinese clauses for what cannot be read."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    side: ClassVar[Side]
    exchanged: ClassVar[tuple[str, ...]]

    id: Annotated[Text, Field(max_length=64)] = ""
    title: Annotated[Text, Field(min_length=1, max_length=200)]
    year: Year = None
    batch: Annotated[Text, Field(max_length=40)] = ""
    index_number: Annotated[Text, Field(max_length=64)] = ""
    valid_until: DayField = None
    last_confirmed: DayField = None
    disclosure: _choice("disclosure") = ""  # type: ignore[valid-type]
    office_phone: Phone = ""
    other: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("id")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if any(char in value for char in "\t\r\n"):
            raise refuse("含有换行或制表符；应为一行之内的编号")
        return value

    def to_posting(self, *, state: str | None = None, posting_id: str | None = None) -> Posting:
        """Return the posting of this record; what the exchange format has no field for goes to ``extra``."""
        raw: dict[str, Any] = {"id": posting_id or self.id, "state": state}
        extra: dict[str, Any] = {}
        for spec in FIELDS[self.side]:
            if spec.name in ("contact", "id"):
                continue
            value = getattr(self, spec.name)
            if spec.name == "budget":
                _put_money(value, raw, extra)
            elif isinstance(value, Day) or spec.name in _DAYS:
                _put_day(spec.name, value, raw, extra)
            elif spec.name in self.exchanged:
                raw[spec.name] = list(value) if isinstance(value, tuple) else value
            elif value not in ("", None, ()):
                extra[spec.name] = list(value) if isinstance(value, tuple) else value
        raw["extra"] = dict(self.other) | extra
        return parse_posting(raw, self.side)

    @classmethod
    def from_posting(cls, posting: Posting) -> Self:
        """Return the record of a stored posting, without refusing what older rules let in.

        Keys of ``extra`` that are no field of the record, or cannot be read as one, stay in ``other``.
        """
        values, other = to_values(posting)
        try:
            return cls.model_validate({**values, "other": other})
        except ValidationError as error:
            refused = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
            kept = {name: value for name, value in values.items() if name not in refused}
            raise_title = {"title": posting.title[:200] or posting.id}
            return cls.model_validate({**raise_title, **kept, "other": other})


class OpportunityRecord(PostingRecord):
    """A 场景机会 with everything an office may write about it."""

    side = Side.OPPORTUNITY
    exchanged = (*_SHARED, "publisher", "publisher_type", "district", "domain", "background", "requirements")

    publisher: Annotated[Text, Field(min_length=1, max_length=200)]
    publisher_type: PublisherType = ""
    department: Annotated[Text, Field(max_length=200)] = ""
    district: Annotated[Text, Field(max_length=200)] = ""
    domain: _choice("scene_domain", strict=False) = ""  # type: ignore[valid-type]
    scene_class: _choice("scene_class_22") = ""  # type: ignore[valid-type]
    scale: _choice("scene_scale") = ""  # type: ignore[valid-type]
    background: Annotated[Text, Field(max_length=10_000)] = ""
    requirements: Annotated[Lines, Field(max_length=MAX_ITEMS)] = ()
    expected_effect: Annotated[Text, Field(max_length=2_000)] = ""
    budget: Sum = None
    funding_state: _choice("funding_state") = ""  # type: ignore[valid-type]
    deadline: DayField = None
    cooperation_mode: Annotated[tuple[str, ...], BeforeValidator(terms("cooperation_mode"))] = ()
    procurement_route: _choice("procurement_route") = ""  # type: ignore[valid-type]
    needed_trl: Level = None


class CapabilityRecord(PostingRecord):
    """A 场景能力 with everything a company may write about it."""

    side = Side.CAPABILITY
    exchanged = (*_SHARED, "company", "district_or_city", "domains", "summary", "features", "maturity", "cases")

    company: Annotated[Text, Field(min_length=1, max_length=200)]
    credit_code: Annotated[Text, Field(max_length=18)] = ""
    district_or_city: Annotated[Text, Field(max_length=200)] = ""
    domains: Annotated[tuple[str, ...], BeforeValidator(terms("scene_domain"))] = ()
    summary: Annotated[Text, Field(max_length=10_000)] = ""
    features: Annotated[Lines, Field(max_length=50)] = ()
    maturity: Level = None
    cases: Annotated[Lines, Field(max_length=50)] = ()
    qualifications: Annotated[tuple[str, ...], BeforeValidator(terms("qualification"))] = ()
    intellectual_property: Annotated[Text, Field(max_length=1_000)] = ""
    trial_offer: Switch = None
    service_area: Annotated[Text, Field(max_length=200)] = ""


RECORDS: dict[Side, type[PostingRecord]] = {Side.OPPORTUNITY: OpportunityRecord, Side.CAPABILITY: CapabilityRecord}


def check_record(
    side: Side, values: Mapping[str, Any], terms: TermBook | None = None
) -> tuple[PostingRecord | None, tuple[Fault, ...]]:
    """Read raw values by field name into a record; return it, None when refused, and every fault found.

    Values may be form texts, workbook cells or JSON. ``contact`` is no part of a record and is passed over.
    """
    given = {name: value for name, value in values.items() if name != "contact"}
    try:
        return RECORDS[side].model_validate(given, context={"terms": terms}), ()
    except ValidationError as error:
        return None, faults_of(error, side)


def to_values(posting: Posting) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a posting as raw values by field name (as a form or workbook would give them), and the other extras.

    Lists come as tuples, days and sums as written.
    """
    raw = to_exchange(posting)
    extra = dict(raw.pop("extra", None) or {})
    names = {spec.name for spec in FIELDS[posting.side]} - {"contact"}
    values: dict[str, Any] = {}
    budget = extra.pop("budget", None) if posting.side is Side.OPPORTUNITY else None
    if posting.side is Side.OPPORTUNITY:
        values["budget"] = _written_money(raw.get("budget_wan"), budget)
    for name in names - {"budget"}:
        own = extra.pop(name, None) if name not in raw else None
        value = raw.get(name) if name in raw else own
        if name in _DAYS:
            value = value or extra.pop(f"{name}_text", None)
        values[name] = tuple(value) if isinstance(value, list) else value
    return {name: value for name, value in values.items() if value not in (None, "", ())}, extra


def _written_money(wan: float | None, kept: Any) -> str | None:
    if isinstance(kept, dict) and isinstance(kept.get("text"), str):
        return str(kept["text"])
    return None if wan is None else f"{wan:.10g}万元"


def _put_money(value: Money | None, raw: dict[str, Any], extra: dict[str, Any]) -> None:
    if value is None:
        return
    upper = value.high_wan if value.high_wan is not None else value.low_wan
    raw["budget_wan"] = upper
    if value.text != _written_money(upper, None):
        kept = {"low_wan": value.low_wan, "high_wan": value.high_wan, "note": value.note, "text": value.text}
        extra["budget"] = {name: one for name, one in kept.items() if one not in (None, "")}


def _put_day(name: str, value: Day | None, raw: dict[str, Any], extra: dict[str, Any]) -> None:
    if value is None:
        return
    raw[name] = value.day
    if value.day is None and value.text:
        # "长期" and "签约后6个月" name no day; the words are all there is.
        extra[f"{name}_text"] = value.text


def name_of(side: Side) -> str:
    """Return the Chinese name of a list's postings."""
    return SIDE_NAMES[side]
