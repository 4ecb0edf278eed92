"""有用 / 不合适: the two buttons beside a pair, what this person said before, and the reasons to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace import Fault, PostingCard
from marketplace.insight import REASONS
from marketplace.pages import Feedback
from matching import Side
from webapp.presenters import labels
from webapp.presenters.forms import FaultLine, errors_by_field, fault_lines

_OPTIONS = tuple((code, label) for code, (label, _) in REASONS.items())


@dataclass(frozen=True, slots=True)
class Judge:
    """One pair's feedback; ``hidden`` goes with either button, ``open`` unfolds the reasons."""

    id: str
    about: str
    action: str
    withdraw_url: str
    said: labels.Label | None
    said_words: str
    hidden: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    chosen: str
    note: str
    errors: Mapping[str, str]
    faults: tuple[FaultLine, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class TypedFeedback:
    """What was sent and refused, and what is wrong with it."""

    values: Mapping[str, str]
    faults: Sequence[Fault]


def present_judge(
    one: PostingCard,
    other: PostingCard,
    feedback: Feedback | None,
    *,
    place: str = "pair",
    position: int = 0,
    rank: int = 0,
    typed: TypedFeedback | None = None,
) -> Judge:
    """The feedback of one pair, shown at ``position`` of a list on the page of ``one``, or on its own page."""
    need, offer = (one, other) if one.posting.side is Side.OPPORTUNITY else (other, one)
    keys = {"o": need.key, "c": offer.key}
    given = typed.values if typed else {}
    own = f"j-{other.key}"
    refused = tuple(typed.faults) if typed else ()
    hidden = {"place": place, "position": position, "rank": rank}
    return Judge(
        id=own,
        about=f"“{other.posting.title}”",
        action=url_for("pairs.judge", **keys),  # type: ignore[arg-type]
        withdraw_url=url_for("pairs.unjudge", **keys) if feedback else "",  # type: ignore[arg-type]
        said=None if feedback is None else _said(feedback),
        said_words="" if feedback is None else _words(feedback),
        hidden=tuple((name, str(value)) for name, value in hidden.items()),
        options=_OPTIONS,
        chosen=given.get("reason", feedback.reason_code if feedback else ""),
        note=given.get("note", feedback.note if feedback else ""),
        errors={"reason": "", "note": ""} | errors_by_field(refused),
        faults=fault_lines(refused, f"{own}-"),
        open=bool(refused),
    )


def _said(feedback: Feedback) -> labels.Label:
    return labels.Label("有用", "good") if feedback.useful else labels.Label("不合适", "warn")


def _words(feedback: Feedback) -> str:
    reason = REASONS[feedback.reason_code][0] if feedback.reason_code in REASONS else ""
    return "；".join(filter(None, (reason, feedback.note)))
