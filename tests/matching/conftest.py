"""Fixtures of the engine's tests: sample postings, a command line with the hashing encoder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubles import HashingEncoder

from matching import Capability, Engine, MatchingSettings, Opportunity, Posting, Prepared, Side, read_postings
from matching.cli import main

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@pytest.fixture(scope="session")
def needs() -> tuple[Posting, ...]:
    """The sample opportunities."""
    return read_postings(SAMPLES / "opportunities.jsonl", Side.OPPORTUNITY).postings


@pytest.fixture(scope="session")
def offers() -> tuple[Posting, ...]:
    """The sample capabilities."""
    return read_postings(SAMPLES / "capabilities.jsonl", Side.CAPABILITY).postings


@pytest.fixture(scope="session")
def some(engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...]) -> tuple[list[Prepared], ...]:
    """A dozen needs and forty offers, prepared."""
    return engine.prepare(needs[:12]), engine.prepare(offers[:40])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, matching_settings: MatchingSettings) -> Callable[..., int]:
    """``python -m matching`` with the hashing encoder in place of the default one."""
    monkeypatch.setenv("SCENEMATCH_LOCAL_DIR", str(matching_settings.local_dir))
    monkeypatch.setattr("matching.cli.load_encoder", lambda _: HashingEncoder())
    return lambda *words: main([str(word) for word in words])


@pytest.fixture
def judge(engine: Engine) -> Callable[[Opportunity, Capability], tuple[Any, ...]]:
    """Verdicts of one pair."""

    def verdicts(need: Opportunity, offer: Capability) -> tuple[Any, ...]:
        return engine.match(engine.prepare([need]), engine.prepare([offer])).verdicts(0, 0)

    return verdicts


@pytest.fixture(scope="session")
def read_jsonl() -> Callable[[Path], list[dict[str, Any]]]:
    """Reader of the files the commands write."""
    return lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
