"""The form of an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace import Fault
from marketplace.organisations import KINDS, ORGANISATION_FIELDS, SIZES, OrganisationForm
from webapp.presenters.forms import FaultLine, FormField, draw, errors_by_field, fault_lines
from webapp.presenters.organisations import SECTION, crumbs
from webapp.presenters.page import Context, Head


@dataclass(frozen=True)
class OrganisationFormContext(Context):
    """The form of an organisation."""

    template: ClassVar[str] = "organisations/form.html"

    heading: str
    faults: tuple[FaultLine, ...]
    fields: tuple[FormField, ...]
    revision: int
    action: str
    back_url: str


def present_organisation_form(
    page: OrganisationForm,
    typed: Mapping[str, Any] | None = None,
    faults: Sequence[Fault] = (),
    revision: int | None = None,
) -> OrganisationFormContext:
    """The context of the form: what is stored, or what was ``typed`` with what is wrong.

    ``revision`` is the one the typed values were made against.
    """
    values, errors = page.values if typed is None else typed, errors_by_field(faults)
    heading = "修改单位" if page.key else "新建单位"
    options = {"size": SIZES, "qualifications": page.qualifications}
    drawn = (
        _kind_field(spec.label, values, errors) if spec.name == "kind"
        else draw(spec, values, errors, options.get(spec.name, ()))
        for spec in ORGANISATION_FIELDS
    )  # fmt: skip
    detail = url_for("organisations.detail", key=page.key)
    return OrganisationFormContext(
        head=Head(heading, f"{heading}。", crumbs(heading), SECTION),
        heading=heading,
        faults=fault_lines(faults),
        fields=tuple(drawn),
        revision=page.revision if revision is None else revision,
        action=url_for("organisations.change", key=page.key) if page.key else url_for("organisations.add"),
        back_url=detail if page.key else url_for("organisations.index"),
    )


def _kind_field(label: str, values: Mapping[str, Any], errors: Mapping[str, str]) -> FormField:
    return FormField(
        "f-kind", "kind", label, kind="choice", required=True, options=tuple(KINDS.items()),
        chosen=(str(values.get("kind") or ""),), error=errors.get("kind", ""),
    )  # fmt: skip
