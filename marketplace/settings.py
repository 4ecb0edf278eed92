"""The marketplace's settings; the only place in this package that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matching import MatchingSettings, load_settings


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """Where the database lies and how the engine is set up."""

    database: Path
    matching: MatchingSettings = field(default_factory=MatchingSettings)


def load_market_settings(environ: Mapping[str, str] | None = None) -> MarketSettings:
    """Read ``SCENEMATCH_DATABASE`` and the engine's settings from the environment."""
    env = os.environ if environ is None else environ
    matching = load_settings(env)
    database = env.get("SCENEMATCH_DATABASE")
    return MarketSettings(Path(database) if database else matching.local_dir / "scenematch.db", matching)
