"""What one can subscribe to, how often one is told, and which letters that makes."""

from __future__ import annotations

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer
from marketplace.store.subscriptions import AT_ONCE, NEVER, WEEKLY
from matching import Band

SEARCH, OVERDUE = "search", "overdue"
CAPABILITY, CAPABILITIES = "capability", "capabilities"
OPPORTUNITY, OPPORTUNITIES = "opportunity", "opportunities"
SUBJECTS = {
    SEARCH: "保存的搜索有新内容",
    CAPABILITY: "适合这项能力的新需求",
    CAPABILITIES: "适合本单位全部能力的新需求",
    OPPORTUNITY: "适合这项需求的新能力",
    OPPORTUNITIES: "适合本单位全部需求的新能力",
    OVERDUE: "我负责的超期对接",
}
FREQUENCIES = {AT_ONCE: "有新内容即通知", WEEKLY: "每周一", NEVER: "不发送"}
# What is overdue is told by the desk itself as it happens.
SLOW = (OVERDUE,)
# One letter a week for each of these, whatever number of subscriptions feeds it.
DIGESTS: dict[str, tuple[str, ...]] = {
    "company": (CAPABILITY, CAPABILITIES),
    "agency": (OPPORTUNITY, OPPORTUNITIES),
    "search": (SEARCH,),
    "matchmaker": (OVERDUE,),
}
DIGEST_LABELS = {
    "company": "每周一的“适合本单位能力的新需求”",
    "agency": "每周一的“适合本单位需求的新能力”",
    "search": "每周一的“保存的搜索有新内容”",
    "matchmaker": "每周一的“我负责的超期对接”",
}
DIGEST_OF = {subject: kind for kind, subjects in DIGESTS.items() for subject in subjects}
# What counts as fitting; the rest would be noise.
GOOD_BANDS = (Band.STRONG, Band.GOOD)
# The roles without which there is nothing to tell; everyone signed in may save a search.
_MEMBER = (COMPANY, PUBLISHER)
_ROLES: dict[str, tuple[str, ...]] = {
    CAPABILITY: _MEMBER, CAPABILITIES: _MEMBER, OPPORTUNITY: _MEMBER, OPPORTUNITIES: _MEMBER, OVERDUE: (MATCHMAKER,),
}  # fmt: skip


def may_follow(viewer: Viewer, subject: str) -> bool:
    """Whether a viewer's roles let something of this subject be told at all."""
    roles = _ROLES.get(subject)
    return viewer.signed_in and (roles is None or viewer.has(*roles))


def frequencies_of(subject: str) -> dict[str, str]:
    """Return how often one may be told of a subject, code to label."""
    return {code: label for code, label in FREQUENCIES.items() if not (subject in SLOW and code == AT_ONCE)}
