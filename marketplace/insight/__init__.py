"""What became of the lists: the funnel, fair exposure, feedback on pairs, and what use teaches the ranking.

Counting never decides anything: no figure of this room enters a score.
"""

from marketplace.insight.counting import NOBODY
from marketplace.insight.exposure import PERIODS, PLACES, ExposureBook
from marketplace.insight.feedback import MAX_POSITION, REASONS, FeedbackBook, FeedbackForm
from marketplace.insight.funnel import MAY_COUNT, FunnelRoom
from marketplace.insight.pages import (
    Choice,
    ExposureLine,
    ExposurePage,
    FunnelCut,
    FunnelList,
    FunnelNeed,
    FunnelPage,
    FunnelPairing,
    FunnelQuery,
    FunnelRow,
    FunnelStep,
)
from marketplace.insight.sheet import conditions, period

__all__ = [
    "MAX_POSITION",
    "MAY_COUNT",
    "NOBODY",
    "PERIODS",
    "PLACES",
    "REASONS",
    "Choice",
    "ExposureBook",
    "ExposureLine",
    "ExposurePage",
    "FeedbackBook",
    "FeedbackForm",
    "FunnelCut",
    "FunnelList",
    "FunnelNeed",
    "FunnelPage",
    "FunnelPairing",
    "FunnelQuery",
    "FunnelRoom",
    "FunnelRow",
    "FunnelStep",
    "conditions",
    "period",
]
