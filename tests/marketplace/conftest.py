"""Fixture ladder of the marketplace: settings → empty shop → stocked shop → market."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from answer_tools import Answers
from benchmark_tools import Round
from doubles import HashingEncoder
from market_tools import SAMPLES, Shop, sample_lines
from pairing_tools import Ground

from marketplace import Market, MarketSettings
from matching import MatchingSettings

NEEDS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 17, 22, 32, 33, 47, 55, 58, 61, 64)
OFFERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 32, 70, 83, 89, 94, 153, 165, 168, 182, 202, 250)


@pytest.fixture
def market_settings(tmp_path: Path, matching_settings: MatchingSettings) -> MarketSettings:
    """Settings of an installation without a database yet."""
    return MarketSettings(tmp_path / "market.db", matching_settings)


@pytest.fixture
def shop(market_settings: MarketSettings) -> Shop:
    """An empty installation."""
    return Shop(market_settings)


@pytest.fixture(scope="session")
def stocked_file(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Path:
    """A database with a part of the sample lists, matched, with the landings among them."""
    folder = tmp_path_factory.mktemp("stocked")
    data = SAMPLES.parent
    shop = Shop(MarketSettings(folder / "market.db", MatchingSettings(data, background_file.parent)))
    needs, offers = sample_lines("opportunities", NEEDS), sample_lines("capabilities", OFFERS)
    shop.take(*needs)
    shop.take(*offers)
    ids = {raw["id"] for raw in (*needs, *offers)}
    shop.take(*(raw for raw in sample_lines("landings") if {raw["opportunity_id"], raw["capability_id"]} <= ids))
    shop.db.conn.execute("pragma wal_checkpoint(truncate)")
    shop.db.conn.close()
    return shop.settings.database


@pytest.fixture(scope="session")
def first_ground(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Ground:
    """One published need and offer with people on every side, made once a session."""
    folder = tmp_path_factory.mktemp("ground")
    return Ground(MarketSettings(folder / "market.db", MatchingSettings(SAMPLES.parent, background_file.parent)))


@pytest.fixture
def ground(first_ground: Ground, market_settings: MarketSettings) -> Ground:
    """The ground of pairings, over a database of the test's own."""
    return first_ground.moved_to(market_settings)


@pytest.fixture
def stocked(market_settings: MarketSettings, stocked_file: Path) -> MarketSettings:
    """Settings of an installation with 22 opportunities and 24 capabilities, all matched."""
    shutil.copyfile(stocked_file, market_settings.database)
    return market_settings


@pytest.fixture
def stocked_shop(stocked: MarketSettings) -> Shop:
    """The commands of the stocked installation."""
    return Shop(stocked)


@pytest.fixture
def market(stocked: MarketSettings) -> Market:
    """The pages of the stocked installation, with meaning."""
    return Market(stocked, HashingEncoder())


@pytest.fixture
def year_round(stocked: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> Round:
    """A round of the benchmark over the landed pairs of the stocked installation."""
    return Round(stocked, monkeypatch)


@pytest.fixture(scope="session")
def answers_office(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Answers:
    """The office of the tests of answers, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("answers")
    return Answers(MarketSettings(folder / "market.db", MatchingSettings(SAMPLES.parent, background_file.parent)))
