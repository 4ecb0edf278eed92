"""A process of its own that writes digests and sends mail, job after job, until both are done or it is ended.

Arguments: database, local folder of the engine, and optionally the port of a mail server on this machine. It says
"ready", waits for a line, and says "done".
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
from marketplace.mail_settings import NO_TLS, MailSettings
from marketplace.store.database import transaction
from matching import MatchingSettings


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(database: Path, local: Path, port: int = 0) -> None:
    """Run both jobs when told to."""
    data = Path(matching.__file__).resolve().parents[1] / "data"
    site = "https://changjing.example.cn"
    mail = MailSettings("127.0.0.1", port, NO_TLS, sender="场景对接 <tongzhi@example.cn>", site_address=site)
    settings = MarketSettings(database, MatchingSettings(data, local), mail=mail if port else MailSettings())
    workshop = Workshop(settings, lambda _: None, HashingEncoder())
    say("ready")
    sys.stdin.readline()
    for kind in ("make_digests", "send_mail"):
        with transaction(workshop.db):
            key = start_job(workshop.db, kind, title=kind, arguments={}, viewer=SYSTEM)
        say(f"{kind} {run_job_now(workshop, key)}")
    say("done")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
