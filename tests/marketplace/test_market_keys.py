"""Keys: rising, 63 bits wide, never given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from marketplace import keys
from marketplace.keys import new_key


def test_keys_rise_and_fit_into_63_bits() -> None:
    made = [new_key() for _ in range(5_000)]
    assert all(0 < key < 2**63 for key in made)
    assert all(later > earlier for earlier, later in pairwise(made))


def test_upper_bits_are_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    later = (new_key() >> 20) + 10_000
    monkeypatch.setattr(keys.time, "time_ns", lambda: later * 1_000_000)
    monkeypatch.setattr(keys, "_last", 0)
    assert new_key() >> 20 == later


def test_keys_rise_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_key()
    monkeypatch.setattr(keys.time, "time_ns", lambda: 0)
    assert before < new_key() < new_key()


def test_threads_never_share_a_key() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_key() for _ in range(2_000)], range(8)))
    assert len({key for batch in batches for key in batch}) == 16_000
