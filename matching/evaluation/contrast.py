"""Measures verdicts on contrast pairs: twins of sentences that differ in one fact."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matching.engine import Engine, score_pair
from matching.errors import InputError
from matching.records import Capability, Opportunity, VerdictKind

_TEXTS = ("twin", "fact", "need_title", "requirement", "offer_title", "sentence")
FACTS = ("unit", "threshold", "negation", "scope", "object")


@dataclass(frozen=True, slots=True)
class ContrastLine:
    """A requirement beside one sentence of an offer, and whether the sentence proves it."""

    twin: str
    fact: str
    need_title: str
    requirement: str
    offer_title: str
    sentence: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class ContrastFigures:
    """Share of lines judged right, and of twins with both lines right, 0..1."""

    lines: float
    twins: float
    count: int


def read_contrast(path: Path) -> tuple[ContrastLine, ...]:
    """Return the lines of a file of twins.

    Raises InputError for a line that lacks a part, and for a twin that is not one met and one not met.
    """
    rows = tuple(_rows(path))
    verdicts: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        verdicts[row.twin].append(row.is_met)
    for twin, found in verdicts.items():
        if sorted(found) != [False, True]:
            raise InputError(str(path), None, twin, f"{len(found)} 行", "一行 met、一行 not_met")
    return rows


def _rows(path: Path) -> Iterable[ContrastLine]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            if raw["verdict"] not in ("met", "not_met") or raw["fact"] not in FACTS:
                raise ValueError(f"{raw['verdict']} / {raw['fact']}")
            yield ContrastLine(**{name: raw[name] for name in _TEXTS}, is_met=raw["verdict"] == "met")
        except (KeyError, TypeError, ValueError) as error:
            found = f"内容不完整或不合要求（{error!r}）"
            raise InputError(str(path), number, None, found, "对照句一行的七个部分") from error


def judge_contrast(engine: Engine, rows: Sequence[ContrastLine]) -> list[bool]:
    """Return for each line whether the engine calls the requirement met, each as a pair of its own."""
    needs = [
        Opportunity(f"n{place}", row.need_title, requirements=(row.requirement,)) for place, row in enumerate(rows)
    ]
    offers = [Capability(f"c{place}", row.offer_title, features=(row.sentence,)) for place, row in enumerate(rows)]
    found = []
    for need, offer in zip(engine.prepare(needs), engine.prepare(offers), strict=True):
        _, verdicts = score_pair(engine.model, need, offer, engine.background)
        found.append(verdicts[0].kind is VerdictKind.MET)
    return found


def measure_contrast(rows: Sequence[ContrastLine], judged: Sequence[bool]) -> Mapping[str, ContrastFigures]:
    """Return the figures by kind of fact, and over all under an empty name."""
    twins: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row, verdict in zip(rows, judged, strict=True):
        twins[row.fact, row.twin].append(verdict == row.is_met)
    return {
        fact: _figures([right for (kind, _), right in twins.items() if fact in ("", kind)])
        for fact in ("", *FACTS)
        if fact == "" or any(kind == fact for kind, _ in twins)
    }


def _figures(twins: Sequence[Sequence[bool]]) -> ContrastFigures:
    count = max(1, len(twins))
    return ContrastFigures(
        sum(sum(right) for right in twins) / (2 * count), sum(all(right) for right in twins) / count, len(twins)
    )
