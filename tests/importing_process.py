"""A process of its own that imports a file with the hashing encoder and says what is stored.

Arguments: database, file, postings a chunk. It says "ready", waits for a line, and says "done".
"""

from __future__ import annotations

import sys
from pathlib import Path

from doubles import HashingEncoder

from marketplace import MarketSettings, importing
from marketplace.commands import Workshop
from matching import read_postings


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(database: Path, file: Path, chunk: int) -> None:
    """Import the file when told to."""
    importing.CHUNK = chunk
    reading, encoder = read_postings(file), HashingEncoder()
    encoder.encode(["先把词表读好"])
    say("ready")
    sys.stdin.readline()
    workshop = Workshop(MarketSettings(database), say, encoder)
    importing.import_postings(workshop.db, reading, workshop.encoder, say)
    say("done")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
