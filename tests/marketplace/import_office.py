"""An office whose people import lists, for the tests of the import."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from market_tools import Shop
from people import make_person

from marketplace import Viewer
from marketplace.access import COMPANY, PUBLISHER, REVIEWER
from marketplace.desk import DeskKeeper
from marketplace.finder import Finder
from marketplace.imports import ColumnChoice, ImportDesk
from marketplace.jobs import run_job_now
from marketplace.organisations.naming import find_or_create
from marketplace.store.database import transaction
from marketplace.store.imports import load_import_rows
from matching import Posting

BUREAU = "示例区城市管理执法局（示例）"
WATER = "示例区水务局（示例）"
HEAD = ("编号", "场景名称", "发布单位", "所在区域", "背景", "需求条目", "预算（万元）", "联系方式")
MANHOLE = (
    "JH-1",
    "窨井盖缺失移位自动发现",
    BUREAU,
    "武汉市江夏区",
    "井盖丢失靠巡查。",
    "15分钟内告警；电池用5年",
    "120",
    "张三 13800000000",
)
LAKE = ("JH-2", "湖泊蓝藻早期预警", WATER, "武汉市江夏区", "蓝藻靠人工巡湖。", "提前3天预警", "300", "027-00000000")
STALL = ("", "占道经营自动识别", BUREAU, "潜江市", "夜间摊位流动快。", "识别率不低于90%", "", "")


class Office:
    """One installation with its people, fed with tables."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.db, self._folder = shop, shop.db, folder
        keeper = DeskKeeper(shop.settings)
        self.desk = ImportDesk(keeper, shop.settings, Finder(shop.settings, keeper))
        with transaction(self.db):
            self.bureau = find_or_create(self.db, BUREAU, kind="government", district="武汉市江夏区")
            self.water = find_or_create(self.db, WATER, kind="government", district="武汉市江夏区")
        self.reviewer = make_person(self.db, REVIEWER)
        self.publisher = make_person(self.db, PUBLISHER, organisation=self.bureau)
        self.other = make_person(self.db, PUBLISHER, organisation=self.water)
        self.company = make_person(self.db, COMPANY, organisation=self.water)

    def file(self, *rows: Sequence[Any], head: Sequence[str] = HEAD, name: str = "清单.csv") -> Path:
        """Write a table as a file."""
        text = io.StringIO()
        csv.writer(text).writerows([head, *rows])
        path = self._folder / name
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    def check(self, viewer: Viewer, *rows: Sequence[Any], head: Sequence[str] = HEAD, **choice: Any) -> int:
        """Upload a table and take its columns; return the key of the import."""
        path = self.file(*rows, head=head)
        key = self.desk.upload(viewer, path, file_name=path.name)
        self.desk.choose_columns(viewer, key, ColumnChoice(**choice))
        return key

    def let_in(self, viewer: Viewer, key: int, **how: Any) -> Mapping[str, Any]:
        """Confirm an import and do its job; return the job's result."""
        asked = {"how": "publish", "secrecy_checked": True} | how
        return run_job_now(self.shop.work, self.desk.confirm(viewer, key, **asked))

    def publish(self, *rows: Sequence[Any], head: Sequence[str] = HEAD) -> int:
        """Bring a table in as the reviewer."""
        key = self.check(self.reviewer, *rows, head=head)
        self.let_in(self.reviewer, key)
        return key

    def states(self, key: int) -> list[str]:
        """Return the state of each row."""
        return [row.state for row in load_import_rows(self.db, key)]

    def posting(self, posting_id: str) -> Posting:
        """Return a stored opportunity."""
        return self.shop.row(posting_id).posting
