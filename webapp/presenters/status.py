"""What is running, for whoever keeps the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace import StatusPage
from webapp.presenters import figures
from webapp.presenters.cards import Fact
from webapp.presenters.page import Context, Crumb, Head


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class StatusContext(Context):
    """Encoder, lists, index and what is wrong."""

    template: ClassVar[str] = "status/index.html"

    groups: tuple[FactGroup, ...]
    problems: tuple[str, ...]


def present_status(page: StatusPage) -> StatusContext:
    """The context of the status page."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("运行状态"))
    return StatusContext(
        head=Head("运行状态", "模型、清单与索引的当前状态。", crumbs),
        groups=(_lists(page), _encoder(page), _index(page), _worker(page)),
        problems=page.problems,
    )


def health(page: StatusPage) -> dict[str, Any]:
    """The same in the few words a monitor needs."""
    return {
        "status": "ok" if not page.problems else "degraded",
        "opportunities": page.opportunities,
        "capabilities": page.capabilities,
        "matches": page.matches,
        "encoder_ready": page.encoder_ready,
        "changes_behind": max(0, page.changes - page.matched_through),
        "worker_alive": page.worker_alive,
        "jobs_queued": page.jobs_queued,
        "problems": list(page.problems),
    }


def _lists(page: StatusPage) -> FactGroup:
    return FactGroup(
        "清单与匹配",
        (
            Fact("场景机会", f"{figures.count(page.opportunities)} 条"),
            Fact("场景能力", f"{figures.count(page.capabilities)} 条"),
            Fact("已存匹配", f"{figures.count(page.matches)} 对"),
            Fact("最近变更", figures.moment(page.last_change) if page.last_change else "无"),
            Fact("待更新变更", f"{figures.count(max(0, page.changes - page.matched_through))} 条"),
            Fact("数据库", figures.size(page.database_bytes)),
        ),
    )


def _encoder(page: StatusPage) -> FactGroup:
    return FactGroup(
        "模型",
        (
            Fact("名称", page.encoder),
            Fact("状态", "已载入" if page.encoder_ready else "正在载入，搜索暂按词语进行"),
            Fact("指纹", page.fingerprint),
            Fact("文本规则版本", str(page.recipe_version)),
            Fact("评分参数版本", page.weights_version),
        ),
    )


def _index(page: StatusPage) -> FactGroup:
    return FactGroup(
        "索引与统计",
        (
            Fact("向量", f"{figures.count(page.vectors)} 条"),
            Fact("变更序号", figures.count(page.changes)),
            Fact("索引已读到", figures.count(page.index_seen)),
            Fact("匹配已算到", figures.count(page.matched_through)),
            Fact("统计快照", f"第 {page.snapshot_number} 号"),
            Fact("快照时间", figures.moment(page.snapshot_created) or "无"),
        ),
    )


def _worker(page: StatusPage) -> FactGroup:
    return FactGroup(
        "后台任务",
        (
            Fact("进程", "在运行" if page.worker_alive else "没有运行"),
            Fact("最近心跳", figures.moment(page.worker_beat) or "无"),
            Fact("排队", f"{figures.count(page.jobs_queued)} 项"),
            Fact("处理中", f"{figures.count(page.jobs_running)} 项"),
            Fact("有效期检查", figures.moment(page.fresh_at) or "还没有检查过"),
        ),
    )
