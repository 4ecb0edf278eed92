"""What the machine says of a landed pair, as the macro ``flag`` draws it."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.selection import GROUPS, FlagView
from webapp.presenters import figures, labels
from webapp.presenters.labels import Label

_TONES = {"certain": "good", "open_facts": "warn", "unfit": "poor"}


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate with its result, the fact it rests on and where that stands."""

    label: str
    result: Label
    fact: str
    source: str


@dataclass(frozen=True, slots=True)
class PointLine:
    """One criterion: its share, its points of a hundred as a figure or an interval, why, and what is missing."""

    label: str
    weight: str
    points: str
    facts: str
    missing: str


@dataclass(frozen=True, slots=True)
class FlagBlock:
    """A flag whole."""

    group: Label
    status: Label
    total: str
    reachable: str
    tally: str
    gates: tuple[GateLine, ...]
    points: tuple[PointLine, ...]
    missing: tuple[str, ...]
    hint: str


def interval(low: float, high: float) -> str:
    """Points as a figure, or as the interval they lie in."""
    return f"{low:.2f}" if low == high else f"{low:.2f} – {high:.2f}"


def present_flag(flag: FlagView | None) -> FlagBlock | None:
    """The block of a flag, None where there is none."""
    if flag is None:
        return None
    passed = sum(gate.result == "passed" for gate in flag.gates)
    return FlagBlock(
        group=Label(GROUPS[flag.group], _TONES[flag.group]),
        status=labels.CANDIDATES[flag.status],
        total=interval(flag.low, flag.high),
        reachable=figures.count(flag.reachable),
        tally=f"{passed} / {len(flag.gates)}",
        gates=tuple(GateLine(one.label, labels.GATES[one.result], one.fact, one.source or "—") for one in flag.gates),
        points=tuple(
            PointLine(
                label, f"{weight}%", interval(one.points.low, one.points.high) if one.points else "由专家评定",
                "；".join(one.facts) or "—", "；".join(one.missing) or "—",
            )
            for one, label, weight in zip(flag.points, flag.labels, flag.weights, strict=True)
        ),
        missing=flag.missing,
        hint=flag.hint,
    )  # fmt: skip
