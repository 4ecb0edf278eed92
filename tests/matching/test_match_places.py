"""Names of places and of the own organisation are no part of what is compared; quotes keep them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity

from matching import Capability, Engine, Opportunity, Segmenter, encode_postings, prepare
from matching.exchange import read_objects
from matching.text.places import ORGANISATION, PLACE, own_names, without_names

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("武汉市江岸区老城区管网", "本地老城区管网"),
        ("武漢市江岸區供水", "本地供水"),
        ("覆盖孝感、黄冈两市", "覆盖本地、本地两市"),
        ("能听懂武汉话", "能听懂本地话"),
        ("在汉阳、武昌老城区试用", "在本地、本地老城区试用"),
        # Everyday words that hold a name by chance.
        ("无日照可续航10天", "无日照可续航10天"),
        ("开封即失效", "开封即失效"),
        ("不做承保定损", "不做承保定损"),
        ("复合肥配方", "复合肥配方"),
        ("江汉平原棉花", "江汉平原棉花"),
        ("", ""),
    ],
)
def test_listed_places_become_one_plain_word(text: str, left: str) -> None:
    assert without_names(text) == left
    assert without_names(left) == left


def test_the_own_organisation_is_named_without_its_name() -> None:
    posting = Opportunity("1", "井盖监测", publisher="武汉市江夏区城市管理执法局（示例）")
    names = own_names(posting)
    assert names == ("武汉市江夏区城市管理执法局(示例)", "武汉市江夏区城市管理执法局")
    text = "武汉市江夏区城市管理执法局负责全区井盖，武汉市江夏区水务局配合。"
    assert without_names(text, names) == f"{ORGANISATION}负责全区井盖,{PLACE}水务局配合。"
    assert own_names(Capability("2", "平台", company="三维")) == ()


def test_no_place_is_listed_twice_or_is_a_single_character() -> None:
    rows = (ROOT / "data" / "lexicon" / "places.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "place\tlevel"
    places = [row.split("\t")[0] for row in rows[1:]]
    assert len(places) == len(set(places))
    assert min(map(len, places)) >= 2
    assert {row.split("\t")[1] for row in rows[1:]} == {"province", "city", "county", "local"}


def moved(posting: Opportunity | Capability, here: str, there: str) -> Opportunity | Capability:
    """The same posting from somewhere else."""
    changes: dict[str, object] = {"title": posting.title.replace(here, there)}
    for name in ("background", "summary"):
        if hasattr(posting, name):
            changes[name] = getattr(posting, name).replace(here, there)
    for name in ("requirements", "features", "cases"):
        if hasattr(posting, name):
            changes[name] = tuple(text.replace(here, there) for text in getattr(posting, name))
    return replace(posting, **changes)


def test_a_posting_from_elsewhere_has_the_same_vectors_words_and_score(engine: Engine, segmenter: Segmenter) -> None:
    need = make_opportunity(
        title="武汉市井盖移位监测", requirements=("武汉市全域井盖移位15分钟内告警", "在武汉有服务网点")
    )
    offer = make_capability(features=("已在武汉市布设3000套", "翘起移位10分钟内告警"))
    encoder = HashingEncoder()
    here, there = (
        prepare([one], encode_postings([one], encoder), segmenter)[0] for one in (need, moved(need, "武汉", "襄阳"))
    )
    assert np.array_equal(here.vectors.body, there.vectors.body)
    assert np.array_equal(here.vectors.items, there.vectors.items)
    assert (here.tokens, here.item_tokens) == (there.tokens, there.item_tokens)
    # What is quoted keeps its words.
    assert there.texts.passages[1].text == "在襄阳有服务网点"
    first = engine.match(engine.prepare([need]), engine.prepare([offer])).ranker.pair(0, 0)
    second = engine.match(engine.prepare([moved(need, "武汉", "襄阳")]), engine.prepare([offer])).ranker.pair(0, 0)
    assert first.score == second.score


def test_the_samples_keep_their_words_but_for_names() -> None:
    for line, raw in read_objects(ROOT / "data" / "samples" / "capabilities.jsonl"):
        for feature in raw["features"]:
            left = without_names(feature)
            assert len(left) > len(feature) / 2, (line, feature)
