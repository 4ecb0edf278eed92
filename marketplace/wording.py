"""What bands and verdicts are called where the marketplace itself writes sentences about them."""

from __future__ import annotations

from matching import Band, VerdictKind

BAND_WORDS = {Band.STRONG: "高度匹配", Band.GOOD: "较匹配", Band.POSSIBLE: "可了解", Band.NONE: "不推荐"}
VERDICT_WORDS = {
    VerdictKind.MET: "满足",
    VerdictKind.PARTIAL: "部分满足",
    VerdictKind.UNCLEAR: "待确认",
    VerdictKind.CONFLICT: "不符",
}
