"""Words and passages: lexicon terms stay whole, passages are verbatim pieces of the posting."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import make_capability, make_opportunity
from hypothesis import given
from hypothesis import strategies as st

from matching import Posting, Segmenter, compose, fold
from matching.text.recipe import MAX_SENTENCE, sentences
from matching.text.segment import read_columns, shared_segmenter

LEXICON = Path(__file__).resolve().parents[2] / "data" / "lexicon"


def lexicon(folder: Path, terms: str = "", aliases: str = "", stop: str = "") -> Segmenter:
    (folder / "terms.tsv").write_text("term\tfield\n" + terms, encoding="utf-8")
    (folder / "aliases.tsv").write_text("canonical\talias\n" + aliases, encoding="utf-8")
    (folder / "stopwords.txt").write_text(stop, encoding="utf-8")
    return Segmenter(folder)


@pytest.mark.parametrize(
    ("text", "word"),
    [("建设黑灯工厂示范线", "黑灯工厂"), ("園區無人工廠改造", "无人工厂"), ("打造灯塔工厂", "灯塔工厂")],
)
def test_terms_of_the_field_stay_whole(segmenter: Segmenter, text: str, word: str) -> None:
    assert word in segmenter.tokens(text)


def test_nearly_every_lexicon_term_is_one_word(segmenter: Segmenter) -> None:
    terms = [term for term, _ in read_columns(LEXICON / "terms.tsv")]
    aliased = [term for term in terms if segmenter.tokens(term) and fold(term) not in segmenter.tokens(term)]
    assert len(aliased) <= len(terms) * 0.03, aliased[:20]


@pytest.mark.parametrize(
    ("one", "other"),
    [("AI巡检", "人工智能巡检"), ("ＡＩ巡檢", "人工智能巡检"), ("AIGC内容", "生成式AI内容"), ("軟體平台", "软件平台")],
)
def test_aliases_and_writings_are_the_same_words(segmenter: Segmenter, one: str, other: str) -> None:
    assert segmenter.tokens(one) == segmenter.tokens(other)


def test_latin_alias_is_not_found_inside_a_word(segmenter: Segmenter) -> None:
    assert "人工智能" not in segmenter.tokens("train email domain")


def test_stop_words_and_signs_are_dropped(segmenter: Segmenter) -> None:
    assert segmenter.tokens("一套，一种。！？ 👍\n") == []
    assert segmenter.tokens("") == []


def test_own_lexicon_decides(tmp_path: Path) -> None:
    own = lexicon(tmp_path, "楚光智感云\t智慧城市\n", "楚光智感云\tcgzg\n", "和\n")
    assert own.tokens("CGZG和") == own.tokens("楚光智感云")
    assert "楚光智感云" in own.tokens("CGZG")


def test_lexicon_without_aliases(tmp_path: Path) -> None:
    assert lexicon(tmp_path).tokens("AI") == ["ai"]


@given(st.text())
def test_no_text_stops_the_segmenter(text: str) -> None:
    assert all(word and word == word.strip() for word in shared_segmenter(LEXICON).tokens(text))


def test_recipe_of_a_need() -> None:
    need = make_opportunity()
    texts = compose(need)
    assert texts.title == need.title
    assert texts.body == "\n".join([need.background, *need.requirements])
    assert [(p.source, p.index, p.text) for p in texts.passages] == [
        ("requirement", i, text) for i, text in enumerate(need.requirements)
    ]


def test_need_without_requirements_is_served_by_the_sentences_of_its_story() -> None:
    passages = compose(make_opportunity(requirements=())).passages
    assert [p.text for p in passages] == [
        "井盖丢了没人知道，靠巡查员每周走一遍。", "雨后积水时看不见井口，去年有两起非机动车摔伤。",
    ]  # fmt: skip
    assert {(p.source, p.index) for p in passages} == {("background", None)}


def test_bare_postings_have_their_title_as_passage_and_body() -> None:
    need = compose(make_opportunity(requirements=(), background=""))
    offer = compose(make_capability(summary="", features=(), cases=()))
    for texts in (need, offer):
        assert texts.body == texts.title == texts.passages[0].text
        assert [p.source for p in texts.passages] == ["title"]


def test_recipe_of_an_offer_puts_features_first_and_the_title_last() -> None:
    offer = make_capability()
    assert [(p.source, p.index) for p in compose(offer).passages] == [
        ("feature", 0), ("feature", 1), ("feature", 2), ("summary", None), ("summary", None), ("case", 0),
        ("title", None),
    ]  # fmt: skip


def test_long_feature_is_cut_into_sentences_of_the_same_index() -> None:
    long = "；".join(f"第{i}路视频接入边缘盒子做占道经营识别并推送到街道处置平台" for i in range(8))
    passages = [p for p in compose(make_capability(features=("短", long))).passages if p.source == "feature"]
    assert [p.index for p in passages] == [0] + [1] * 8
    assert all(len(p.text) <= MAX_SENTENCE and p.text in long for p in passages[1:])


def test_sentence_without_any_stop_is_cut_at_commas_then_hard() -> None:
    commas = "，".join(["水位雨量流量三要素遥测站点统一接入省级平台"] * 12)
    assert all(p.endswith("，") for p in sentences(commas)[:-1])
    assert [len(p) for p in sentences("井" * 300)] == [120, 120, 60]


def test_thousands_separator_is_no_border() -> None:
    text = "已在" + "某" * 110 + "布设1,200套，运行稳定"
    assert any("1,200套" in piece for piece in sentences(text))


long_text = st.text(st.sampled_from("井盖水,，。；;！\n 1、a🚁"), max_size=600)


@given(long_text)
def test_sentences_are_verbatim_ordered_and_complete(text: str) -> None:
    place, pieces = 0, sentences(text)
    for piece in pieces:
        assert 0 < len(piece) <= MAX_SENTENCE
        place = text.index(piece, place) + len(piece)
    assert set("".join(pieces)) >= {c for c in text if c.isalnum()}


def test_every_sample_passage_is_a_substring_of_its_field(
    needs: tuple[Posting, ...], offers: tuple[Posting, ...]
) -> None:
    fields = {"requirement": "requirements", "feature": "features", "case": "cases"}
    for posting in (*needs, *offers):
        for passage in compose(posting).passages:
            value = getattr(posting, fields.get(passage.source, passage.source))
            assert passage.text in (value if passage.index is None else value[passage.index])
