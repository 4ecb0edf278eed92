"""Frozen statistics: nothing moves but the pairs of what changed."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity

from matching import Engine, MatchingSettings, Posting, Prepared, Snapshot, encode_postings, score_pair
from matching.background import background_for
from matching.statistics import empty_background

Lists = tuple[list[Prepared], list[Prepared]]
# Matrix products of another shape round differently in the last bits of float32.
SAME = 1e-8


def test_changing_one_offer_moves_its_own_column_only(engine: Engine, some: Lists) -> None:
    needs, offers = some
    frozen = engine.measure(needs, offers)
    changed = [engine.prepare([replace(row.posting, summary="改做无人船水样采集")])[0] if n == 5 else row
               for n, row in enumerate(offers)]  # fmt: skip
    before = engine.match(needs, offers, frozen).table.score
    after = engine.match(needs, changed, frozen).table.score
    column = sorted(row.id for row in offers).index(offers[5].id)
    assert np.abs(np.delete(after - before, column, axis=1)).max() < SAME
    assert np.abs(after[:, column] - before[:, column]).max() > 1e-6


def test_changing_one_need_moves_its_own_row_only(engine: Engine, some: Lists) -> None:
    needs, offers = some
    frozen = engine.measure(needs, offers)
    changed = [engine.prepare([replace(needs[0].posting, background="改为校园食堂明厨亮灶")])[0], *needs[1:]]
    moved = engine.match(changed, offers, frozen).table.score - engine.match(needs, offers, frozen).table.score
    row = sorted(one.id for one in needs).index(needs[0].id)
    assert np.abs(np.delete(moved, row, axis=0)).max() < SAME
    assert np.abs(moved[row]).max() > 1e-6


def test_a_posting_more_or_less_moves_no_other_pair(engine: Engine, some: Lists) -> None:
    needs, offers = some
    frozen = engine.measure(needs, offers)
    full = engine.match(needs, offers, frozen)
    less = engine.match(needs[:-2], offers[3:], frozen)
    for need in less.opportunity_ids:
        for offer in less.capability_ids:
            score = less.table.score[less.place(need, offer)]
            assert score == pytest.approx(full.table.score[full.place(need, offer)], abs=SAME)


def test_a_pair_alone_scores_as_inside_the_whole(engine: Engine, some: Lists) -> None:
    needs, offers = some
    frozen = engine.measure(needs, offers)
    match = engine.match(needs, offers, frozen)
    for need, offer in zip(needs[:6], offers[7:13], strict=True):
        pair, verdicts = score_pair(engine.model, need, offer, frozen)
        place = match.place(need.id, offer.id)
        assert pair.score == pytest.approx(match.table.score[place], abs=SAME)
        assert [(v.kind, v.passage) for v in verdicts] == [(v.kind, v.passage) for v in match.verdicts(*place)]


def test_order_of_rows_cannot_show(engine: Engine, some: Lists) -> None:
    needs, offers = some
    mixed = [random.Random(3).sample(rows, len(rows)) for rows in (needs, offers)]
    assert engine.measure(*mixed).to_bytes() == engine.measure(needs, offers).to_bytes()
    one, other = engine.match(needs, offers), engine.match(*mixed)
    assert one.opportunity_ids == other.opportunity_ids
    assert np.array_equal(one.table.score, other.table.score)


def test_bytes_and_back(engine: Engine, some: Lists) -> None:
    snapshot = engine.measure(*some)
    again = Snapshot.from_bytes(snapshot.to_bytes())
    assert again.to_bytes() == snapshot.to_bytes()
    assert again.fingerprint == snapshot.fingerprint
    assert again.idf("井盖") == snapshot.idf("井盖")
    # Length and scales are stored with six decimals, far below what a written score shows.
    moved = engine.match(*some, again).table.score - engine.match(*some, snapshot).table.score
    assert np.abs(moved).max() < 1e-6


def test_fingerprint_moves_with_any_posting(engine: Engine, some: Lists) -> None:
    needs, offers = some
    assert engine.measure(needs, offers).fingerprint != engine.measure(needs, offers[1:]).fingerprint


def test_rarity_is_bm25_and_never_negative(engine: Engine, some: Lists) -> None:
    snapshot = engine.background
    total = sum(snapshot.documents.values())
    assert snapshot.idf("从未见过的词") == pytest.approx(math.log(1 + (total + 0.5) / 0.5))
    assert min(map(snapshot.idf, snapshot.counts)) >= 0
    common, rare = max(snapshot.counts, key=snapshot.counts.__getitem__), min(snapshot.counts, key=snapshot.counts.get)  # type: ignore[arg-type]
    assert snapshot.idf(common) < snapshot.idf(rare)


def test_counts_stand_on_top_of_the_background(engine: Engine) -> None:
    need = engine.prepare([make_opportunity(title="蝾螈蝾螈", background="", requirements=())])
    offer = engine.prepare([make_capability()])
    snapshot = engine.measure(need, offer)
    word = need[0].tokens[0]
    assert snapshot.counts[word] == engine.background.counts.get(word, 0) + 1
    assert snapshot.documents["opportunity"] == engine.background.documents["opportunity"] + 1
    assert snapshot.scales == engine.background.scales


def test_short_lists_lean_on_the_background(engine: Engine) -> None:
    one = engine.measure(engine.prepare([make_opportunity()]), engine.prepare([make_capability()]))
    mean, base = one.means["opportunity"]["whole"], engine.background.means["opportunity"]["whole"]
    own = engine.prepare([make_opportunity()])[0].vectors
    assert mean == pytest.approx((20 * base + (own.title + own.body) / 2) / 21, abs=1e-6)


def test_empty_background_is_no_weight(some: Lists) -> None:
    empty = empty_background("hashing", 64)
    assert empty.idf("井盖") == pytest.approx(math.log(2))
    assert Snapshot.from_bytes(empty.to_bytes()).to_bytes() == empty.to_bytes()


def test_background_of_another_encoder_is_measured_once_and_kept(
    engine: Engine, matching_settings: MatchingSettings
) -> None:
    kept = matching_settings.local_dir / "background-hashing.bin"
    before = kept.stat().st_mtime_ns
    encoder = HashingEncoder()
    snapshot = background_for(encoder, engine.segmenter, matching_settings)
    assert (snapshot.family, encoder.encoded, kept.stat().st_mtime_ns) == ("hashing", 0, before)
    other = HashingEncoder(family="hashing-other")
    background_for(other, engine.segmenter, matching_settings)
    seen = other.encoded
    assert seen > 0
    assert background_for(other, engine.segmenter, matching_settings).family == "hashing-other"
    assert other.encoded == seen


def test_equal_texts_are_encoded_once(engine: Engine, offers: tuple[Posting, ...]) -> None:
    encoder = HashingEncoder()
    once = encode_postings(offers[:3], encoder)
    seen = encoder.encoded
    twice = encode_postings([*offers[:3], *offers[:3]], encoder)
    assert encoder.encoded == 2 * seen
    assert all(np.array_equal(a.items, b.items) for a, b in zip(once * 2, twice, strict=True))
