#!/usr/bin/env python3
"""Fit data/ranking/weights.json: evidence and score on data/training, levels on the tune half.

Never looks at the report half. Vectors are kept in data/local/fit so that a second run is quick.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from matching.background import background_for
from matching.encoders import load_encoder
from matching.engine import CrossMatch
from matching.evaluation.judged import JudgedSet, load_judged_set
from matching.evaluation.metrics import balanced_accuracy
from matching.evidence.weights import FEATURES as EVIDENCE
from matching.evidence.weights import EvidenceWeights
from matching.learning import judged_of, read_groups
from matching.prepare import encode_postings, prepare
from matching.ranking.model import FEATURES, LISTED, UNLISTED, RankingModel, Regime
from matching.ranking.ranker import Ranker
from matching.records import Side
from matching.settings import load_settings
from matching.shelf import build_shelf
from matching.statistics import measure
from matching.text import RECIPE_VERSION
from matching.text.segment import shared_segmenter

VERSION = "2026.11-1"
PARTIAL_BELOW = 0.9
# Every signal keeps a little say: the authored sets are built against shared words, real lists are not.
FLOOR = 0.03
# A need's list of capabilities matters more than a capability's list of needs, but both are shown.
FORWARD = 0.6


def training_sets(folder: Path) -> list[JudgedSet]:
    """Read the authored groups, a judged set a file."""
    return [judged_of(name, groups, traps_cover_nothing=True) for name, groups in read_groups(folder).items()]


def without_items(judged: JudgedSet) -> JudgedSet:
    """The same set with needs that only tell their story."""
    needs = tuple(replace(need, requirements=()) for need in judged.opportunities)
    return replace(judged, name=judged.name + "-story", opportunities=needs, coverage=())


class Bench:
    """A judged set made ready: ranker, rows, grades as a matrix."""

    def __init__(self, judged: JudgedSet, encoder, segmenter, background, cache: Path) -> None:
        self.judged = judged
        sides = []
        for postings in (judged.opportunities, judged.capabilities):
            rows = prepare(postings, self._vectors(postings, encoder, cache), segmenter)
            sides.append(sorted(rows, key=lambda row: row.id))
        snapshot = measure(*sides, background)
        self.shelves = [build_shelf(side, rows, snapshot) for side, rows in zip(Side, sides, strict=True)]
        self.need = {one: place for place, one in enumerate(self.shelves[0].ids)}
        self.offer = {one: place for place, one in enumerate(self.shelves[1].ids)}
        self.snapshot = snapshot
        self.grades = np.zeros((len(self.need), len(self.offer)), int)
        for (need, offer), grade in judged.grades.items():
            self.grades[self.need[need], self.offer[offer]] = grade

    @staticmethod
    def _vectors(postings, encoder, cache: Path):
        seed = f"{encoder.fingerprint}|{RECIPE_VERSION}|{postings!r}"
        path = cache / (hashlib.sha256(seed.encode()).hexdigest()[:24] + ".pickle")
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pickle.dumps(encode_postings(postings, encoder)))
        return pickle.loads(path.read_bytes())  # our own file

    def ranker(self, model: RankingModel) -> Ranker:
        """Return the ranker of this set under a model."""
        return Ranker(*self.shelves, self.snapshot, model)


def evidence_rows(bench: Bench, ranker: Ranker, keep=lambda truth: True):
    """Per (requirement, capability): features of each passage, which passage proves it, covered."""
    for truth in filter(keep, bench.judged.coverage):
        need, offer = bench.need[truth.opportunity_id], bench.offer[truth.capability_id]
        features, _ = ranker.judge.features(need, np.array([offer]))
        passages = bench.shelves[1].rows[offer].texts.passages
        for row, (covered, place) in enumerate(zip(truth.covered, truth.places, strict=True)):
            proves = np.array(
                [
                    covered
                    and (p.source == "summary" if place == "summary" else (p.source, p.index) == ("feature", place))
                    for p in passages
                ]
            )
            yield features[:, row, :].T, proves, covered


def fit_evidence(rows) -> EvidenceWeights:
    """Logistic regression over passages, signs kept where reason demands, then the levels."""
    features = np.concatenate([row[0] for row in rows])
    labels = np.concatenate([row[1] for row in rows])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features, labels)
    weights = dict(zip(EVIDENCE, (round(float(value), 4) for value in model.coef_[0]), strict=True))
    return EvidenceWeights(round(float(model.intercept_[0]), 4), weights, 0.0, 0.0)


def levels(groups, weights: EvidenceWeights) -> EvidenceWeights:
    """Set the met level to the best balanced accuracy, averaged over the groups of rows."""
    vector = np.array([weights[name] for name in EVIDENCE])
    known = []
    for rows in groups:
        best = np.array([(row[0] @ vector).max() + weights.intercept for row in rows])
        known.append((best, np.array([row[2] for row in rows])))
    grid = np.round(np.arange(-4.0, 1.0, 0.05), 2)
    means = [np.mean([balanced_accuracy(truth, best >= level) for best, truth in known]) for level in grid]
    met = float(grid[int(np.argmax(means))])
    return replace(weights, met=met, partial=round(met - PARTIAL_BELOW, 2))


def fit_score(benches: list[tuple[Bench, list[int], float]], model: RankingModel) -> np.ndarray:
    """Listwise fit (softmax cross-entropy to gains) of both directions, weights kept at a floor."""
    data = []
    for bench, needs, share in benches:
        ranker = bench.ranker(model)
        everything = np.arange(len(bench.offer))
        features = np.stack([ranker.features(need, everything) for need in needs])
        gains = 2.0 ** bench.grades[needs] - 1
        for lists, wanted, part in ((features, gains, FORWARD), (features.swapaxes(0, 1), gains.T, 1 - FORWARD)):
            graded = np.flatnonzero(wanted.sum(axis=1))
            data += [(lists[i], wanted[i] / wanted[i].sum(), share * part / len(graded)) for i in graded]
    spread = np.concatenate([row[0] for row in data]).std(axis=0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.01 * float(weights @ weights), 0.02 * weights
        for features, target, share in data:
            scaled = features / spread
            logs = log_softmax(scaled @ weights)
            total -= share * float(target @ logs)
            slope = slope - share * (scaled.T @ (target - np.exp(logs)))
        return total, slope

    start, bounds = np.ones(len(FEATURES)), [(FLOOR, None)] * len(FEATURES)
    return minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x / spread


def calibrate(bench: Bench, needs: list[int], model: RankingModel, weights: np.ndarray) -> Regime:
    """Turn the ranking score into log-odds of grade >= 2 on the tune half."""
    ranker = bench.ranker(model)
    everything = np.arange(len(bench.offer))
    raw = np.concatenate([ranker.features(need, everything) @ weights for need in needs])
    truth = np.concatenate([bench.grades[need] >= 2 for need in needs])
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(raw[:, None], truth)
    scale = float(fit.coef_[0, 0])
    return Regime(
        round(float(fit.intercept_[0]), 4),
        dict(zip(FEATURES, (round(scale * float(value), 4) for value in weights), strict=True)),
    )


def main() -> None:
    """Fit everything and write the file."""
    settings = load_settings()
    encoder = load_encoder(settings)
    segmenter = shared_segmenter(settings.data_dir / "lexicon")
    background = background_for(encoder, segmenter, settings)
    cache = settings.local_dir / "fit"

    def make(judged: JudgedSet) -> Bench:
        return Bench(judged, encoder, segmenter, background, cache)

    training = [make(judged) for judged in training_sets(settings.data_dir / "training")]
    stories = [make(without_items(bench.judged)) for bench in training]
    city = make(load_judged_set(settings.data_dir / "evaluation" / "city"))
    tune = set(city.judged.needs("tune"))
    flat = Regime(0.0, dict.fromkeys(FEATURES, 1.0))
    bands = {"strong": 0.5, "good": 0.2, "possible": 0.06}
    blank = EvidenceWeights(0.0, dict.fromkeys(EVIDENCE, 0.0), 0.0, 0.0)
    model = RankingModel(VERSION, blank, {LISTED: flat, UNLISTED: flat}, bands, 0.3)

    own = list(evidence_rows(city, city.ranker(model), lambda truth: truth.opportunity_id in tune))
    rows = [row for bench in training for row in evidence_rows(bench, bench.ranker(model))]
    model = replace(model, evidence=levels([own, rows], fit_evidence(rows + own * 4)))
    print("evidence", model.evidence)

    listed = [place for one, place in city.need.items() if one in tune and has_items(city, place)]
    every = [place for one, place in city.need.items() if one in tune]
    story_city = make(without_items(city.judged))
    # The authored groups and the tune half count the same in sum.
    with_items = fit_score([*[(one, everyone(one), 1 / 6) for one in training], (city, listed, 1.0)], model)
    story = fit_score([*[(one, everyone(one), 1 / 6) for one in stories], (story_city, every, 1.0)], model)
    regimes = {
        LISTED: calibrate(city, listed, model, with_items),
        UNLISTED: calibrate(story_city, every, model, story),
    }
    model = replace(model, regimes=regimes)
    print("score", regimes)
    model = replace(model, member_price=best_price(city, tune, model))
    print("price of a member", model.member_price)
    write(settings.weights, model)


def has_items(bench: Bench, place: int) -> bool:
    """Whether a need lists requirements."""
    return bool(bench.shelves[0].rows[place].posting.requirements)


def everyone(bench: Bench) -> list[int]:
    """Rows of all needs of a set."""
    return list(range(len(bench.need)))


def best_price(city: Bench, tune: set[str], model: RankingModel) -> float:
    """The price a member that makes most teams of the tune half right; the middle of equals."""
    prices = [round(0.02 * step, 2) for step in range(1, 26)]
    scores = []
    for price in prices:
        match = CrossMatch(replace(model, member_price=price), *[list(s.rows) for s in city.shelves], city.snapshot)
        wanted = [need for need in city.judged.teams if need in tune]
        teams = {need: frozenset(match.team(city.need[need]).members) for need in wanted}
        scores.append(sum(teams[need] in city.judged.teams[need] for need in wanted))
    best = [price for price, score in zip(prices, scores, strict=True) if score == max(scores)]
    print("teams right on tune", dict(zip(prices, scores, strict=True)))
    return best[len(best) // 2]


def write(path: Path, model: RankingModel) -> None:
    """Write the model as readable JSON."""
    evidence = model.evidence
    raw = {
        "version": model.version,
        "evidence": {
            "intercept": evidence.intercept,
            "weights": dict(evidence.weights),
            "met": evidence.met,
            "partial": evidence.partial,
        },
        "score": {
            name: {"intercept": regime.intercept, "weights": dict(regime.weights)}
            for name, regime in model.regimes.items()
        },
        "bands": dict(model.bands),
        "member_price": model.member_price,
    }
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
