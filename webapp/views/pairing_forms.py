"""What the forms of a pairing send, cleaned once: facts, figures, files, reasons."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import MultiDict

from marketplace.followup import (
    MAX_EFFECTS,
    MAX_FILE_BYTES,
    EffectTyped,
    MoveForm,
    PairingQuery,
    RevisitForm,
    StepForm,
    StopForm,
    Upload,
)
from webapp.form_args import key_number
from webapp.query_args import clean_text, page_number, whole_number

_MAX_STAMP = 10**9
_MAX_LONG = 8000
# More files than this in one go are refused by the marketplace; no more than one over is read.
_MAX_SENT = 31


def asked_list(args: MultiDict[str, str]) -> PairingQuery:
    """The list that the address asks for; what is not known counts as not chosen."""
    show = args.get("show", "open")
    return PairingQuery(
        show=show if show in ("open", "closed", "all") else "open",
        stage=clean_text(args.get("stage", "")).text,
        mine=args.get("mine") == "1",
        turn=args.get("turn") == "1",
        overdue=args.get("overdue") == "1",
        revisit=args.get("revisit") == "1",
        text=clean_text(args.get("q", "")).text,
        page=page_number(args),
    )


def stamp_of(form: MultiDict[str, str]) -> int:
    """The stamp of the page the form was typed on; anything that is none belongs to no state."""
    return whole_number(form.get("stamp"), default=0, low=0, high=_MAX_STAMP)


def move_form(request: Request) -> MoveForm:
    """A move with its facts, figures and files."""
    form = request.form
    names = ("contacted_on", "met_on", "amount_wan", "signed_on", "procurement_route", "started_on", "accepted_on",
             "user_report", "next_step", "next_on")  # fmt: skip
    values = {name: _text(form, name) for name in names}
    return MoveForm(
        form.get("stage", "")[:40], stamp_of(form), values, effects_of(form), uploads_of(request), _text(form, "note"),
        form.get("audience", "office")[:40],
    )  # fmt: skip


def stop_form(form: MultiDict[str, str]) -> StopForm:
    """A reason with its note."""
    return StopForm(
        form.get("reason", "")[:80], stamp_of(form), _text(form, "note"), form.get("audience", "office")[:40],
        _text(form, "until"),
    )  # fmt: skip


def step_form(form: MultiDict[str, str]) -> StepForm:
    """A next step."""
    return StepForm(stamp_of(form), _text(form, "next_step"), _text(form, "next_on"), form.get("acting", "")[:40])


def revisit_form(form: MultiDict[str, str]) -> RevisitForm:
    """What a revisit found."""
    return RevisitForm(
        key_number(form.get("revisit")), _text(form, "done_on"), form.get("running", "")[:40],
        _text(form, "revisit_note"),
    )  # fmt: skip


def effects_of(form: MultiDict[str, str]) -> tuple[EffectTyped, ...]:
    """The figures, line by line; the fields of one line carry its number."""
    found = []
    for place in range(MAX_EFFECTS):
        name, unit, planned, real = (
            _text(form, f"effect_{part}_{place}")[:200] for part in ("name", "unit", "planned", "real")
        )
        found.append(EffectTyped(name, unit, planned, real, form.get(f"effect_lower_{place}") == "1"))
    return tuple(one for one in found if not one.blank)


def uploads_of(request: Request) -> tuple[Upload, ...]:
    """The files that were chosen; of one that is too large only as much is read as shows it."""
    sent = [one for one in request.files.getlist("files") if one.filename]
    return tuple(
        Upload(clean_text(one.filename or "").text, one.stream.read(MAX_FILE_BYTES + 1)) for one in sent[:_MAX_SENT]
    )


def _text(form: MultiDict[str, str], name: str) -> str:
    """A text as typed, without what nobody can type."""
    return form.get(name, "").replace("\x00", "")[:_MAX_LONG].strip()
