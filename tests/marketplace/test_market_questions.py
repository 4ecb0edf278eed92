"""What to ask first."""

from __future__ import annotations

from marketplace import VerdictView
from marketplace.questions import LIMIT, ask_first
from matching import NumberCheck, VerdictKind

MET, PARTIAL, UNCLEAR, CONFLICT = (VerdictKind(name) for name in ("met", "partial", "unclear", "conflict"))


def view(place: int, kind: VerdictKind, requirement: str = "能与现有平台对接", **more: object) -> VerdictView:
    quoted = None if kind is UNCLEAR else "支持标准接口"
    return VerdictView(place, requirement, kind, quoted and "feature", 0 if quoted else None, quoted, **more)  # type: ignore[arg-type]


def test_nothing_open_nothing_to_ask() -> None:
    assert ask_first(()) == ()
    assert ask_first([view(0, MET), view(1, MET)]) == ()


def test_contradiction_before_silence_before_part_figures_first() -> None:
    verdicts = [
        view(0, PARTIAL, "支持分级告警"),
        view(1, UNCLEAR, "数据不出域"),
        view(2, UNCLEAR, "准确率不低于95%"),
        view(3, CONFLICT, "户外使用", limit="仅限室内"),
    ]
    asked = ask_first(verdicts, limit=9)
    assert ["仅限室内" in asked[0], "95%" in asked[1], "数据不出域" in asked[2], "分级告警" in asked[3]] == [True] * 4


def test_own_order_within_a_kind_and_the_limit() -> None:
    verdicts = [view(place, UNCLEAR, f"第{'甲乙丙丁戊'[place]}项") for place in (3, 1, 4, 0, 2)]
    asked = ask_first(verdicts)
    assert len(asked) == LIMIT
    assert [question[2] for question in asked] == ["甲", "乙", "丙"]
    assert ask_first(verdicts, limit=1) == asked[:1]


def test_failed_figure_is_quoted_from_both_sides() -> None:
    checks = (NumberCheck("不少于2年", "3年", True), NumberCheck("不低于95%", "91%", False))
    (question,) = ask_first([view(0, CONFLICT, "准确率不低于95%", numbers=checks)])
    assert "“不低于95%”" in question
    assert "“91%”" in question
    assert "3年" not in question


def test_contradiction_without_figure_or_limit_quotes_the_sentence() -> None:
    (question,) = ask_first([view(0, CONFLICT)])
    assert "“支持标准接口”" in question


def test_closing_marks_are_not_repeated() -> None:
    (question,) = ask_first([view(0, UNCLEAR, "数据不出域；")])
    assert "“数据不出域”" in question
