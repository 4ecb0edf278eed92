"""Power cuts while a thousand digests are written and sent: nobody is told twice, nobody is left out."""

from __future__ import annotations

import contextlib
import os
import random
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity
from market_tools import ROOT, Shop

from marketplace import MarketSettings
from marketplace.sealing import Sealer
from marketplace.store import Database
from marketplace.store.accounts import MembershipRow, insert_account, save_membership
from marketplace.store.database import snapshot_read, transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import RUNNING
from marketplace.store.outbox import save_mail
from marketplace.store.subscriptions import WEEKLY, insert_subscription
from marketplace.subscribing.weeks import current_week

COMPANIES, CUTS, FITTING = 1000, 3, 5


class Digester:
    """Another process that writes the digests and sends them."""

    def __init__(self, settings: MarketSettings, port: int = 0) -> None:
        script = Path(__file__).parents[1] / "digest_process.py"
        command = [sys.executable, str(script), str(settings.database), str(settings.matching.local_dir), str(port)]
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


def stock(shop: Shop, companies: int = COMPANIES) -> set[str]:
    """Companies, a thousand unless asked, each with a capability, an account with an address and a weekly subscription.

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
        for n in range(companies):
            _company(db, sealer, n, pattern, pairs if n < companies - 1 else [])
        sunday = date.fromisoformat(current_week()) - timedelta(days=1)
        db.conn.execute("update posting set published_on = ?", [sunday.isoformat()])
    return {f"firm{n}@example.cn" for n in range(companies - 1)}


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
    digests = Counter(row["items"] for row in db.query("select items from digest where week = ?", [current_week()]))
    assert digests == {FITTING: len(wanted), 0: 1}
    letters = [message_from_bytes(file.read_bytes()) for file in outbox.glob("*.eml")]
    assert sorted(str(letter["To"]) for letter in letters) == sorted(wanted)
    assert len({letter["Message-ID"] for letter in letters}) == len(wanted)
    assert {row["state"] for row in db.query("select state from outbox")} == {"sent"}
    assert find_office_faults(db) == []


class _Speaker(socketserver.StreamRequestHandler):
    """The server's side of a conversation, as far as letters need it."""

    def handle(self) -> None:
        self._say(b"220 here")
        receiver = ""
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith(b"RCPT TO:"):
                receiver = line.decode().strip()[8:].strip("<>")
            if command == b"DATA":
                self._say(b"354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if not text.endswith(b"\n"):
                    return  # cut off before the end: not taken
                self.server.taken.append((receiver, text))  # type: ignore[attr-defined]
            self._say(b"221 bye" if command == b"QUIT" else b"250 ok")
            if command == b"QUIT":
                return

    def _say(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(line + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server on this machine; ``taken`` are receiver and text of every letter it has answered for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Speaker)
        self.taken: list[tuple[str, bytes]] = []
        self.port = self.server_address[1]


@pytest.mark.slow
def test_power_cuts_while_a_mail_server_takes_letters_send_none_twice(market_settings: MarketSettings) -> None:
    shop = Shop(market_settings)
    wanted = stock(shop, 120)
    dice, db = random.Random(20261130), shop.db
    with ExitStack() as running, MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        following = running.enter_context(Digester(market_settings, server.port))
        for count in sorted(dice.sample(range(5, 100), 3)):
            digester = following
            following = running.enter_context(Digester(market_settings, server.port))
            digester.start()
            while len(server.taken) < count:
                assert digester.runs, "it ended before the cut"
                time.sleep(0.002)
            digester.kill()
        following.start()
        assert following.finish()[-1] == "done"
        server.shutdown()
    receivers = Counter(receiver for receiver, _ in server.taken)
    assert set(receivers.values()) == {1}
    states = Counter(row["state"] for row in db.query("select state from outbox"))
    assert states["sent"] + states["unsure"] == len(wanted)
    assert states["unsure"] <= 3, "at most one for each cut"
    # Who got no letter, because it was in the air when the power went, has the notice.
    assert len(wanted - set(receivers)) <= states["unsure"]
    told = Counter(row["account_key"] for row in db.query("select account_key from notice where kind = 'digest'"))
    assert (len(told), set(told.values())) == (len(wanted), {1})
    letter = message_from_bytes(server.taken[0][1], policy=default)
    assert letter["List-Unsubscribe"].startswith("<https://changjing.example.cn/stop/")
    assert "通知原因：您订阅了适合本单位能力的新需求" in letter.get_content()  # type: ignore[attr-defined]


def _state(db: Database, outbox: Path) -> tuple[int, int]:
    """How many digests are written, and how many letters are out; what is written is whole."""
    with snapshot_read(db):
        written = int(db.conn.execute("select count(*) from digest where items > 0").fetchone()[0])
        noticed = int(db.conn.execute("select count(*) from notice where kind = 'digest'").fetchone()[0])
        letters = int(db.conn.execute("select count(*) from outbox").fetchone()[0])
    assert written == noticed == letters
    return written, len(list(outbox.glob("*.eml")))
