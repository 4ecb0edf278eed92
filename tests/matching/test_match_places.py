"""Names of places and of the own organisation are no part of what is compared; quotes keep them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from hypothesis import given
from hypothesis import strategies as st

from matching import Capability, Engine, Opportunity, Segmenter, encode_postings, prepare
from matching.exchange import read_objects
from matching.text.fold import fold
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
        ("复合肥用量、无锡焊接、大连接", "复合肥用量、无锡焊接、大连接"),
        ("完成都要报备，大厦门禁西安装好", "完成都要报备,大厦门禁西安装好"),
        ("推广西部经验，经济南北两线，河南岸泵站", "推广西部经验,经济南北两线,河南岸泵站"),
        ("深圳、合肥、成都和大连的案例", "本地、本地、本地和本地的案例"),
        ("福建成都两省", "本地两省"),
        ("位于武汉临空港经济技术开发区，伴随县域发展", "位于本地,伴随县域发展"),
        # A lake goes with the place it is called after.
        ("大冶湖水质，湖北湖泊，武汉湖泊", "本地水质,本地湖泊,本地湖泊"),
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
    assert without_names(text, names) == f"{ORGANISATION}负责全区井盖,{ORGANISATION}配合。"
    assert own_names(Capability("2", "平台", company="三维")) == ()


@pytest.mark.parametrize(
    "name",
    [
        "武汉澈境医疗工程有限公司", "武汉澈境医疗工程有限公司（示例）", "黄石磁湖铜业集团有限公司",
        "潜江市泽农商业银行股份有限公司",
        "长飞光纤光缆（武汉）股份有限公司", "孝感市生态环境局临空分局", "仙桃市水利和湖泊局",
        "武汉市公安局交通管理局", "鄂州市葛店新城管理委员会", "光谷肿瘤精准医学研究所", "华中临床生物样本中心",
        "武漢江南機電職業學院", "武汉大学", "武汉市江城第二医院", "武汉楚原生物园区建设集团", "鄂州市档案馆",
        "武汉市中心血站",
        "武汉市水上应急救援中心", "深圳墨迹未来科技有限公司",
    ],
)  # fmt: skip
def test_names_of_other_organisations_become_one_plain_word(name: str) -> None:
    for text in (f"已与{name}合作", f"{name}负责运维", f"案例：{name}，三年"):
        left = without_names(text)
        assert left == fold(text.replace(name, ORGANISATION)), text
        assert without_names(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "人工智能研究院", "与人工智能研究院合作", "建设数据中心和指挥中心", "交通局配合", "老年大学", "由我公司负责",
        "本公司是有限责任公司", "供方须为有限责任公司", "适合大学自选窗口", "乡镇卫生院", "医院、学校、银行等中心",
    ],
)  # fmt: skip
def test_kinds_of_institutions_are_no_names(text: str) -> None:
    assert without_names(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("接入武汉市应急指挥中心", "接入本地应急指挥中心"),
        ("武汉大数据中心", "本地大数据中心"),
        ("武汉市中心城区", "本地中心城区"),
        ("在武汉设立研发中心", "在本地设立研发中心"),
        ("武汉三甲医院", "本地三甲医院"),
        ("武汉大学生就业", "本地大学生就业"),
        ("武汉集团化办学", "本地集团化办学"),
        ("武汉智能网联汽车布局", "本地智能网联汽车布局"),
        ("武汉市政务服务大厅", "本地政务服务大厅"),
        ("注册地在武汉的有限公司", "注册地在本地的有限公司"),
        ("武汉市水务局和武汉数据中心", "本单位和本地数据中心"),
        ("国网湖北省电力有限公司", "国网本单位"),
    ],
)
def test_a_kind_of_place_keeps_its_words(text: str, left: str) -> None:
    assert without_names(text) == left


def test_a_name_ends_with_its_line() -> None:
    text = "武汉管网检测\n华为技术有限公司开发\n楚光智感\n武汉轨镜检测装备有限公司"
    assert without_names(text) == f"{PLACE}管网检测{ORGANISATION}开发楚光智感{ORGANISATION}"
    assert without_names("漏点定位武汉轨镜检测装备有限公司") == f"漏点定位{ORGANISATION}"


def test_every_organisation_of_the_sample_lists_is_found_in_a_sentence() -> None:
    for file, field in (("opportunities", "publisher"), ("capabilities", "company")):
        for _, raw in read_objects(ROOT / "data" / "samples" / f"{file}.jsonl"):
            name = raw[field].removesuffix("（示例）")
            assert without_names(f"{name}地处{PLACE}。") == f"{ORGANISATION}地处{PLACE}。", name


PIECES = st.sampled_from(
    [
        "武汉", "武汉市", "江岸区", "成都", "福建", "建", "完", "大连", "接", "大冶", "湖", "北",
        "高新区", "江城", "华为", "数据", "中心",
        "医院", "水务", "局", "集团", "有限公司", "大学", "生", "和", "与",
        "（", "）", "，", "本", "本地", "本单位", "智能", "研究院", "分公司",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=9).map("".join))
def test_taking_names_out_again_changes_nothing(text: str) -> None:
    left = without_names(text)
    assert without_names(left) == left


def test_no_place_is_listed_twice_or_is_a_single_character() -> None:
    rows = (ROOT / "data" / "lexicon" / "places.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "place\tlevel\tunless_within"
    for name, _, *words in (row.split("\t") for row in rows[1:]):
        assert all(name in word != name for word in "".join(words).split("、") if word)
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


def test_an_endless_run_of_names_is_masked_all_the_same() -> None:
    # Walked through from each of its names it took a quarter of a minute.
    assert without_names("武汉" * 5000).replace("本地", "") == ""
    assert without_names("武汉市江岸区" * 20 + "水务局").replace("本地", "") in ("水务局", "本单位")
