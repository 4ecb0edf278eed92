"""Frozen statistics: side means, word rarity and feature scales as one snapshot.

A changed posting is compared against the current snapshot, so only its own pairs move.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.encoders.base import Vectors
from matching.prepare import Prepared, whole
from matching.records import Side

PARTS = ("whole", "item")
# Cosines whose level depends on the encoder and is therefore measured, not assumed.
SCALED = ("alike", "near", "meaning", "topic")
# Weight of the background, in postings, when a side's own mean is estimated: a short list leans
# on the background, a long one on itself, and nothing jumps at a border.
BACKGROUND_WEIGHT = 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Means per side and part, document counts per word, mean text length in words, scales.

    ``means[side][part]`` is a vector of the encoder's dimension; ``family`` names the encoder it
    was measured with; ``scales[feature]`` is (mean, standard deviation) over background pairs.
    """

    family: str
    means: Mapping[str, Mapping[str, Vectors]]
    counts: Mapping[str, int]
    documents: Mapping[str, int]
    words: Mapping[str, int]
    length: float
    scales: Mapping[str, tuple[float, float]]

    @property
    def fingerprint(self) -> str:
        """Short hash of everything a score can depend on."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def idf(self, word: str) -> float:
        """Return the BM25 rarity of a word, ln(1 + (N - n + 0.5) / (n + 0.5)); never negative."""
        total, count = sum(self.documents.values()), self.counts.get(word, 0)
        return math.log(1 + (total - count + 0.5) / (count + 0.5))

    def to_bytes(self) -> bytes:
        """Return the snapshot as bytes, the same for the same content."""
        head = {
            "family": self.family, "documents": dict(self.documents), "words": dict(self.words),
            "length": round(self.length, 6), "counts": dict(sorted(self.counts.items())),
            "scales": {name: [round(value, 6) for value in scale] for name, scale in self.scales.items()},
        }  # fmt: skip
        stream = io.BytesIO()
        text = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
        stream.write(len(text).to_bytes(8, "little") + text)
        for side in Side:
            for part in PARTS:
                stream.write(np.asarray(self.means[side][part], "<f4").tobytes())
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Snapshot:
        """Return the snapshot written by ``to_bytes``."""
        size = int.from_bytes(raw[:8], "little")
        head: dict[str, Any] = json.loads(raw[8 : 8 + size])
        rows = np.frombuffer(raw[8 + size :], "<f4").reshape(len(Side) * len(PARTS), -1)
        means = {
            str(side): {part: rows[number * len(PARTS) + i].copy() for i, part in enumerate(PARTS)}
            for number, side in enumerate(Side)
        }
        scales = {name: (scale[0], scale[1]) for name, scale in head["scales"].items()}
        return cls(head["family"], means, head["counts"], head["documents"], head["words"], head["length"], scales)

    def scaled(self, name: str, values: Any) -> Any:
        """Return cosines in standard deviations above the background's mean."""
        mean, deviation = self.scales[name]
        return (values - mean) / deviation


def measure(opportunities: Sequence[Prepared], capabilities: Sequence[Prepared], background: Snapshot) -> Snapshot:
    """Measure both lists on top of the background of the same encoder."""
    sides = {Side.OPPORTUNITY: opportunities, Side.CAPABILITY: capabilities}
    counts = Counter(dict(background.counts))
    documents, words = dict(background.documents), dict(background.words)
    means = {}
    for side, rows in sides.items():
        for row in rows:
            counts.update(set(row.tokens))
        documents[str(side)] += len(rows)
        words[str(side)] += sum(len(row.tokens) for row in rows)
        means[str(side)] = _means(rows, background.means[side])
    length = sum(words.values()) / max(1, sum(documents.values()))
    return Snapshot(background.family, means, counts, documents, words, length, background.scales)


def empty_background(family: str, dim: int) -> Snapshot:
    """Return statistics that know nothing yet; the starting point of a new background."""
    zero = np.zeros(dim, np.float32)
    none = {str(side): 0 for side in Side}
    return Snapshot(family, {str(side): dict.fromkeys(PARTS, zero) for side in Side}, {}, none, dict(none), 0.0,
                    dict.fromkeys(SCALED, (0.0, 1.0)))  # fmt: skip


def _means(rows: Sequence[Prepared], background: Mapping[str, Vectors]) -> dict[str, Vectors]:
    result = {}
    for part in PARTS:
        weight = BACKGROUND_WEIGHT if background[part].any() else 0
        total = weight * background[part].astype(np.float64)
        # Summed in 64 bit so that the order of the rows cannot show in the mean.
        for row in rows:
            total += _part(row, part)
        result[part] = (total / max(1, weight + len(rows))).astype(np.float32)
    return result


def _part(row: Prepared, part: str) -> Vectors:
    if part == "whole":
        return whole(row.vectors)
    mean: Vectors = row.vectors.items.mean(axis=0)
    return mean
