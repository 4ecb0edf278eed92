"""The background of an encoder: statistics of the shipped sample lists, measured once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.encoders.base import Encoder
from matching.exchange import read_postings
from matching.prepare import Prepared, encode_postings, prepare
from matching.records import Side
from matching.settings import MatchingSettings
from matching.shelf import build_shelf
from matching.statistics import SCALED, Snapshot, empty_background, measure
from matching.text.segment import Segmenter

SHIPPED = "background.bin"


def background_for(encoder: Encoder, segmenter: Segmenter, settings: MatchingSettings) -> Snapshot:
    """Return the shipped background of the default encoder, or measure another encoder's once.

    A measured one is kept beside the other local files under the encoder's fingerprint.
    """
    shipped = settings.data_dir / "ranking" / SHIPPED
    if shipped.is_file():
        snapshot = Snapshot.from_bytes(shipped.read_bytes())
        if snapshot.family == encoder.family:
            return snapshot
    kept = settings.local_dir / f"background-{encoder.family}.bin"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        aside = kept.with_suffix(".new")
        aside.write_bytes(measure_background(encoder, segmenter, settings).to_bytes())
        aside.replace(kept)
    return Snapshot.from_bytes(kept.read_bytes())


def measure_background(encoder: Encoder, segmenter: Segmenter, settings: MatchingSettings) -> Snapshot:
    """Measure means, word counts and feature scales on the sample lists."""
    sides = {}
    for side, name in ((Side.OPPORTUNITY, "opportunities"), (Side.CAPABILITY, "capabilities")):
        postings = read_postings(settings.data_dir / "samples" / f"{name}.jsonl", side).postings
        sides[side] = prepare(postings, encode_postings(postings, encoder), segmenter)
    needs, offers = sides[Side.OPPORTUNITY], sides[Side.CAPABILITY]
    snapshot = measure(needs, offers, empty_background(encoder.family, encoder.dim))
    return replace(snapshot, scales=_scales(needs, offers, snapshot))


def _scales(needs: list[Prepared], offers: list[Prepared], snapshot: Snapshot) -> dict[str, tuple[float, float]]:
    left = build_shelf(Side.OPPORTUNITY, needs, snapshot)
    right = build_shelf(Side.CAPABILITY, offers, snapshot)
    bodies = [np.stack([row.vectors.body for row in rows]) for rows in (needs, offers)]
    cosines = {
        "alike": left.items @ right.items.T,
        "near": bodies[0] @ bodies[1].T,
        "meaning": left.raw @ right.raw.T,
        "topic": left.whole @ right.whole.T,
    }
    return {name: (float(cosines[name].mean()), float(cosines[name].std())) for name in SCALED}
