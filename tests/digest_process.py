"""A process of its own that writes digests and sends mail, job after job, until both are done or it is ended.

Arguments: database, local folder of the engine. It says "ready", waits for a line, and says "done".
"""

from __future__ import annotations

import sys
from pathlib import Path

from doubles import HashingEncoder

import matching
from marketplace import MarketSettings
from marketplace.commands import Workshop
from marketplace.jobs import run_job_now, start_job
from marketplace.jobs.worker import SYSTEM
from marketplace.store.database import transaction
from matching import MatchingSettings


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(database: Path, local: Path) -> None:
    """Run both jobs when told to."""
    data = Path(matching.__file__).resolve().parents[1] / "data"
    workshop = Workshop(MarketSettings(database, MatchingSettings(data, local)), lambda _: None, HashingEncoder())
    say("ready")
    sys.stdin.readline()
    for kind in ("make_digests", "send_mail"):
        with transaction(workshop.db):
            key = start_job(workshop.db, kind, title=kind, arguments={}, viewer=SYSTEM)
        say(f"{kind} {run_job_now(workshop, key)}")
    say("done")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
