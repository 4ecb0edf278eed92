"""The site of the permission tests with more in every state, for gunicorn with the test folders on its path.

``OFFICE_FOLDER`` is an empty folder for the market. ``stock.json`` in it says afterwards which keys what lies
there has (``parts``), and the session cookie of everyone (``cookies``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from market_tools import Shop
from office import make_organisation, office_app, office_market
from openpyxl import Workbook
from permission_site import AGENCY, TEXT, build, viewer_of

import matching
from marketplace import Market, Viewer
from marketplace.imports import ColumnChoice
from marketplace.jobs import run_job_now, start_job
from marketplace.store.database import now, transaction
from marketplace.store.jobs import queued_keys
from matching import MatchingSettings, Side
from webapp import WebSettings

_HEADER = ("场景名称", "需求单位", "拟落地应用区域", "需求描述", "技术指标", "投资额（万元）", "截止时间", "内部批示")
_STORY = "老旧管网漏损率偏高，人工听漏效率低，夜间巡查看不清。"
_ROWS = (
    ("供水管网漏点自动发现", AGENCY, "武汉市江夏区", _STORY, "定位误差不超过1.5米", "３００", "2027年12月31日", ""),
    (
        "泵站无人值守巡检",
        AGENCY,
        "潜江市区",
        "泵站分散，值守人手不足。",
        "①水位监测 ②识别异物",
        "80-100",
        "2027/2/30",
        "同意",
    ),
    (None, AGENCY, "黄石市", "暴雨内涝点预警缺少数据。", "提前30分钟预警", "五十万", "长期", ""),
    ("供水管网漏点自动发现", AGENCY, "武汉市江夏区", _STORY, "定位误差不超过1.5米", "300", "2027年12月31日", ""),
)
_CHANGED = {
    "background": "井盖丢了没人知道，靠巡查员每周走一遍，去年有两起非机动车摔伤。",
    "requirements": ["井盖移位后10分钟内告警", "终端电池使用不少于5年"],
    "budget": "壹佰貳拾萬元",
}


class _Stocker:
    """Brings the agency's texts and lists into every state."""

    def __init__(self, market: Market, parts: Mapping[str, int]) -> None:
        self._market, self._shop = market, Shop(market.settings)
        self._agency = parts["organisation"]
        self._officer = self._holder("publisher")
        self._reviewer = self._holder("reviewer")

    def _holder(self, role: str) -> Viewer:
        """The first account that holds a role; the accounts for further places were made after it."""
        rows = self._shop.db.table("membership").rows_where("role = ?", [role])
        return viewer_of(self._market, min(int(row["account_key"]) for row in rows))

    def work(self) -> None:
        """Run every waiting job."""
        for key in queued_keys(self._shop.db):
            run_job_now(self._shop.work, key)

    def begin(self, **changes: object) -> int:
        """A text of the agency, not sent yet."""
        drafts = self._market.drafts
        key = drafts.create(self._officer, Side.OPPORTUNITY, self._agency)
        drafts.save(self._officer, key, {**TEXT, **changes}, drafts.page(self._officer, key).stamp)
        return key

    def send(self, **changes: object) -> int:
        """A text that waits for review."""
        key = self.begin(**changes)
        self._market.drafts.submit(self._officer, key)
        return key

    def approve(self, key: int) -> int:
        """The same text, passed."""
        stamp = self._market.review.draft_page(self._reviewer, key).stamp
        self._market.review.approve(self._reviewer, key, secrecy_checked=True, stamp=stamp)
        return key

    def publish(self, key: int) -> int:
        """The posting of a text that waits for review."""
        title = self._market.review.draft_page(self._reviewer, key).line.title
        run_job_now(self._shop.work, self._market.batches.publish_one(self._reviewer, self.approve(key)))
        ((posting,),) = self._shop.db.conn.execute("select key from posting where title = ?", [title]).fetchall()
        return int(posting)

    def revise(self, posting: int, **changes: object) -> int:
        """A revision of a posting that waits for review."""
        drafts = self._market.drafts
        key = drafts.from_posting(self._officer, posting)
        drafts.save(self._officer, key, changes, drafts.page(self._officer, key).stamp)
        drafts.submit(self._officer, key)
        return key

    def send_back(self, key: int) -> int:
        """The same text, returned with a reason."""
        stamp = self._market.review.draft_page(self._reviewer, key).stamp
        self._market.review.return_(self._reviewer, key, reason="请写明首期覆盖多少座井盖，并补充预算。", stamp=stamp)
        return key

    def upload(self, folder: Path) -> int:
        """A list with faults and rows that resemble one another, its columns chosen."""
        path, book = folder / "list.xlsx", Workbook()
        assert book.active is not None
        for row in (_HEADER, *_ROWS):
            book.active.append(row)
        book.save(path)
        desk = self._market.imports
        run = desk.upload(
            self._officer, path, file_name="2026年场景需求汇总（报送版）.xlsx", side=Side.OPPORTUNITY,
            organisation_key=self._agency,
        )  # fmt: skip
        desk.choose_columns(self._officer, run, ColumnChoice())
        return run

    def lookalikes(self) -> None:
        """Two organisations that may be one."""
        for kind in ("有限公司", "股份有限公司"):
            make_organisation(self._market, f"武汉梁子湖渔具{kind}（示例）", "enterprise")

    def keeper_of(self, merge: int) -> int:
        """The organisation that another was merged into."""
        return int(self._shop.db.table("organisation_merge").get(merge)["kept_key"])

    def job(self, state: str, message: str, *, done: int = 0, total: int = 0) -> int:
        """A job of the officer in a state of its own."""
        with transaction(self._shop.db):
            key = start_job(
                self._shop.db, "import_rows", title="导入“2026年场景需求汇总（报送版）.xlsx”", arguments={},
                viewer=self._officer, link="/imports",
            )  # fmt: skip
            row = {"state": state, "message": message, "done": done, "total": total, "beat_at": now(), "attempts": 1}
            self._shop.db.table("job").update(key, row)
        return key

    def job_of(self, kind: str) -> int:
        """The newest job of a kind."""
        newest = "select max(key) from job where kind = ?"
        return int(self._shop.db.conn.execute(newest, [kind]).fetchone()[0])


