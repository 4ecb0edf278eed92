"""What became of the lists: the funnel, fair exposure, feedback on pairs, and what use teaches the ranking.

Counting never decides anything: no figure of this room enters a score.
"""

from marketplace.insight.counting import NOBODY
from marketplace.insight.funnel import MAY_COUNT, FunnelRoom
from marketplace.insight.pages import (
    Choice,
    ExposureLine,
    ExposurePage,
    Feedback,
    FunnelCut,
    FunnelList,
    FunnelNeed,
    FunnelPage,
    FunnelPairing,
    FunnelQuery,
    FunnelRow,
    FunnelStep,
    Rotation,
)
from marketplace.insight.sheet import conditions, period

__all__ = [
    "MAY_COUNT",
    "NOBODY",
    "Choice",
    "ExposureLine",
    "ExposurePage",
    "Feedback",
    "FunnelCut",
    "FunnelList",
    "FunnelNeed",
    "FunnelPage",
    "FunnelPairing",
    "FunnelQuery",
    "FunnelRoom",
    "FunnelRow",
    "FunnelStep",
    "Rotation",
    "conditions",
    "period",
]
