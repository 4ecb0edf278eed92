"""Power cuts while a thousand digests are written and sent: nobody is told twice, nobody is left out."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity
from market_tools import ROOT, Shop
from test_market_digest import LAST, WEEK

from marketplace import MarketSettings
from marketplace.sealing import Sealer
from marketplace.store import Database
from marketplace.store.accounts import MembershipRow, insert_account, save_membership
from marketplace.store.database import snapshot_read, transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import RUNNING
from marketplace.store.outbox import save_mail
from marketplace.store.subscriptions import WEEKLY, insert_subscription

COMPANIES, CUTS, FITTING = 1000, 3, 5


class Digester:
    """Another process that writes the digests and sends them."""

    def __init__(self, settings: MarketSettings) -> None:
        script = Path(__file__).parents[1] / "digest_process.py"
        command = [sys.executable, str(script), str(settings.database), str(settings.matching.local_dir)]
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Digester:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Wait until it is ready, and let it go."""
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        assert self._process.stdout.readline() == "ready\n"
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    @property
    def runs(self) -> bool:
        """Whether it is still at work."""
        return self._process.poll() is None

    def finish(self) -> list[str]:
        """Read to the end; return its lines."""
        assert self._process.stdout is not None
        lines = self._process.stdout.read().splitlines()
        assert self._process.wait() == 0
        return lines

    def kill(self) -> None:
        """End it on the spot, as a power cut would."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def stock(shop: Shop) -> set[str]:
    """A thousand companies, each with a capability, an account with an address and a weekly subscription.

    Every one but the last fits each of the needs of last week; return the addresses of those to be told.
    """
    shop.take(*(make_opportunity(id=f"JH-{n}", title=f"井盖监测第{n}片") for n in range(FITTING)))
    shop.take(make_capability())
    db, sealer = shop.db, Sealer(shop.settings.keys_dir)
    pattern = next(iter(db.table("posting").rows_where("external_id = 'NL-001'")))
    pairs = list(db.table("match").rows)
    assert len(pairs) == FITTING
    with transaction(db):
        db.table("posting").update(pattern["key"], {"state": "off_shelf"})
        for n in range(COMPANIES):
            _company(db, sealer, n, pattern, pairs if n < COMPANIES - 1 else [])
        db.conn.execute("update posting set published_on = ?", [LAST])
    return {f"firm{n}@example.cn" for n in range(COMPANIES - 1)}


def _company(db: Database, sealer: Sealer, n: int, pattern: dict[str, Any], pairs: list[dict[str, Any]]) -> None:
    firm, offer = 1000 + n, pattern["key"] + 1 + n
    db.table("organisation").insert(
        {"key": firm, "name": f"第{n}公司（示例）", "folded": f"第{n}公司", "kind": "enterprise", "revision": 1,
         "qualifications": "[]", "verified": 1, "claimed": 1}
    )  # fmt: skip
    record = pattern["record"].replace("NL-001", f"NL-{n}x")
    db.table("posting").insert(
        pattern | {"key": offer, "external_id": f"NL-{n}x", "record": record, "organisation_key": firm}
    )
    db.table("match").insert_all(pair | {"capability_key": offer, "band": "good"} for pair in pairs)
    account = insert_account(db, f"firm{n}", f"第{n}公司经办岗", "no password")
    save_membership(db, MembershipRow(account, "company", firm))
    save_mail(db, account, sealed=sealer.seal(f"firm{n}@example.cn"), asked_at="2026-01-01T00:00:00Z")
    insert_subscription(db, account, "capabilities", 0, WEEKLY)


@pytest.mark.slow
def test_power_cuts_leave_nobody_out_and_tell_nobody_twice(market_settings: MarketSettings) -> None:
    shop = Shop(market_settings)
    wanted = stock(shop)
    dice, db, outbox = random.Random(20261130), shop.db, market_settings.outbox_dir
    # First cuts among the digests, then among the letters.
    cuts = [(place, n) for place in (0, 1) for n in sorted(dice.sample(range(1, len(wanted) - 100), CUTS))]
    with ExitStack() as running:
        following = running.enter_context(Digester(market_settings))
        for place, count in cuts:
            digester = following
            following = running.enter_context(Digester(market_settings))  # gets ready meanwhile
            digester.start()
            while _state(db, outbox)[place] < count:
                assert digester.runs, "it ended before the cut"
                time.sleep(0.005)
            digester.kill()
            seen = _state(db, outbox)
            assert count <= seen[place] < len(wanted), "the cut fell in the middle"
        # A job that died with its process is nobody's to finish here: the next one begins anew.
        with transaction(db):
            db.conn.execute("update job set state = 'failed' where state = ?", [RUNNING])
        following.start()
        assert following.finish()[-1] == "done"
    told = Counter(row["account_key"] for row in db.query("select account_key from notice where kind = 'digest'"))
    assert len(told) == len(wanted)
    assert set(told.values()) == {1}
    digests = Counter(row["items"] for row in db.query("select items from digest where week = ?", [WEEK]))
    assert digests == {FITTING: len(wanted), 0: 1}
    letters = [message_from_bytes(file.read_bytes()) for file in outbox.glob("*.eml")]
    assert sorted(str(letter["To"]) for letter in letters) == sorted(wanted)
    assert len({letter["Message-ID"] for letter in letters}) == len(wanted)
    assert {row["state"] for row in db.query("select state from outbox")} == {"sent"}
    assert find_office_faults(db) == []


def _state(db: Database, outbox: Path) -> tuple[int, int]:
    """How many digests are written, and how many letters are out; what is written is whole."""
    with snapshot_read(db):
        written = int(db.conn.execute("select count(*) from digest where items > 0").fetchone()[0])
        noticed = int(db.conn.execute("select count(*) from notice where kind = 'digest'").fetchone()[0])
        letters = int(db.conn.execute("select count(*) from outbox").fetchone()[0])
    assert written == noticed == letters
    return written, len(list(outbox.glob("*.eml")))
