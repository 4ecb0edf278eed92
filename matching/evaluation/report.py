"""Writes an evaluation as lines for people and as plain values for programs."""

from __future__ import annotations

from typing import Any

from matching.evaluation.measures import Direction, Evaluation
from matching.records import Band

BAND_NAMES = {Band.STRONG: "高度匹配", Band.GOOD: "较匹配", Band.POSSIBLE: "可了解", Band.NONE: "不推荐"}
DIRECTIONS = (("forward", "机会→能力"), ("backward", "能力→机会"))


def lines(result: Evaluation) -> list[str]:
    """Return the report, a line each."""
    text = [f"评判集 {result.name}" + (f"（{result.half}）" if result.half else "")]
    for direction, (_, label) in zip((result.forward, result.backward), DIRECTIONS, strict=True):
        text.append(f"{label}（{len(direction.ndcg)} 条）")
        text += [f"  {name:10} {value}" for name, value in direction.intervals().items()]
    text.append("档次：")
    for band, (count, share) in result.bands.items():
        text.append(f"  {BAND_NAMES[Band(band)]} {count} 对，其中等级 ≥2 占 {share:.3f}")
    if result.evidence:
        found = result.evidence
        text.append(
            f"依据（{found.requirements} 条需求）：平衡准确率 {found.balanced_accuracy:.3f}，"
            f"宏 F1 {found.macro_f1:.3f}，出处正确 {found.place_right:.3f}；{found.kinds}"
        )
    if result.teams:
        text.append(f"联合体正确 {result.teams[0]}/{result.teams[1]}")
    if result.cross_field:
        text.append(f"跨界机会前 5 命中 {result.cross_field[0]}/{result.cross_field[1]}")
    if result.kappa is not None:
        text.append(f"两次评判的加权 kappa {result.kappa:.3f}")
    return text


def as_json(result: Evaluation) -> dict[str, Any]:
    """Return the same figures as plain values."""
    evidence = result.evidence
    return {
        "set": result.name,
        "half": result.half,
        **{key: _direction(getattr(result, key)) for key, _ in DIRECTIONS},
        "bands": {band: {"count": count, "share_relevant": share} for band, (count, share) in result.bands.items()},
        "evidence": evidence
        and {
            "requirements": evidence.requirements,
            "balanced_accuracy": evidence.balanced_accuracy,
            "macro_f1": evidence.macro_f1,
            "place_right": evidence.place_right,
            "verdicts": evidence.kinds,
        },
        "teams": result.teams and {"right": result.teams[0], "of": result.teams[1]},
        "cross_field": result.cross_field and {"right": result.cross_field[0], "of": result.cross_field[1]},
        "kappa": result.kappa,
    }


def _direction(direction: Direction) -> dict[str, Any]:
    return {
        name: {"mean": value.mean, "low": value.low, "high": value.high, "count": value.count}
        for name, value in direction.intervals().items()
    }
