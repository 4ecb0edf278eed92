"""What the tests of publishing share: an office with organisations, people and a worker that runs at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from doubles import HashingEncoder

from marketplace import Market, MarketSettings, Viewer
from marketplace.commands import Workshop
from marketplace.jobs import run_job_now
from marketplace.publishing import BatchDesk, BatchForm, DraftBook, ReviewDesk
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import queued_keys
from marketplace.store.maintenance import find_faults
from matching import Side

BUREAU, COMPANY, OTHER = 11, 12, 13
NEED = {
    "title": "窨井盖缺失移位自动发现",
    "department": "市政设施科",
    "district": "武汉市江夏区",
    "domain": "智慧城市",
    "background": "井盖丢了没人知道，靠巡查员每周走一遍。雨后积水时看不见井口，去年有两起非机动车摔伤。",
    "requirements": "1. 井盖移位、缺失后15分钟内告警\n2. 终端电池使用不少于5年\n3. 数据不出域，部署在区政务云",
    "budget": "120万元",
    "funding_state": "已落实",
}
OFFER = {
    "title": "窨井状态感知终端",
    "district_or_city": "武汉市东湖高新区",
    "domains": ["智慧城市"],
    "summary": "低功耗倾角与水位一体终端，井盖移位、翻转、浸水自动上报。平台可部署在政务云。",
    "features": "1. 井盖移位后5分钟内告警到手机\n2. 一次性锂电池供电，使用6年",
    "maturity": "8",
    "cases": "某地级市水务集团｜2025-06｜布设3200套，漏报率低于2%",
}


class Office:
    """One installation with three organisations and the people the tests need."""

    def __init__(self, settings: MarketSettings) -> None:
        self._open(settings)
        self._keys = itertools.count(101)
        for key, name, kind in (
            (BUREAU, "江夏区城市管理执法局（示例）", "government"),
            (COMPANY, "武汉楚光智感科技有限公司（示例）", "enterprise"),
            (OTHER, "黄石市水务局（示例）", "government"),
        ):
            self._organisation(key, name, kind)
        self.clerk = self.person("王科员", publisher_of=(BUREAU,))
        self.colleague = self.person("李科员", publisher_of=(BUREAU,))
        self.vendor = self.person("赵经理", company_of=(COMPANY,))
        self.stranger = self.person("钱科员", publisher_of=(OTHER,))
        self.reviewer = self.person("孙审核", reviewer=True)
        self.second = self.person("周审核", reviewer=True)

    def _open(self, settings: MarketSettings) -> None:
        self.settings = settings
        self.market = Market(settings, HashingEncoder())
        self.db: Database = self.market._keeper.db
        self.workshop = Workshop(settings, lambda _: None, HashingEncoder())
        keeper = self.market._keeper
        self.drafts = DraftBook(keeper, settings, self.market._finder)
        self.review = ReviewDesk(keeper, settings, self.market._finder)
        self.batches = BatchDesk(keeper, settings)

    def _organisation(self, key: int, name: str, kind: str) -> None:
        self.db.table("organisation").insert(
            {"key": key, "name": name, "folded": name, "kind": kind, "district": "武汉市江夏区", "qualifications": "[]",
             "verified": 1, "claimed": 1, "revision": 1}
        )  # fmt: skip

    def person(
        self,
        name: str,
        *,
        publisher_of: tuple[int, ...] = (),
        company_of: tuple[int, ...] = (),
        reviewer: bool = False,
        districts: tuple[str, ...] = (),
    ) -> Viewer:
        """An account with its memberships, as the viewer it signs in as."""
        key = next(self._keys)
        self.db.table("account").insert(
            {"key": key, "login": f"user{key}", "password_hash": "-", "name": name, "state": "active",
             "must_change": 0, "failures": 0, "session_number": 1}
        )  # fmt: skip
        roles = {"publisher": publisher_of, "company": company_of, "reviewer": (0,) if reviewer else ()}
        for role, organisations in roles.items():
            for organisation in organisations:
                self.db.table("membership").insert(
                    {"account_key": key, "role": role, "organisation_key": organisation, "districts": "[]"}
                )
        return Viewer(
            account_key=key, name=name, login=f"user{key}", roles=frozenset(r for r, held in roles.items() if held),
            publisher_of=frozenset(publisher_of), company_of=frozenset(company_of),
            districts={"reviewer": districts} if reviewer else {},
        )  # fmt: skip

    def write(self, viewer: Viewer, values: Mapping[str, Any], side: Side = Side.OPPORTUNITY) -> int:
        """A draft of the viewer's organisation with these values."""
        organisation = next(iter(viewer.publisher_of if side is Side.OPPORTUNITY else viewer.company_of))
        key = self.drafts.create(viewer, side, organisation)
        self.drafts.save(viewer, key, values, 1)
        return key

    def need(self, **values: Any) -> int:
        """A complete opportunity of the bureau as a draft."""
        return self.write(self.clerk, NEED | values)

    def offer(self, **values: Any) -> int:
        """A complete capability of the company as a draft."""
        return self.write(self.vendor, OFFER | values, Side.CAPABILITY)

    def approve(self, key: int, reviewer: Viewer | None = None) -> str:
        """Pass a waiting text."""
        who = reviewer or self.reviewer
        return self.review.approve(who, key, secrecy_checked=True, stamp=self.review.draft_page(who, key).stamp)

    def pass_on(self, key: int, author: Viewer | None = None) -> int:
        """Send a draft to review and approve it."""
        self.drafts.submit(author or self.clerk, key)
        self.approve(key)
        return key

    def work(self) -> list[Mapping[str, Any]]:
        """Run every waiting job; return their results."""
        return [run_job_now(self.workshop, key) for key in queued_keys(self.db)]

    def publish(self, *keys: int, side: Side = Side.OPPORTUNITY, number: int = 1) -> int:
        """Publish approved texts as one batch; return its key."""
        form = BatchForm(side, number, "江夏区科技创新和经济信息化局（示例）", "夏科信〔2026〕1号")
        batch, _ = self.batches.publish(self.reviewer, form, keys)
        self.work()
        return batch

    def posting_keys(self, side: Side = Side.OPPORTUNITY) -> list[int]:
        """Keys of the stored postings of a list, oldest first."""
        return [row["key"] for row in self.db.query("select key from posting where kind = ? order by key", [str(side)])]

    def published(self, title: str) -> int:
        """Key of the stored posting with a title."""
        return int(self.db.conn.execute("select key from posting where title = ?", [title]).fetchone()[0])

    def faults(self) -> list[str]:
        """Every contradiction in the database."""
        return [*find_faults(self.db), *find_office_faults(self.db)]

    def make_old(self, table: str, column: str, at: str = "2026-01-01T00:00:00Z") -> None:
        """Let something have happened long ago."""
        with transaction(self.db):
            self.db.conn.execute(f"update [{table}] set [{column}] = ?", [at])