def _stock(market: Market, parts: Mapping[str, int], folder: Path) -> dict[str, int]:
    stocker = _Stocker(market, parts)
    stocker.work()
    published = stocker.publish(stocker.send(title="背街小巷积水点提前预警"))
    stocker.publish(stocker.revise(published, **_CHANGED))
    once = stocker.publish(stocker.send(title="路灯故障自动派单"))
    stocker.lookalikes()
    return {
        "text": stocker.begin(title="渣土车轨迹核查与卸点比对", requirements=["轨迹点间隔不超过30秒"]),
        "returned": stocker.send_back(stocker.send(title="公厕满溢与异味自动提醒")),
        "revision": stocker.revise(once, **_CHANGED),
        "passed": stocker.approve(stocker.send(title="道路病害巡检自动识别")),
        "published": published,
        "checked": stocker.upload(folder),
        "merged": stocker.keeper_of(parts["merge"]),
        "queued": stocker.job("queued", ""),
        "running": stocker.job("running", "正在编码", done=1_213, total=20_000),
        "failed": stocker.job("failed", "编码模型没有就绪；请联系系统管理员。", done=40, total=389),
        "done": stocker.job_of("publish_batch"),
    }  # fmt: skip


_folder = Path(os.environ["OFFICE_FOLDER"])
_matching = MatchingSettings(Path(matching.__file__).parents[1] / "data", _folder)
_base = build(_folder / "site", _matching)
_market = office_market(_base.folder, _matching)
_parts = {**_base.parts, **_stock(_market, _base.parts, _folder)}
app = office_app(_market, WebSettings(sample_site=True, organiser="某市科学技术局（示例）"))
(_folder / "stock.json").write_text(json.dumps({"parts": _parts, "cookies": dict(_base.cookies)}), encoding="utf-8")
