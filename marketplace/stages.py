"""The stages of a pairing, their order, their names and what may follow what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

RECOMMENDED, CONTACTED, MEETING = "recommended", "contacted", "meeting"
SIGNED, BUILDING, LANDED = "signed", "building", "landed"
PAUSED, FAILED = "paused", "failed"
# In the order a pairing walks them; the last two stand aside of the way.
STAGES = {
    RECOMMENDED: "推荐",
    CONTACTED: "已联系",
    MEETING: "洽谈",
    SIGNED: "已签约",
    BUILDING: "建设中",
    LANDED: "已落地",
    PAUSED: "搁置",
    FAILED: "未成",
}
WAY = (RECOMMENDED, CONTACTED, MEETING, SIGNED, BUILDING, LANDED)
OPEN_STAGES = (RECOMMENDED, CONTACTED, MEETING, SIGNED, BUILDING, PAUSED)
CLOSED_STAGES = (LANDED, FAILED)
# Under way: what was put aside is open, but asks nothing of either side and counts against no cap.
ACTIVE_STAGES = (RECOMMENDED, CONTACTED, MEETING, SIGNED, BUILDING)
# Both sides have been spoken to.
PAST_CONTACT = (CONTACTED, MEETING, SIGNED, BUILDING, LANDED)
# Who drops out from here on leaves others with work already done.
LATE_STAGES = (MEETING, SIGNED, BUILDING)
# A purchase that needs no building lands right after signing.
NEXT: dict[str, tuple[str, ...]] = {
    RECOMMENDED: (CONTACTED,),
    CONTACTED: (MEETING,),
    MEETING: (SIGNED,),
    SIGNED: (BUILDING, LANDED),
    BUILDING: (LANDED,),
}
ORIGINS = {"match": "匹配推荐", "hand": "人工撮合", "intent": "企业意向"}
PARTIES = {"matchmaker": "撮合员", "publisher": "需求方", "company": "能力方"}
# What every page says where a pairing has no matchmaker yet.
UNASSIGNED = "尚未指派"
SIDES_OF_REASON = PARTIES | {"neither": "双方以外"}
# Who is to act when a stage begins, unless somebody says otherwise.
FIRST_TURN = {
    RECOMMENDED: "matchmaker",
    CONTACTED: "company",
    MEETING: "publisher",
    SIGNED: "company",
    BUILDING: "company",
    LANDED: "matchmaker",
    PAUSED: "matchmaker",
    FAILED: "",
}
# Days a stage may last before it counts as overdue; an installation may choose others.
STAGE_LIMIT_DAYS = {RECOMMENDED: 5, CONTACTED: 10, MEETING: 30, SIGNED: 60, BUILDING: 180, PAUSED: 90}
# The reason of an opening that was undone: nothing came of it because nothing was ever begun.
MISTAKEN = "matchmaker.match.mistaken"
# What an opportunity is called after its furthest pairing; without one it is what its record says.
DERIVED = {CONTACTED: "docking", MEETING: "docking", SIGNED: "signed", BUILDING: "building", LANDED: "accepted"}
DERIVED_STATES = {"docking": "对接中", "signed": "已签约", "building": "建设中", "accepted": "已验收"}


def is_open(stage: str) -> bool:
    """Whether a pairing of this stage still asks for work."""
    return stage in OPEN_STAGES


def count_active_of(stages: Mapping[str, int]) -> int:
    """Return how many pairings are under way, of so many at each stage."""
    return sum(count for stage, count in stages.items() if stage in ACTIVE_STAGES)


def furthest(stages: Iterable[str]) -> str:
    """Return the stage farthest along the way, empty when none of them is on it."""
    return max((stage for stage in stages if stage in WAY), key=WAY.index, default="")
