"""What the tests of answers share: one need, two companies that compete for it, and the days that pass."""

from __future__ import annotations

import json
import shutil
from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from doubles import HashingEncoder
from pairing_tools import RIVAL, Ground

from marketplace import Market, MarketSettings, Viewer
from marketplace.answers import RuleForm, TypedAnswer
from marketplace.commands import Workshop
from marketplace.publishing import BatchDesk, DraftBook, ReviewDesk
from marketplace.store import PostingRow
from marketplace.store.database import transaction
from marketplace.store.postings import load_rows
from matching import Side

SOON = (date.today() + timedelta(days=20)).isoformat()
LATER = (date.today() + timedelta(days=40)).isoformat()
PAST = (date.today() - timedelta(days=1)).isoformat()
EVIDENCE = {0: "井盖移位后5分钟内告警到手机", 1: "一次性锂电池供电，使用6年", 2: "可部署在区政务云，已有案例"}


class Answers(Ground):
    """The office with a second offer, of a rival."""

    def __init__(self, settings: MarketSettings) -> None:
        super().__init__(settings)
        text = {"title": "井盖磁感监测器", "summary": "磁感应监测井盖开合。", "features": "1. 井盖打开后2分钟内告警"}
        draft = self.write(self.rival, {"district_or_city": "黄石市", "domains": ["智慧城市"], **text}, Side.CAPABILITY)
        self.publish(self.pass_on(draft, self.rival), side=Side.CAPABILITY, number=2)
        self.rival_offer = self.published("井盖磁感监测器")
        self.set_deadline(SOON)
        self._enter()

    def _enter(self) -> None:
        self.book, self.table = self.market.answers, self.market.answer_desk
        self.consents, self.questions = self.market.consents, self.market.questions

    def reopen(self, database: Path, **rules: Any) -> Answers:
        """The same office over a copy of its files, with other rules; what happens there stays there."""
        self.db.conn.execute("pragma wal_checkpoint(truncate)")
        shutil.copyfile(self.settings.database, database)
        if self.settings.keys_dir.exists():
            shutil.copytree(self.settings.keys_dir, database.parent / "keys", dirs_exist_ok=True)
        twin = copy(self)
        twin.settings = replace(self.settings, database=database, **rules)
        twin.market = Market(twin.settings, HashingEncoder())
        keeper = twin.market._keeper
        twin.db, twin.workshop = keeper.db, Workshop(twin.settings, lambda _: None, HashingEncoder())
        twin.drafts = DraftBook(keeper, twin.settings, twin.market._finder)
        twin.review = ReviewDesk(keeper, twin.settings, twin.market._finder)
        twin.batches = BatchDesk(keeper, twin.settings)
        twin._enter()
        return twin

    def set_deadline(self, day: str) -> None:
        """Let the need's own deadline be this day."""
        with transaction(self.db):
            (record,) = self.db.conn.execute("select record from posting where key = ?", [self.need_key]).fetchone()
            value = json.loads(record) | {"deadline": day or None}
            text = json.dumps(value, ensure_ascii=False)
            self.db.table("posting").update(self.need_key, {"record": text, "deadline": day})
        self.market._keeper._desk = None

    def typed(self, viewer: Viewer | None = None, **changes: Any) -> TypedAnswer:
        """A complete answer of the vendor, or of the rival."""
        who = viewer or self.vendor
        page = self.book.page(who, self.need_key)
        offer = self.offer_key if who.company_of != {RIVAL} else self.rival_offer
        values: dict[str, Any] = {
            "offer_key": offer, "statuses": {0: "full", 1: "partly", 2: "discuss"}, "evidence": EVIDENCE,
            "note": "可先试用一个月。", "stamp": page.stamp,
        }  # fmt: skip
        return TypedAnswer(**(values | changes))

    def send(self, viewer: Viewer | None = None, **changes: Any) -> int:
        """Send an answer; return its key."""
        who = viewer or self.vendor
        return self.book.save(who, self.need_key, self.typed(who, **changes), send=True)

    def seal(self, closes_on: str = SOON) -> None:
        """Let the agency choose 截止后统一查看."""
        stamp = self.table.page(self.clerk, self.need_key).terms.stamp
        self.table.set_rules(self.clerk, self.need_key, RuleForm(closes_on, True, "", stamp))

    def let_close(self) -> None:
        """Let the closing date have been yesterday."""
        with transaction(self.db):
            self.db.conn.execute("update answer_rule set closes_on = ?", [PAST])

    def listed(self) -> PostingRow:
        """The need as a stored row."""
        return load_rows(self.db, [self.need_key])[0]

    def heard(self, viewer: Viewer, *kinds: str) -> list[str]:
        """What somebody was told, newest first."""
        notices = self.market.notices.inbox(viewer).notices
        return [one.title for one in notices if not kinds or one.kind in kinds]

    def count(self, table: str) -> int:
        """How many rows a table holds."""
        return int(self.db.table(table).count)
