"""What the tests of pairings share: a need and an offer published, with people on every side."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from typing import Any

from publishing_tools import BUREAU, COMPANY, NEED, OTHER, Office

from marketplace import MarketSettings, Viewer
from marketplace.followup import EffectTyped, MoveForm, StopForm, Upload, open_pairing
from marketplace.store.database import transaction
from marketplace.store.pairings import PairingRow, load_pairing
from matching import Side

RIVAL = 14
PAPER = Upload("验收单.pdf", b"%PDF-1.7 accepted")
FACTS = {
    "contacted": {"contacted_on": "2026-03-01"},
    "meeting": {"met_on": "2026-03-05"},
    "signed": {"amount_wan": "118万元", "signed_on": "2026-04-01", "procurement_route": "竞争性磋商"},
    "building": {"started_on": "2026-04-10"},
    "landed": {"accepted_on": "2026-05-20", "user_report": "用了一个月，告警及时。"},
}


class Ground(Office):
    """An office with one published need and one published offer, a matchmaker, and a company that competes."""

    def __init__(self, settings: MarketSettings) -> None:
        super().__init__(settings)
        self._organisation(RIVAL, "黄石磁湖数智有限公司（示例）", "enterprise")
        self.broker, self.second_broker = self.matchmaker("撮合甲"), self.matchmaker("撮合乙")
        self.far_broker = self.matchmaker("撮合丙", districts=("随州市",))
        self.rival = self.person("竞争方", company_of=(RIVAL,))
        self.far_clerk = self.person("别处", publisher_of=(OTHER,))
        self.publish(self.pass_on(self.need()))
        self.publish(self.pass_on(self.offer(), self.vendor), side=Side.CAPABILITY)
        self.need_key = self.published(NEED["title"])
        self.offer_key = self.published("窨井状态感知终端")

    def moved_to(self, settings: MarketSettings) -> Ground:
        """The same people over a copy of the database, so that the lists are published once for all tests."""
        self.db.conn.execute("pragma wal_checkpoint(truncate)")
        settings.database.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.settings.database, settings.database)
        new = copy.copy(self)
        new._open(settings)
        return new

    def matchmaker(self, name: str, districts: tuple[str, ...] = ()) -> Viewer:
        """An account that holds the matchmaker's role."""
        viewer = self.person(name)
        self.db.table("membership").insert(
            {"account_key": viewer.account_key, "role": "matchmaker", "organisation_key": 0,
             "districts": json.dumps(districts, ensure_ascii=False)}
        )  # fmt: skip
        return replace(viewer, roles=frozenset({"matchmaker"}), districts={"matchmaker": districts})

    def pair(self, viewer: Viewer | None = None, origin: str = "hand", note: str = "") -> int:
        """Open a pairing of the need and the offer; return its key."""
        with transaction(self.db):
            return open_pairing(
                self.db, self.settings, viewer or self.broker, self.need_key, self.offer_key, origin=origin, note=note
            )

    def second_pair(self) -> int:
        """A pairing of the same need with the company that competes, followed by the other matchmaker."""
        draft = self.write(self.rival, {"title": "井盖监测平台", "summary": "井盖监测。"}, Side.CAPABILITY)
        self.publish(self.pass_on(draft, self.rival), side=Side.CAPABILITY, number=2)
        with transaction(self.db):
            return open_pairing(
                self.db, self.settings, self.second_broker, self.need_key, self.published("井盖监测平台"), origin="hand"
            )

    def go(self, key: int, *stages: str, viewer: Viewer | None = None) -> PairingRow:
        """Move a pairing through these stages with facts that are in order."""
        for stage in stages:
            self.market.pairings.move(viewer or self.broker, key, self.form(key, stage))
        return self.row(key)

    def form(self, key: int, stage: str, **changes: Any) -> MoveForm:
        """What a matchmaker would send to enter a stage."""
        values = {**FACTS.get(stage, {}), **changes.pop("values", {})}
        effects = (EffectTyped("告警时间", "分钟", "15", "9", lower=True),) if stage == "landed" else ()
        uploads = (PAPER,) if stage == "landed" else ()
        form = MoveForm(stage, self.row(key).stamp, values, effects, uploads)
        return replace(form, **changes)

    def stop(self, key: int, reason: str, **changes: Any) -> StopForm:
        """What is sent to put a pairing aside or to end it."""
        return replace(StopForm(reason, self.row(key).stamp), **changes)

    def row(self, key: int) -> PairingRow:
        """The stored pairing."""
        found = load_pairing(self.db, key)
        assert found is not None
        return found

    def assign(self, viewer: Viewer, keys: list[int], to: Viewer) -> int:
        """Give pairings, as they stand now, to somebody."""
        return self.market.pairings.assign(viewer, {key: self.row(key).stamp for key in keys}, to.account_key)

    def titles(self, viewer: Viewer) -> list[str]:
        """Titles of what somebody was told about pairings, newest first."""
        notices = self.market.notices.inbox(viewer).notices
        return [one.title for one in notices if one.kind == "pairing"]

    def actions(self) -> list[str]:
        """Every audited action about pairings, in order."""
        sql = "select action from audit where action like 'pairing.%' order by seq"
        return [row["action"] for row in self.db.query(sql)]

    def columns(self, table: str, key: int) -> dict[str, Any]:
        """One stored row as it stands."""
        return dict(self.db.table(table).get(key))


__all__ = ["BUREAU", "COMPANY", "FACTS", "OTHER", "PAPER", "RIVAL", "Ground"]
