"""What the forms of the benchmark send, cleaned once."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import MultiDict

from marketplace.selection import CRITERIA, GATE_LABELS, ObjectionTyped
from webapp.form_args import key_number
from webapp.query_args import clean_text, whole_number
from webapp.views.pairing_forms import uploads_of

MAX_LONG, MAX_STAMP, MAX_EXPERTS = 8000, 10**9, 60


def text_of(form: MultiDict[str, str], name: str) -> str:
    """A text as typed, without what nobody can type."""
    return form.get(name, "").replace("\x00", "")[:MAX_LONG].strip()


def stamp_of(form: MultiDict[str, str]) -> int:
    """The stamp of the page the form was typed on; anything that is none belongs to no state."""
    return whole_number(form.get("stamp"), default=-1, low=0, high=MAX_STAMP)


def round_of(form: MultiDict[str, str]) -> int:
    """The round a sheet was shown for; anything that is none belongs to no round."""
    return whole_number(form.get("round"), default=-1, low=1, high=MAX_STAMP)


def sheet_values(form: MultiDict[str, str]) -> dict[str, str]:
    """The sheet of a year as typed; the ticked gates become fields of their own."""
    values = {name: text_of(form, name) for name in form if name not in ("csrf_token", "stamp", "gates")}
    ticked = set(form.getlist("gates"))
    return values | {f"gate_{name}": "1" for name in GATE_LABELS if name in ticked}


def texts_of(form: MultiDict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """These texts as typed."""
    return {name: text_of(form, name) for name in names}


def marks_of(form: MultiDict[str, str]) -> dict[str, str]:
    """The marks of a sheet by criterion."""
    return {code: clean_text(form.get(f"mark_{code}", "")).text[:12] for code in CRITERIA}


def experts_of(form: MultiDict[str, str]) -> list[int]:
    """The experts ticked for a case."""
    found = [key_number(value) for value in form.getlist("expert")[:MAX_EXPERTS]]
    return [key for key in found if key]


def objection_of(request: Request) -> ObjectionTyped:
    """An objection with its evidence."""
    form = request.form
    return ObjectionTyped(
        clean_text(form.get("case", "")).text[:20], clean_text(form.get("name", "")).text,
        clean_text(form.get("contact", "")).text, text_of(form, "text"), uploads_of(request),
    )  # fmt: skip
