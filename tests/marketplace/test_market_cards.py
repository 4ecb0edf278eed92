"""Cards and snippets: verbatim text that begins near the first hit."""

from __future__ import annotations

from factories import make_capability, make_opportunity
from hypothesis import given
from hypothesis import strategies as st
from market_tools import stored, texts_of

from marketplace.cards import SNIPPET, card_of, match_views, verdict_views
from marketplace.store import MatchRow
from matching import Band, Listing, Passage, Posting, Side, Verdict, VerdictKind

WORDS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="…"), max_size=400)


def snippet(posting: Posting, *hits: str) -> str:
    return card_of(stored(posting), {}, hits).snippet


def test_card_carries_the_row() -> None:
    posting = make_opportunity(listing=Listing(last_confirmed="2026-10-01"))
    card = card_of(stored(posting, 7, state="recheck", published_on="2026-02-03"), {7: (2026,), 8: (2025,)}, ("井盖",))
    assert (card.key, card.posting, card.state, card.state_label) == (7, posting, "recheck", "需复核")
    assert (card.published_on, card.last_confirmed) == ("2026-02-03", "2026-10-01")
    assert (card.benchmark_years, card.hits) == ((2026,), ("井盖",))


def test_without_hits_the_beginning_is_shown() -> None:
    posting = make_opportunity(background="井" * 300)
    assert snippet(posting) == "井" * SNIPPET + "…"
    assert snippet(make_opportunity(background="短")) == "短"


def test_deep_hit_is_inside_the_snippet() -> None:
    posting = make_capability(summary="前" * 500 + "倾角传感" + "后" * 500)
    shown = snippet(posting, "倾角传感")
    assert "倾角传感" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) == SNIPPET + 2


def test_earliest_of_several_hits_leads() -> None:
    posting = make_opportunity(background="甲" * 200 + "先" + "乙" * 300 + "后")
    assert "先" in snippet(posting, "后", "先", "没有")


def test_hit_in_a_requirement_shows_that_requirement() -> None:
    posting = make_opportunity(requirements=("夜间可用", "断电续航八小时"))
    assert snippet(posting, "续航") == "断电续航八小时"
    assert snippet(make_capability(), "窄带物联网") == "支持窄带物联网，IP68防护"


def test_hit_only_in_the_title_keeps_the_story() -> None:
    posting = make_opportunity(title="极光预报")
    assert posting.background.startswith(snippet(posting, "极光").rstrip("…"))


def test_posting_without_any_text() -> None:
    assert snippet(make_opportunity(background="", requirements=("甲", "乙"))) == "甲；乙"
    assert snippet(make_opportunity(background="", requirements=()), "甲") == ""
    assert snippet(make_capability(summary="", features=())) == ""


@given(story=WORDS, parts=st.lists(WORDS, max_size=3), hits=st.lists(st.text(min_size=1, max_size=3), max_size=2))
def test_snippet_is_verbatim(story: str, parts: list[str], hits: list[str]) -> None:
    posting = make_opportunity(background=story, requirements=tuple(parts))
    shown = snippet(posting, *hits)
    assert len(shown) <= SNIPPET + 2
    assert any(shown.strip("…") in text for text in texts_of(posting))


def test_verdicts_stand_beside_what_they_judge() -> None:
    need = make_opportunity()
    verdicts = (
        Verdict(1, VerdictKind.MET, 0.9, Passage("feature", 1, "一次性锂电池供电，使用6年")),
        Verdict(2, VerdictKind.UNCLEAR, 0.1),
    )
    first, second = verdict_views(need, verdicts)
    assert (first.requirement_text, first.source, first.index) == (need.requirements[1], "feature", 1)
    assert first.text == "一次性锂电池供电，使用6年"
    assert (second.requirement_text, second.source, second.index, second.text) == (
        need.requirements[2], None, None, None,
    )  # fmt: skip


def test_need_without_requirements_is_judged_by_sentence() -> None:
    need = make_opportunity(requirements=(), background="井盖丢了没人知道。雨后看不见井口。")
    (view,) = verdict_views(need, (Verdict(1, VerdictKind.UNCLEAR, 0.2),))
    assert view.requirement_text == "雨后看不见井口。"


def test_ranks_count_from_one_on_both_sides() -> None:
    need, offers = stored(make_opportunity(), 1), [stored(make_capability(id=f"NL-{n}"), n) for n in (2, 3)]
    rows = [MatchRow(1, n, 0.9 - n / 10, Band.GOOD, {}, (Verdict(0, VerdictKind.UNCLEAR, 0.1),), "") for n in (2, 3)]
    postings = {row.key: row for row in (need, *offers)}
    views = match_views(rows, Side.OPPORTUNITY, postings, {3: (2026,)}, {(1, 3): (2026,)})
    assert [(view.rank, view.counterpart.key) for view in views] == [(1, 2), (2, 3)]
    assert [view.benchmark_years for view in views] == [(), (2026,)]
    assert views[0].count(VerdictKind.UNCLEAR) == 1
    assert len(views[0].ask_first) == 1
    (mirrored,) = match_views(rows[:1], Side.CAPABILITY, postings, {}, {})
    assert mirrored.counterpart.key == 1
