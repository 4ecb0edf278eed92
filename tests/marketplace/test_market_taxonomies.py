"""The shipped lists of terms, the reading of files, look-ups, and terms in the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from market_tools import contents, sample_lines

from marketplace.errors import NotFoundError, RefusedError
from marketplace.store.database import open_database, transaction
from marketplace.store.taxonomies import all_terms, end_term, load_terms, save_term, sync_terms
from marketplace.taxonomies import (
    TAXONOMIES,
    Term,
    TermFinder,
    find_term,
    first_fault,
    nearest_terms,
    read_taxonomy_files,
)
from matching import PUBLISHER_TYPES

HEADER = "code,label,parent,valid_from,valid_to,verified,note"


@pytest.fixture(scope="module")
def shipped() -> dict[str, list[Term]]:
    return read_taxonomy_files()


@pytest.fixture
def db(tmp_path):
    database = open_database(tmp_path / "market.db")
    yield database
    database.conn.close()


def written(folder: Path, text: str, name: str = "disclosure", encoding: str = "utf-8") -> Path:
    (folder / f"{name}.csv").write_text(text, encoding=encoding)
    return folder


def labels(terms) -> list[str]:
    return [term.label for term in terms]


def test_every_list_is_shipped_and_named(shipped):
    assert set(shipped) == set(TAXONOMIES)
    assert all(terms and first_fault(terms) is None for terms in shipped.values())
    assert all([term.position for term in terms] == list(range(1, len(terms) + 1)) for terms in shipped.values())


def test_fields_are_those_of_the_sample_lists(shipped):
    used = {raw["domain"] for raw in sample_lines("opportunities")}
    used |= {domain for raw in sample_lines("capabilities") for domain in raw["domains"]}
    assert used == set(labels(shipped["scene_domain"]))


def test_national_classes_say_which_names_are_only_recalled(shipped):
    classes = shipped["scene_class_22"]
    seen = [
        "数字经济", "人工智能", "全空间无人体系", "生物技术", "清洁能源", "海洋开发",
        "制造业", "交通运输", "农业", "矿山", "水利",
    ]  # fmt: skip
    assert len(classes) == 22
    assert labels(term for term in classes if term.verified) == seen
    assert all("名称待核" in term.note for term in classes if not term.verified)
    assert [term for term in classes if "教育" in term.note]


def test_two_places_have_two_lists_of_five_scenes(shipped):
    jiangxia, wuhan = (labels(shipped[f"five_scenes_{place}"]) for place in ("jiangxia", "wuhan"))
    assert len(jiangxia) == len(wuhan) == 5
    assert set(jiangxia) ^ set(wuhan) == {"智能建造", "自动驾驶"}


def test_incomplete_systems_say_so(shipped):
    assert labels(shipped["system_3311"]) == ["汽车", "光电子", "大健康"]
    assert all("其余成员待补" in term.note for name in ("system_965", "system_3311") for term in shipped[name])


def test_industries_are_complete_at_every_level(shipped):
    lengths = Counter(len(term.code) for term in shipped["gbt4754_2017"])
    assert [lengths[length] for length in (2, 3)] == [97, 473]
    assert sum(term.parent is None for term in shipped["gbt4754_2017"]) == 20


def test_kinds_of_organisation_cover_the_exchange_format(shipped):
    assert set(PUBLISHER_TYPES) <= {term.code for term in shipped["organisation_kind"]}


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ("code,label\na,主动公开\n", 1, "表头为“code,label”"),
        (f"{HEADER}\na,主动公开,,,,true\n", 2, "有 6 列"),
        (f"{HEADER}\n\na,主动公开,,,,是,\n", 3, "verified 为“是”"),
        (f"{HEADER}\na,主动公开,,,,true,\nA,不予公开,,,,true,\n", 3, "代码“A”重复"),
        (f"{HEADER}\na, ,,,,true,\n", 2, "没有名称"),
        (f"{HEADER}\n主动,主动公开,,,,true,\n", 2, "代码为“主动”"),
        (f"{HEADER}\na,主动公开,,2026-02-30,,true,\n", 2, "生效日期为“2026-02-30”"),
        (f"{HEADER}\na,主动公开,,20260101,,true,\n", 2, "生效日期为“20260101”"),
        (f"{HEADER}\na,主动公开,,2026-02-02,2026-02-01,true,\n", 2, "早于生效日期"),
        (f"{HEADER}\na,主动公开,b,,,true,\n", 2, "上级代码“b”不存在"),
        (f"{HEADER}\na,甲,b,,,true,\nb,乙,a,,,true,\n", 2, "绕回了自身"),
        (f"{HEADER},synonyms\na,甲,,,,true,,丙\nb,乙,,,,true,,己;丙\n", 3, "同义词“丙”也指向“甲”"),
        (f'{HEADER}\na,"甲,,,,true,\n', 2, "引号"),
    ],
)
def test_bad_file_is_refused_with_its_name_and_line(tmp_path, lines, line, said):
    with pytest.raises(RefusedError) as caught:
        read_taxonomy_files(written(tmp_path, lines))
    assert f"disclosure.csv 第 {line} 行：" in str(caught.value)
    assert said in str(caught.value)


def test_file_in_another_encoding_or_of_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(RefusedError, match=r"disclosure\.csv 第 2 行：不是 UTF-8"):
        read_taxonomy_files(written(tmp_path, f"{HEADER}\na,主动公开,,,,true,\n", encoding="gb18030"))
    (tmp_path / "disclosure.csv").unlink()
    with pytest.raises(RefusedError, match=r"disclosures\.csv 不认识"):
        read_taxonomy_files(written(tmp_path, HEADER, "disclosures"))
    with pytest.raises(RefusedError, match="不存在"):
        read_taxonomy_files(tmp_path / "nowhere")


def test_file_saved_by_a_spreadsheet_is_read(tmp_path):
    text = f"{HEADER},synonyms\r\na,主动公开,,2026-01-01,,true,备注,公开; 主动\r\n"
    assert read_taxonomy_files(written(tmp_path, text, encoding="utf-8-sig")) == {
        "disclosure": [
            Term("disclosure", "a", "主动公开", None, "2026-01-01", None, True, "备注", 1, ("公开", "主动")),
        ]
    }


@pytest.mark.parametrize(
    ("taxonomy", "text", "code"),
    [
        ("scene_domain", "智慧醫療", "smart_healthcare"),
        ("scene_domain", " 低空 经济", "low_altitude"),
        ("scene_domain", "SMART_CITY", "smart_city"),
        ("scene_domain", "文旅", "culture_tourism"),
        ("scene_domain", "智慧工地", None),
        ("scene_domain", "", None),
        ("scene_class_22", "ＡＩ", "artificial_intelligence"),
        ("trl", "TRL 6", "6"),
        ("trl", "７", "7"),
        ("procurement_route", "競爭性磋商", "competitive_consultation"),
        ("qualification", "专精特新“小巨人”企业", "little_giant"),
        ("gbt4754_2017", "稻谷种植", "0111"),
        ("gbt4754_2017", "渔业", "04"),
        ("divisions", "西湖区", None),
    ],
)
def test_text_finds_its_term(shipped, taxonomy, text, code):
    found = find_term(shipped[taxonomy], text)
    assert (found and found.code) == code


def test_label_of_a_class_and_its_only_subclass_means_the_class(shipped):
    shared = Counter(labels(shipped["gbt4754_2017"]))
    terms = {term.code: term for term in shipped["gbt4754_2017"]}
    finder = TermFinder(terms.values())
    lower = next(term for term in terms.values() if shared[term.label] == 2 and terms.get(term.parent or "") and
                 terms[term.parent].label == term.label)  # fmt: skip
    assert finder.find(lower.label) == terms[lower.parent]
    assert finder.find(lower.code) == lower


def test_nearest_terms_are_suggestions_without_repeats(shipped):
    assert labels(nearest_terms(shipped["scene_domain"], "智能醫疗健康", 1)) == ["智慧医疗"]
    near = nearest_terms(shipped["scene_domain"], "智能网联汽车产业")
    assert near[0].label == "智能网联汽车"
    assert len(near) == len(set(near)) <= 3
    assert nearest_terms(shipped["scene_domain"], "殡葬") == []
    assert nearest_terms(shipped["scene_domain"], "智慧", 0) == []


def test_files_come_into_the_database_once_and_later_changes_follow(db, shipped):
    every = [term for terms in shipped.values() for term in terms]
    with transaction(db):
        assert sync_terms(db, every) == (len(every), 0)
    with transaction(db):
        assert sync_terms(db, every) == (0, 0)
    for taxonomy, terms in shipped.items():
        assert all_terms(db, taxonomy) == terms
    reworded = replace(shipped["trl"][0], label="基本原理发现", note="", verified=True)
    with transaction(db):
        assert sync_terms(db, [reworded]) == (0, 1)
    assert all_terms(db, "trl")[0] == reworded


def test_what_a_person_changed_is_not_overwritten_by_files(db, shipped):
    with transaction(db):
        sync_terms(db, shipped["scene_domain"])
        save_term(db, replace(shipped["scene_domain"][3], label="智慧教育（含职业教育）", position=0))
        end_term(db, "scene_domain", "finance", "2026-06-30")
        save_term(db, Term("scene_domain", "deep_sea", "深海科技", synonyms=("深海", "海洋装备")))
    kept = contents(db, "taxonomy_term")
    with transaction(db):
        assert sync_terms(db, shipped["scene_domain"]) == (0, 0)
    assert contents(db, "taxonomy_term") == kept
    terms = all_terms(db, "scene_domain")
    assert terms[3].label == "智慧教育（含职业教育）"
    assert (terms[-1].position, terms[-1].synonyms) == (21, ("深海", "海洋装备"))


def test_ended_term_holds_to_its_last_day_and_stays_in_the_table(db, shipped):
    with transaction(db):
        sync_terms(db, shipped["disclosure"])
        end_term(db, "disclosure", "withheld", "2026-06-30")
        save_term(db, Term("disclosure", "internal", "内部公开", valid_from="2026-07-01"))
    assert labels(load_terms(db, "disclosure", "2026-06-30"))[-1] == "不予公开"
    assert labels(load_terms(db, "disclosure", "2026-07-01"))[-1] == "内部公开"
    assert len(load_terms(db, "disclosure", "2026-07-01")) == 3
    assert len(all_terms(db, "disclosure")) == 4


def test_without_a_day_terms_of_today_are_given(db):
    today = date.today()
    yesterday, tomorrow = (str(today + timedelta(days=days)) for days in (-1, 1))
    with transaction(db):
        save_term(db, Term("trl", "1", "过去", valid_to=yesterday))
        save_term(db, Term("trl", "2", "现在", valid_from=str(today), valid_to=str(today)))
        save_term(db, Term("trl", "3", "将来", valid_from=tomorrow))
    assert labels(load_terms(db, "trl")) == ["现在"]


def test_a_term_that_contradicts_its_list_is_not_saved(db, shipped):
    with transaction(db):
        sync_terms(db, shipped["scene_domain"])
    before = contents(db, "taxonomy_term")
    bad = {
        "上级代码“nowhere”不存在": Term("scene_domain", "new", "新领域", parent="nowhere"),
        "同义词“文旅”也指向“文化旅游”": Term("scene_domain", "new", "新领域", synonyms=("文旅",)),
        "没有名称": Term("scene_domain", "new", " "),
        "含有分号": Term("scene_domain", "new", "新领域", synonyms=("甲;乙",)),
    }
    for said, term in bad.items():
        with pytest.raises(RefusedError, match=said), transaction(db):
            save_term(db, term)
    assert contents(db, "taxonomy_term") == before


def test_names_and_days_that_do_not_exist_are_refused(db, shipped):
    with transaction(db):
        sync_terms(db, shipped["trl"])
        save_term(db, replace(shipped["trl"][8], valid_from="2026-05-01"))
    with pytest.raises(NotFoundError, match="没有名为“trl9”的分类表"):
        load_terms(db, "trl9")
    with pytest.raises(NotFoundError, match="没有代码为“10”"):
        end_term(db, "trl", "10", "2026-06-30")
    with pytest.raises(RefusedError, match="应不早于它的生效日期 2026-05-01"):
        end_term(db, "trl", "9", "2026-04-30")
    with pytest.raises(RefusedError, match="日期为“2026年6月”"):
        load_terms(db, "trl", "2026年6月")


def test_an_error_takes_back_terms_of_the_same_transaction(db, shipped):
    def sync_and_fail() -> None:
        with transaction(db):
            sync_terms(db, shipped["trl"])
            end_term(db, "trl", "10", "2026-06-30")

    with pytest.raises(NotFoundError):
        sync_and_fail()
    assert contents(db, "taxonomy_term") == {"taxonomy_term": []}
