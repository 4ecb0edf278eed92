"""Brings the matches up to date as a job, or as the last part of one."""

from __future__ import annotations

import re
from typing import Any

from marketplace.jobs.context import JobContext
from marketplace.matchkeeper import MATCHED, MatchKeeper
from marketplace.store.changes import last_change, read_value
from matching import Engine

_COUNTED = re.compile(r"(\d+)/(\d+)")


def renew_matches(context: JobContext) -> dict[str, Any]:
    """Score what changed since the last matching; return how many postings were scored as ``scored``."""
    db = context.db
    if last_change(db) == int(read_value(db, MATCHED) or 0):
        return {"scored": 0, "message": "匹配已是最新。"}
    context.say(0, 0, "正在更新匹配")

    def say(line: str) -> None:
        counted = _COUNTED.search(line)
        done, total = map(int, counted.groups()) if counted else (0, 0)
        # The last line of the matching is not the last of the job.
        context.say(done, total, "正在更新匹配：" + line.strip())

    engine = Engine.open(context.settings.matching, context.workshop.encoder())
    scored = MatchKeeper(db, engine).run(say)
    return {"scored": scored, "message": f"匹配已更新，重新计算 {scored} 条。"}
