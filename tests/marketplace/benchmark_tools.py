"""What the tests of the benchmark share: landed pairs with owners, people for every part, a year taken to any state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from doubles import HashingEncoder
from market_tools import Shop
from people import make_person, own

from marketplace import Market, MarketSettings, Viewer
from marketplace.benchmarks.sheet_reading import written
from marketplace.followup import Upload
from marketplace.organisations.naming import find_or_create
from marketplace.selection import ObjectionTyped, clock
from marketplace.store.benchmark_cases import load_case
from marketplace.store.database import transaction

YEAR = 2026
# Days of the round, far from any weekend that would blur what is tested.
DAYS = {
    "opens_on": "2026-09-01", "closes_on": "2026-09-30", "formal_until": "2026-10-12", "facts_until": "2026-10-20",
    "scoring_from": "2026-10-21", "scoring_until": "2026-11-06", "notice_from": "2026-11-09",
    "notice_until": "2026-11-16", "freeze_on": "2026-11-20",
}  # fmt: skip
STORY = {
    "story": "管网装了声纹终端，漏点一次找准。", "innovation": "声纹与时延合在一处。", "replication": "已在两处复制。",
    "benefit": "开挖次数少了一半。", "safety": "数据存本地，等保二级。", "declared": "1",
}  # fmt: skip
PAPER = Upload("证据.pdf", b"%PDF-1.7 evidence")
CODES = ("effect", "innovation", "replication", "benefit", "safety")


class Round:
    """One installation with landed pairs; ``at`` sets the day, ``reach`` takes the year to a state."""

    def __init__(self, settings: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self._patch = settings, monkeypatch
        self.shop = Shop(settings)
        self.db = self.shop.db
        self.market = Market(settings, HashingEncoder())
        self.organiser = make_person(self.db, "reviewer")
        self.admin = make_person(self.db, "admin")
        self.experts = [make_person(self.db, "expert") for _ in range(5)]
        self.at("2026-08-20")

    def at(self, day: str) -> None:
        """Let it be this day."""
        self._patch.setattr(clock, "today", lambda: date.fromisoformat(day))

    def landings(self) -> list[str]:
        """Ids of the landed pairs that a round takes, in order."""
        return [raw["landing_id"] for raw in self.db.query(
            "select landing_id from benchmark_flag where year = ? order by landing_id", [YEAR])]  # fmt: skip

    def keys(self, landing_id: str) -> tuple[int, int]:
        """Keys of both postings of a landing."""
        sql = "select opportunity_key, capability_key from landing where id = ?"
        return self.db.conn.execute(sql, [landing_id]).fetchone()

    def accepted(self, landing_id: str) -> str:
        """The day a landing was accepted."""
        return str(self.db.table("landing").get(landing_id)["accepted_on"])

    def company(self, landing_id: str) -> Viewer:
        """A person of the company of a landed pair, with an organisation of its own."""
        _, offer = self.keys(landing_id)
        key = own(self.db, offer, f"能力单位 {landing_id}（示例）", "enterprise")
        return make_person(self.db, "company", organisation=key)

    def agency(self, landing_id: str, kind: str = "government") -> Viewer:
        """A person of the agency of a landed pair."""
        need, _ = self.keys(landing_id)
        key = own(self.db, need, f"需求单位 {landing_id}（示例）", kind)
        return make_person(self.db, "publisher", organisation=key)

    def set_up(self, **changes: str) -> None:
        """Make the year and fill in its days."""
        self.market.year_book.create(self.organiser, YEAR)
        self.edit(**(DAYS | changes))

    def edit(self, viewer: Viewer | None = None, **changes: str) -> None:
        """Save the year's form with changes."""
        page = self.market.year_book.page(self.organiser, YEAR)
        self.market.year_book.save(viewer or self.organiser, YEAR, dict(page.values) | changes, page.stamp)

    def stamp(self) -> int:
        """The year's stamp."""
        return int(self.db.conn.execute("select stamp from benchmark_year where year = ?", [YEAR]).fetchone()[0])

    def open_call(self) -> None:
        """Open the call on its first day."""
        self.at(DAYS["opens_on"])
        self.market.year_book.open_call(self.organiser, YEAR, self.stamp())

    def apply(self, landing_id: str, viewer: Viewer | None = None, way: str = "self_applied", send: bool = True) -> int:
        """Put a landed pair in; return the key of the case."""
        who = viewer or self.company(landing_id)
        organisation = next(iter(who.company_of | who.publisher_of))
        key = self.market.applications.begin(who, YEAR, landing_id, organisation, way)
        if send:
            self.market.applications.save(who, key, STORY, self.case(key).stamp, send=True)
        return key

    def case(self, key: int) -> Any:
        """The stored case."""
        found = load_case(self.db, key)
        assert found is not None
        return found

    def pass_checks(self, key: int) -> None:
        """Formal check and check of the facts."""
        for _ in range(2):
            self.market.checks.decide(self.organiser, key, "pass", "材料齐全，数据一致", self.case(key).stamp)

    def seat(self, key: int, experts: int = 3) -> None:
        """Put experts on the panel and on a case."""
        for one in self.experts[:experts]:
            self.market.panel.add(self.organiser, YEAR, one.account_key, "评审单位（示例）")
        self.market.panel.assign(self.organiser, key, [one.account_key for one in self.experts[:experts]])

    def begin_scoring(self, count: int = 3, experts: int = 3) -> list[int]:
        """A year whose experts score ``count`` cases; return their keys."""
        self.organisation("评审单位（示例）")
        self.set_up()
        self.open_call()
        keys = [self.apply(one) for one in self.landings()[:count]]
        for key in keys:
            self.pass_checks(key)
            self.seat(key, experts)
        self.at("2026-10-21")
        self.market.board.start_scoring(self.organiser, YEAR, self.stamp())
        return keys

    def organisation(self, name: str, kind: str = "institute") -> int:
        """An organisation of this name."""
        with transaction(self.db):
            return find_or_create(self.db, name, kind=kind)

    def mark(self, key: int, expert: int, marks: str | Mapping[str, str] = "80", *, send: bool = True) -> None:
        """Let an expert fill in a sheet."""
        viewer = self.experts[expert]
        values = {code: marks for code in CODES} if isinstance(marks, str) else dict(marks)
        page = self.market.marking.page(viewer, key)
        self.market.marking.save(viewer, key, values, "材料翔实", page.stamp, send=send, shown_round=page.round)

    def rank(self, marks: Mapping[int, list[str]]) -> None:
        """Let experts mark every case with one figure each, and end the scoring."""
        for key, figures in marks.items():
            for place, figure in enumerate(figures):
                self.mark(key, place, figure)
        self.market.board.close_scoring(self.organiser, YEAR, self.stamp())

    def publish(self) -> None:
        """Publish the list on the first day of the publication."""
        self.at(DAYS["notice_from"])
        self.market.publicity.publish(self.organiser, YEAR, "", self.stamp())

    def note(self, landing_id: str, **changes: str) -> None:
        """Note facts of a landed pair as the organiser finds the form."""
        page = self.market.facts.page(self.organiser, landing_id)
        self.market.facts.note(self.organiser, landing_id, dict(page.values) | changes, page.stamp)

    def object(self, code: str = "2026-001", **changes: Any) -> int:
        """An objection by name with evidence."""
        typed = ObjectionTyped(code, "欧阳示例", "13800001111", "成效数据与本单位掌握的不一致。", (PAPER,))
        return self.market.publicity.object(Viewer(), YEAR, replace(typed, **changes))

    def freeze(self, marks: Mapping[int, list[str]]) -> str:
        """Take the year to its frozen result; return the hash."""
        self.rank(marks)
        self.publish()
        self.at("2026-11-17")
        return self.market.results.freeze(self.organiser, YEAR, self.stamp())

    def sheet(self) -> Mapping[str, str]:
        """The year's form as it stands."""
        return written(self.market.year_book.page(self.organiser, YEAR).sheet)

    def actions(self) -> list[str]:
        """Audited actions of the benchmark, in order."""
        sql = "select action from audit where action like 'benchmark.%' order by seq"
        return [raw["action"] for raw in self.db.query(sql)]

    def flag(self, landing_id: str, year: int = YEAR) -> dict[str, Any]:
        """The stored flag."""
        (raw,) = self.db.query("select * from benchmark_flag where year = ? and landing_id = ?", [year, landing_id])
        return raw | {"content": json.loads(raw["content"])}


@contextmanager
def unchanged(db: Any, *tables: str) -> Iterator[None]:
    """Whatever is done inside leaves these tables as they were."""
    before = {table: list(db.table(table).rows) for table in tables}
    yield
    assert {table: list(db.table(table).rows) for table in tables} == before
