"""The states of a posting and their names."""

from __future__ import annotations

from marketplace.stages import DERIVED_STATES

PUBLISHED, WITHDRAWN = "published", "withdrawn"
STATES = {
    "draft": "草稿",
    "review": "待审",
    "returned": "退回",
    "published": "已发布",
    "recheck": "需复核",
    "off_shelf": "下架",
    "withdrawn": "撤回",
    "expired": "过期",
    "failed": "流标",
}
# What lists and pages call a posting, with what its pairings make of it.
SHOWN_STATES = STATES | DERIVED_STATES
# Only these are seen by visitors and take part in matching.
VISIBLE = ("published", "recheck")
