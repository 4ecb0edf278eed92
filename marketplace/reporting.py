"""The status page: what runs, how current it is, and what does not fit together."""

from __future__ import annotations

from datetime import timedelta

from marketplace.desk import Desk
from marketplace.finder import ENCODER, ENCODER_NAME, Finder
from marketplace.jobs import worker_state
from marketplace.jobs.state import moments_ago
from marketplace.matched import MatchedPages
from marketplace.pages import StatusPage
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.changes import last_change, last_change_at, read_value
from marketplace.store.database import count_rows
from marketplace.store.matches import load_snapshot
from marketplace.store.outbox import count_waiting
from matching import RECIPE_VERSION, Side


def status_page(db: Database, settings: MarketSettings, finder: Finder, desk: Desk) -> StatusPage:
    """Return counts, ages and problems of one installation."""
    current = load_snapshot(db)
    newest, matched = last_change(db), int(read_value(db, "matched_through") or 0)
    stored = read_value(db, ENCODER) or ""
    encoder = finder.encoder
    problems = [finder.problem] if finder.problem else []
    if encoder is not None and stored and encoder.fingerprint != stored:
        problems.append("库中向量由另一个编码模型生成，语义检索已停用；请运行 python -m marketplace match 重新编码。")
    if matched < newest:
        problems.append(f"有 {newest - matched} 条变更还没有重新匹配；请运行 python -m marketplace match。")
    worker = worker_state(db)
    if worker.problem:
        problems.append(worker.problem)
    late = count_waiting(db, moments_ago(timedelta(hours=1)))
    if late:
        problems.append(f"有 {late} 封邮件等了一小时还没有发出；请检查发信服务器的设置和后台任务进程。")
    return StatusPage(
        encoder=read_value(db, ENCODER_NAME) or "尚未导入清单",
        fingerprint=stored,
        recipe_version=RECIPE_VERSION,
        weights_version=MatchedPages.model(settings.matching).version,
        opportunities=len(desk.side(Side.OPPORTUNITY)),
        capabilities=len(desk.side(Side.CAPABILITY)),
        vectors=count_rows(db, "vector"),
        matches=count_rows(db, "match"),
        changes=newest,
        matched_through=matched,
        index_seen=finder.seen(),
        snapshot_number=current[0] if current else 0,
        snapshot_created=current[1] if current else "",
        last_change=last_change_at(db),
        encoder_ready=finder.ready,
        database_bytes=settings.database.stat().st_size if settings.database.is_file() else 0,
        problems=tuple(problems),
        worker_alive=worker.alive,
        worker_beat=worker.beat_at,
        jobs_queued=worker.queued,
        jobs_running=worker.running,
        fresh_at=worker.fresh_at,
    )
