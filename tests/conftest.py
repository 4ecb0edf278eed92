"""Fixture ladder of the engine: settings, encoder, background, engine; the real encoder apart."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from doubles import HashingEncoder
from hypothesis import settings as hypothesis_settings

from matching import Engine, MatchingSettings, ModelError, Segmenter, load_encoder, shared_segmenter
from matching.background import measure_background
from matching.encoders import SentenceEncoder

# Today is the day in Beijing, as in every process of the site.
os.environ["TZ"] = "CST-8"
time.tzset()
ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
# The same examples every run, however slow the machine.
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("steady")


@pytest.fixture(scope="session")
def hashing_encoder() -> HashingEncoder:
    """The encoder without a model, shared by the session."""
    return HashingEncoder()


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """The one segmenter of the field lexicon."""
    return shared_segmenter(DATA / "lexicon")


@pytest.fixture(scope="session")
def background_file(tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter) -> Path:
    """The background of the hashing encoder, measured once a session."""
    encoder, folder = HashingEncoder(), tmp_path_factory.mktemp("background")
    path = folder / f"background-{encoder.family}.bin"
    path.write_bytes(measure_background(encoder, segmenter, MatchingSettings(DATA, folder)).to_bytes())
    return path


@pytest.fixture
def matching_settings(tmp_path: Path, background_file: Path) -> MatchingSettings:
    """Settings with the repository's data and a local folder of their own, background in place."""
    local = tmp_path / "local"
    local.mkdir()
    (local / background_file.name).write_bytes(background_file.read_bytes())
    return MatchingSettings(DATA, local)


@pytest.fixture(scope="session")
def engine(hashing_encoder: HashingEncoder, background_file: Path) -> Engine:
    """The engine with the hashing encoder."""
    return Engine.open(MatchingSettings(DATA, background_file.parent), hashing_encoder)


@pytest.fixture(scope="session")
def encoder_model() -> SentenceEncoder:
    """The default encoder as ``make model`` built it; only for tests marked ``model``."""
    try:
        return load_encoder(MatchingSettings())
    except ModelError as error:
        pytest.fail(f"the default encoder is not usable, run `make model` first: {error}", pytrace=False)


@pytest.fixture(scope="session")
def model_engine(encoder_model: SentenceEncoder) -> Engine:
    """The engine with the default encoder; only for tests marked ``model``."""
    return Engine.open(MatchingSettings(), encoder_model)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold slow tests: begun last, one of them would keep a worker long after the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    longest = "test_market_large_import.py"
    items.sort(key=lambda item: (item.path.name != longest, item.path not in slow))
