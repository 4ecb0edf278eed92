"""Verdicts: what answers a requirement, what falls short, and silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from factories import make_capability, make_opportunity

from matching import Engine, Posting, Verdict, compose
from matching.evidence import EvidenceWeights
from matching.evidence.limits import limiting_clause
from matching.evidence.weights import FEATURES

# Set by hand, so that a newly fitted model cannot change what these tests say: words decide.
WEIGHTS = dict.fromkeys(FEATURES, 0.0) | {"shared": 6.0, "holds": 2.0, "fails": -4.0, "unanswered": -1.0, "title": -3.0}
BY_WORDS = EvidenceWeights(intercept=-3.0, weights=WEIGHTS, met=0.0, partial=-1.5)

Judged = Callable[..., Verdict]


@pytest.fixture(scope="module")
def plain(engine: Engine) -> Engine:
    return replace(engine, model=replace(engine.model, evidence=BY_WORDS))


@pytest.fixture
def one(plain: Engine) -> Judged:
    """The verdict on one requirement for an offer of these features."""

    def judge(requirement: str, *features: str, **more: object) -> Verdict:
        need = make_opportunity(requirements=(requirement,), background="")
        offer = make_capability(**({"features": features, "summary": "", "cases": (), "title": "产品"} | more))
        (verdict,) = plain.match(plain.prepare([need]), plain.prepare([offer])).verdicts(0, 0)
        return verdict

    return judge


def test_answered_requirement_is_met_and_quoted(one: Judged) -> None:
    verdict = one("井盖移位后15分钟内告警", "支持窄带物联网", "井盖移位后5分钟内告警到手机")
    assert verdict.kind == "met"
    assert verdict.passage is not None
    assert (verdict.passage.source, verdict.passage.index) == ("feature", 1)
    assert verdict.passage.text == "井盖移位后5分钟内告警到手机"
    (check,) = verdict.numbers
    assert (check.required, check.offered, check.holds) == ("15分钟内", "5分钟内", True)


def test_figure_that_falls_short_is_a_conflict(one: Judged) -> None:
    verdict = one("井盖移位后15分钟内告警", "井盖移位后30分钟内告警")
    assert verdict.kind == "conflict"
    assert [check.holds for check in verdict.numbers] == [False]
    assert verdict.passage is not None
    assert verdict.limit is None


def test_figure_of_another_measure_is_no_conflict(one: Judged) -> None:
    assert one("井盖移位告警准确率不低于95%", "井盖移位告警，节电40%").kind != "conflict"


def test_better_answer_beats_a_shortfall_elsewhere(one: Judged) -> None:
    verdict = one("井盖移位后15分钟内告警", "井盖移位后30分钟内告警", "井盖移位后5分钟内告警")
    assert (verdict.kind, verdict.passage and verdict.passage.index) == ("met", 1)


def test_clause_that_rules_it_out_is_a_conflict(one: Judged) -> None:
    verdict = one("提供井盖移位告警短信", "井盖移位监测，不含井盖移位告警短信")
    assert verdict.kind == "conflict"
    assert verdict.limit == "不含井盖移位告警短信"


def test_clause_about_something_else_is_no_conflict(one: Judged) -> None:
    verdict = one("提供井盖移位告警短信", "提供井盖移位告警短信，不含施工围挡")
    assert verdict.kind == "met"
    assert verdict.limit is None


def test_silence_is_unclear_without_a_passage(one: Judged) -> None:
    verdict = one("井盖移位后15分钟内告警", "厨余垃圾就地堆肥", "提供保洁培训")
    assert verdict.kind == "unclear"
    assert (verdict.passage, verdict.numbers, verdict.limit) == (None, (), None)
    assert 0 <= verdict.score < 0.5


def test_half_an_answer_is_partial(one: Judged) -> None:
    verdict = one("井盖移位与污水溢流监测", "井盖移位上报")
    assert verdict.kind == "partial"
    assert verdict.passage is not None


def test_sentence_of_a_summary_and_case_are_quoted_by_their_source(one: Judged) -> None:
    summary = one("井盖移位告警", summary="做窨井多年。井盖移位告警。", features=())
    case = one("井盖移位告警", cases=("别处试点", "井盖移位告警"), features=())
    assert summary.passage is not None
    assert case.passage is not None
    assert (summary.passage.source, summary.passage.index, summary.passage.text) == ("summary", None, "井盖移位告警。")
    assert (case.passage.source, case.passage.index) == ("case", 1)


def test_offer_that_is_only_a_title_can_be_judged(one: Judged) -> None:
    assert one("井盖移位告警", features=(), title="井盖移位告警").kind in ("met", "partial", "unclear")


@pytest.mark.parametrize("requirement", ["👍", "。", "≥", "。。。！", "a" * 3000])
def test_requirements_without_words_are_judged(one: Judged, requirement: str) -> None:
    assert one(requirement, "井盖移位后5分钟内告警").requirement == 0


def test_one_verdict_each_in_order_also_for_a_story(plain: Engine) -> None:
    need = make_opportunity(requirements=())
    verdicts = plain.match(plain.prepare([need]), plain.prepare([make_capability()])).verdicts(0, 0)
    assert [verdict.requirement for verdict in verdicts] == [0, 1]


def test_score_moves_with_the_figures(one: Judged) -> None:
    holds, silent, fails = (
        one("井盖移位后15分钟内告警", text).score
        for text in ("井盖移位后5分钟内告警", "井盖移位后告警", "井盖移位后30分钟内告警")
    )
    assert holds > silent > fails


def test_every_quote_of_the_samples_is_verbatim(engine: Engine, some: tuple[list, list]) -> None:
    match = engine.match(*some)
    postings: dict[str, Posting] = {row.id: row.posting for row in some[1]}
    for row in range(len(match.opportunity_ids)):
        for column, offer in enumerate(match.capability_ids):
            for verdict in match.verdicts(row, column):
                assert (verdict.passage is None) == (verdict.kind == "unclear")
                assert 0 <= verdict.score <= 1
                if verdict.passage:
                    assert verdict.passage in compose(postings[offer]).passages


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("含安装调试，不含土建施工；质保三年", "不含土建施工"),
        ("僅限室內場館使用", "仅限室内场馆使用"),
        ("暂不支持超过60毫米的整板", "暂不支持超过60毫米的整板"),
        ("须另行采购服务器", "须另行采购服务器"),
        ("全量接入政务云", None),
        ("", None),
    ],
)
def test_limiting_clause(text: str, clause: str | None) -> None:
    assert limiting_clause(text) == clause


def test_an_empty_item_keeps_the_places_of_the_others(engine: Engine) -> None:
    need = make_opportunity(requirements=("", "井盖移位5分钟内报警"))
    offer = make_capability(features=("电池使用5年", "", "井盖移位2分钟内报警"), summary="")
    match = engine.match(engine.prepare([need]), engine.prepare([offer]))
    (verdict,) = match.verdicts(0, 0)
    assert verdict.requirement == 1
    assert verdict.passage is None or verdict.passage.index in (0, 2, None)
    assert {p.index for p in match.ranker.offers.rows[0].texts.passages if p.source == "feature"} == {0, 2}
