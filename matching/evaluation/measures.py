"""Measures one judged set: rankings both ways, bands, evidence, teams, cross-field finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.engine import CrossMatch
from matching.evaluation.judged import JudgedSet
from matching.evaluation.metrics import (
    Interval,
    balanced_accuracy,
    interval,
    kappa,
    macro_f1,
    ndcg,
    recall,
    reciprocal_rank,
)
from matching.records import Band, VerdictKind

CROSS_FIELD_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Direction:
    """Per-need values of one direction, beside one another for paired comparison."""

    ndcg: tuple[float, ...]
    recall: tuple[float | None, ...]
    top1: tuple[float, ...]
    mrr: tuple[float | None, ...]

    def intervals(self) -> dict[str, Interval]:
        """Return each measure with its 95 % interval."""
        return {
            "nDCG@10": interval(self.ndcg),
            "recall@10": interval(self.recall),
            "top-1": interval(self.top1),
            "MRR": interval(self.mrr),
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """Requirement judgements against the truth; ``place_right`` over true finds only."""

    requirements: int
    balanced_accuracy: float
    macro_f1: float
    place_right: float
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured on one judged set or one half of it."""

    name: str
    half: str | None
    forward: Direction
    backward: Direction
    bands: dict[str, tuple[int, float]]
    evidence: Evidence | None = None
    teams: tuple[int, int] | None = None
    cross_field: tuple[int, int] | None = None
    kappa: float | None = None


def measure_direction(scores: Any, grades: Any) -> Direction:
    """Measure a score matrix row by row; rows without any grade are left out.

    Equal scores keep the order of the columns, which are sorted by id.
    """
    rows = [row for row in range(len(grades)) if grades[row].any()]
    values: list[tuple[float, float | None, float, float | None]] = []
    for row in rows:
        order = np.argsort(-scores[row], kind="stable")
        ranked, ideal = grades[row][order].tolist(), grades[row].tolist()
        relevant = sum(grade >= 2 for grade in ideal)
        values.append(
            (ndcg(ranked, ideal), recall(ranked, relevant), float(ranked[0] == max(ideal)), reciprocal_rank(ranked))
        )
    return Direction(
        tuple(value[0] for value in values),
        tuple(value[1] for value in values),
        tuple(value[2] for value in values),
        tuple(value[3] for value in values),
    )


def grade_matrix(judged: JudgedSet, match: CrossMatch) -> Any:
    """Return the grades as a matrix in the row and column order of ``match``."""
    grades = np.zeros((len(match.opportunity_ids), len(match.capability_ids)), int)
    for (need, offer), grade in judged.grades.items():
        grades[match.place(need, offer)] = grade
    return grades


def half_rows(judged: JudgedSet, match: CrossMatch, half: str | None) -> list[int]:
    """Return the rows of the needs of one half."""
    wanted = set(judged.needs(half))
    return [row for row, need in enumerate(match.opportunity_ids) if need in wanted]


def evaluate_set(judged: JudgedSet, match: CrossMatch, scores: Any, half: str | None = None) -> Evaluation:
    """Measure our scores of a judged set, or of the needs of one half."""
    rows = half_rows(judged, match, half)
    grades = grade_matrix(judged, match)[rows]
    own = scores[rows]
    second = judged.second_grades
    return Evaluation(
        judged.name,
        half,
        measure_direction(own, grades),
        measure_direction(own.T, grades.T),
        _bands(match, own, grades),
        _evidence(judged, match, half) if judged.coverage else None,
        _teams(judged, match, half) if judged.teams else None,
        _cross_field(judged, match, scores, half) if judged.cross_field else None,
        kappa([judged.grades.get(pair, 0) for pair in second], list(second.values())) if second else None,
    )


def _bands(match: CrossMatch, scores: Any, grades: Any) -> dict[str, tuple[int, float]]:
    bands = np.array([[match.ranker.model.band(score) for score in row] for row in scores])
    result = {}
    for band in Band:
        held = grades[bands == band]
        result[str(band)] = (int(held.size), float((held >= 2).mean()) if held.size else float("nan"))
    return result


def _evidence(judged: JudgedSet, match: CrossMatch, half: str | None) -> Evidence | None:
    wanted = set(judged.needs(half))
    truth: list[bool] = []
    guess: list[bool] = []
    right: list[bool] = []
    kinds: dict[str, int] = {str(kind): 0 for kind in VerdictKind}
    for one in judged.coverage:
        if one.opportunity_id not in wanted:
            continue
        verdicts = match.verdicts(*match.place(one.opportunity_id, one.capability_id))
        found = {verdict.requirement: verdict for verdict in verdicts}
        for number, (covered, place) in enumerate(zip(one.covered, one.places, strict=True)):
            verdict = found.get(number)
            if covered is None or verdict is None:
                continue
            kinds[str(verdict.kind)] += 1
            truth.append(covered)
            guess.append(verdict.kind is VerdictKind.MET)
            if covered and guess[-1] and verdict.passage is not None:
                quoted = verdict.passage
                right.append(
                    quoted.source == "summary"
                    if place == "summary"
                    else (quoted.source, quoted.index) == ("feature", place)
                )
    if not truth:
        return None
    place_right = float(np.mean(right)) if right else float("nan")
    return Evidence(len(truth), balanced_accuracy(truth, guess), macro_f1(truth, guess), place_right, kinds)


def _teams(judged: JudgedSet, match: CrossMatch, half: str | None) -> tuple[int, int]:
    wanted = [need for need in judged.needs(half) if need in judged.teams]
    rows = {need: row for row, need in enumerate(match.opportunity_ids)}
    right = sum(frozenset(match.team(rows[need]).members) in judged.teams[need] for need in wanted)
    return right, len(wanted)


def _cross_field(judged: JudgedSet, match: CrossMatch, scores: Any, half: str | None) -> tuple[int, int]:
    wanted = set(judged.needs(half))
    pairs = [pair for pair in judged.cross_field if pair[1] in wanted]
    return sum(_found(match, scores, *pair) for pair in pairs), len(pairs)


def _found(match: CrossMatch, scores: Any, offer_id: str, need_id: str) -> bool:
    """Whether the need is among the first of the capability's list outside its declared fields."""
    _, column = match.place(need_id, offer_id)
    declared = set(match.ranker.offers.rows[column].posting.domains)
    order: Sequence[int] = np.argsort(-scores[:, column], kind="stable").tolist()
    foreign = [row for row in order if declared.isdisjoint(match.ranker.needs.rows[row].posting.domains)]
    return need_id in [match.opportunity_ids[row] for row in foreign[:CROSS_FIELD_DEPTH]]
