"""A process of its own that does jobs with the hashing encoder until it is ended.

Arguments: database, local folder of the engine.
"""

from __future__ import annotations

import sys
from pathlib import Path

from doubles import HashingEncoder

import matching
from marketplace import MarketSettings
from marketplace.commands import Workshop
from marketplace.jobs import run_worker
from matching import MatchingSettings


def run(database: Path, local: Path) -> None:
    """Work as ``python -m marketplace work`` does, with an encoder that needs no model."""
    data = Path(matching.__file__).resolve().parents[1] / "data"
    run_worker(Workshop(MarketSettings(database, MatchingSettings(data, local)), lambda _: None, HashingEncoder()))


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
