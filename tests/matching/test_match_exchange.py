"""Exchange files: what is refused with which sentence, what is accepted and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity, write_lines
from hypothesis import given
from hypothesis import strategies as st

from matching import InputError, Side, parse_posting, read_postings, to_exchange
from matching.exchange import read_pairs, read_table


def need(**more: Any) -> dict[str, Any]:
    return {"id": "JH-1", "title": "湖面蓝藻早期发现", "requirements": ["水面异常24小时内告警"]} | more


def offer(**more: Any) -> dict[str, Any]:
    return {"id": "NL-1", "title": "水色遥感与浮标联测", "features": ["藻密度每小时上报"]} | more


def line(**more: Any) -> bytes:
    return json.dumps(need(**more), ensure_ascii=False).encode()


def read(tmp_path: Path, raw: bytes, side: Side | None = Side.OPPORTUNITY) -> Any:
    path = tmp_path / "清单.jsonl"
    path.write_bytes(raw)
    return read_postings(path, side)


DEEP = b"[" * 600 + b"]" * 600
REFUSED: dict[str, tuple[bytes, int | None, str | None, str]] = {
    "empty": (b"", None, None, "文件是空的"),
    "only a mark": (b"\xef\xbb\xbf", None, None, "文件是空的"),
    "only blank lines": (b"\n \r\n\n", None, None, "文件是空的"),
    "broken json": (line() + b'\n{"id":"a","title":', 2, None, "JSON 不完整或有误"),
    "two objects in a line": (line() + line(id="b"), 1, None, "JSON 不完整或有误"),
    "carriage returns alone": (line() + b"\r" + line(id="b"), 1, None, "JSON 不完整或有误"),
    "endless nesting": (b'{"id":' + b"[" * 100_000, 1, None, "JSON 不完整或有误"),
    "number of 5,000 digits": (b'{"id":"a","title":"t","year":' + b"9" * 5000 + b"}", 1, None, "JSON 不完整"),
    "list": (b'["JH-1"]', 1, None, "发现列表"),
    "null line": (b"null", 1, None, "发现空值"),
    "gbk": ('{"id":"a","title":"井盖"}'.encode("gbk"), 1, None, "不是 UTF-8 编码"),
    "utf-16 in line 2": (line() + b"\n\xff\xfe\x00", 2, None, "不是 UTF-8 编码"),
    "duplicate id": (line() + b"\n\n" + line(), 3, "id", "“JH-1”与第 1 行重复"),
    "duplicate after cleaning": (line() + b"\n" + line(id=" JH-1\u0000 "), 2, "id", "与第 1 行重复"),
    "no id": (b'{"title":"t"}', 1, "id", "缺失"),
    "blank id": (line(id=" \u3000"), 1, "id", "缺失"),
    "id of 65": (line(id="号" * 65), 1, "id", "有 65 个字符"),
    "number as id": (line(id=7), 1, "id", "发现数字 7"),
    "id with a tab": (line(id="a\tb"), 1, "id", "制表符"),
    "no title": (b'{"id":"a"}', 1, "title", "缺失"),
    "null title": (line(title=None), 1, "title", "缺失"),
    "title of control characters": (line(title="\u0000 \u0007"), 1, "title", "缺失"),
    "number as title": (line(title=3), 1, "title", "发现数字 3"),
    "truth value as title": (line(title=True), 1, "title", "发现布尔值 true"),
    "deep list as title": (b'{"id":"a","title":' + DEEP + b"}", 1, "title", "发现列表"),
    "number as background": (line(background=12.5), 1, "background", "发现数字 12.5"),
    "number as requirement": (line(requirements=["可用", 5]), 1, "requirements", "发现数字 5"),
    "text as requirements": (line(requirements="一条"), 1, "requirements", "发现文本 一条"),
    "object as requirements": (line(requirements={"a": 1}), 1, "requirements", "发现对象"),
    "21 requirements": (line(requirements=["接口开放"] * 21), 1, "requirements", "有 21 条"),
    "text as budget": (line(budget_wan="120万"), 1, "budget_wan", "发现文本 120万"),
    "truth value as budget": (line(budget_wan=True), 1, "budget_wan", "发现布尔值"),
    "negative budget": (line(budget_wan=-1), 1, "budget_wan", "发现 -1"),
    "nan budget": (line(budget_wan=float("nan")), 1, "budget_wan", "发现 NaN"),
    "infinite budget": (line()[:-1] + b',"budget_wan":1e999}', 1, "budget_wan", "发现 Infinity"),
    "budget no float can hold": (line(budget_wan=10**400), 1, "budget_wan", "发现 1000"),
    "half a year": (line(year=2026.5), 1, "year", "发现 2026.5"),
    "year far off": (line(year=1e300), 1, "year", "发现 1e+300"),
    "text as year": (line(year="2026"), 1, "year", "发现文本 2026"),
    "date that is none": (line(deadline="2026-02-30"), 1, "deadline", "发现“2026-02-30”"),
    "date with slashes": (line(valid_until="2026/02/03"), 1, "valid_until", "发现“2026/02/03”"),
    "unknown publisher type": (line(publisher_type="国企"), 1, "publisher_type", "发现“国企”"),
    "number as state": (line(state=3), 1, "state", "发现数字 3"),
    "list as extra": (line(extra=[1]), 1, "extra", "发现列表"),
    "nan kept in extra": (line(extra={"得分": float("nan")}), 1, "extra", "发现 NaN"),
    "deep value kept": (line()[:-1] + b',"more":' + DEEP + b"}", 1, "extra", "嵌套超过 32 层"),
    "torn character in it": (b'{"id":"a","title":"t","deadline":"\\ud83d\xe6\x98\x8e"}', 1, "deadline", "发现“明”"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "at", "field", "found"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_place_and_finding(
    tmp_path: Path, raw: bytes, at: int | None, field: str | None, found: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, raw)
    error = caught.value
    assert (error.line, error.field) == (at, field)
    assert found in error.found
    assert error.allowed
    sentence = str(error)
    assert sentence.startswith(str(tmp_path / "清单.jsonl"))
    assert sentence.endswith("。")
    assert "\n" not in sentence
    sentence.encode()


@pytest.mark.parametrize("maturity", [0, 10, 4.5])
def test_maturity_outside_its_scale_is_refused(tmp_path: Path, maturity: float) -> None:
    with pytest.raises(InputError, match=r"maturity.*1–9 的整数"):
        read(tmp_path, json.dumps(offer(maturity=maturity)).encode(), Side.CAPABILITY)


@pytest.mark.parametrize("path", ["nowhere.jsonl", "."])
def test_unreadable_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="文件读不到"):
        read_postings(tmp_path / path)


@pytest.mark.parametrize("depth", range(930, 1100, 17))
def test_no_nesting_ends_in_anything_but_a_refusal(tmp_path: Path, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    for field in (b"title", b"requirements", b"budget_wan", b"extra", b"unknown"):
        with pytest.raises(InputError):
            read(tmp_path, b'{"id":"a","title":"t","' + field + b'":' + nested + b"}")


def test_kind_is_guessed_from_the_keys(tmp_path: Path) -> None:
    assert read_postings(write_lines(tmp_path / "a", [need()])).side is Side.OPPORTUNITY
    assert read_postings(write_lines(tmp_path / "b", [offer()])).side is Side.CAPABILITY
    bare = {"id": "1", "title": "t"}
    assert read_postings(write_lines(tmp_path / "c", [bare, offer(id="2")])).side is Side.CAPABILITY


@pytest.mark.parametrize("rows", [[{"id": "1", "title": "t"}], [need(), offer()], [need(features=[])]])
def test_unclear_kind_is_refused(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match=r"看不出是场景机会还是场景能力.*--kind"):
        read_postings(write_lines(tmp_path / "x", rows))


@pytest.mark.parametrize("side", Side)
def test_id_and_title_are_enough(tmp_path: Path, side: Side) -> None:
    (posting,) = read(tmp_path, b'{"id":"a","title":"t","background":null,"features":null,"year":null}', side).postings
    assert (posting.id, posting.title, posting.year, posting.side) == ("a", "t", None, side)


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + line(), line() + b"\r\n", b"\r\n" + line() + b"\r\n\r\n"])
def test_mark_and_windows_line_ends_are_accepted(tmp_path: Path, raw: bytes) -> None:
    assert [posting.id for posting in read(tmp_path, raw).postings] == ["JH-1"]


def test_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    (posting,) = read(tmp_path, line(background="一期\u2028二期\u0085三期")).postings
    assert posting.background == "一期\u2028二期三期"


@pytest.mark.parametrize("value", ["号" * 64, "🚁" * 64, "ＪＨ－１", "2026 第一批/3"])
def test_free_ids_up_to_64_characters(tmp_path: Path, value: str) -> None:
    assert read(tmp_path, line(id=value)).postings[0].id == value


def test_emoji_and_full_width_stay_as_written(tmp_path: Path) -> None:
    title = "🚁无人机巡检＋５Ｇ　ＡＩ识别👩‍🚒"
    assert read(tmp_path, line(title=title)).postings[0].title == title


def test_control_characters_are_removed_and_counted(tmp_path: Path) -> None:
    reading = read(tmp_path, line(title="井\u0000盖\u0007", background="甲\u009f\ufeff乙\n丙", district="\u007f"))
    assert (reading.postings[0].title, reading.postings[0].background) == ("井盖", "甲乙\n丙")
    assert [notice.split("：", 1)[1] for notice in reading.notices] == ["已去除 5 个控制字符。"]


def test_a_raw_control_character_is_no_broken_line(tmp_path: Path) -> None:
    reading = read(tmp_path, '{"id":"a","title":"井\u0007盖\t监测"}'.encode())
    assert reading.postings[0].title == "井盖\t监测"
    assert "1 个控制字符" in reading.notices[0]


def test_unknown_keys_are_kept_and_reported_once(tmp_path: Path) -> None:
    rows = [need(), need(id="b", 联系部门="科技处", 附件=[{"页": 2}]), need(id="c", 联系部门=None, extra={"旧": 1})]
    reading = read_postings(write_lines(tmp_path / "x", rows))
    (notice,) = reading.notices
    assert notice.endswith("未识别的字段已保留在 extra 中：联系部门、附件。")
    assert dict(reading.postings[1].listing.extra) == {"联系部门": "科技处", "附件": [{"页": 2}]}
    assert dict(reading.postings[2].listing.extra) == {"旧": 1, "联系部门": None}


def test_torn_characters_in_what_is_kept_cannot_break_a_later_write(tmp_path: Path) -> None:
    reading = read(tmp_path, b'{"id":"a","title":"t","note\\ud83d":["\\ud83d  ok "],"extra":{"n":1.5,"b":false}}')
    assert dict(reading.postings[0].listing.extra) == {"n": 1.5, "b": False, "note": ["  ok "]}
    "".join(reading.notices).encode()


@pytest.mark.parametrize(
    "posting",
    [
        make_opportunity(),
        make_capability(),
        make_opportunity(requirements=(), budget_wan=None, deadline=None, year=None, domain=""),
        make_capability(maturity=None, cases=(), features=(), domains=()),
        make_opportunity(state="withdrawn", batch="2026年第二批", index_number="WHN2026-0101", budget_wan=0.5),
        make_capability(valid_until="2027-12-31", last_confirmed="2026-09-07", extra={"附": ["一", {"二": None}]}),
    ],
    ids=["need", "offer", "bare need", "bare offer", "listed need", "listed offer"],
)
def test_round_trip_keeps_every_field(tmp_path: Path, posting: Any) -> None:
    reading = read_postings(write_lines(tmp_path / "x", [posting]))
    assert reading.postings == (posting,)
    assert reading.notices == ()
    assert parse_posting(to_exchange(posting), posting.side) == posting


def test_optional_keys_are_written_only_where_set() -> None:
    assert "state" not in to_exchange(make_opportunity())
    assert to_exchange(make_opportunity(budget_wan=120.0))["budget_wan"] == 120
    assert to_exchange(make_opportunity(batch="一"))["batch"] == "一"


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).map(str.strip)
titles = texts.filter(lambda t: t.replace("\ufeff", "").strip() == t and t != "")


@given(titles, texts, st.lists(titles, max_size=20), st.none() | st.floats(0, 1e9))
def test_any_text_comes_back(title: str, background: str, items: list[str], budget: float | None) -> None:
    clean = background.replace("\ufeff", "").strip()
    raw = {"id": "a", "title": title, "background": background, "requirements": items, "budget_wan": budget}
    posting = parse_posting(raw, Side.OPPORTUNITY)
    assert (posting.title, posting.background, posting.requirements) == (title, clean, tuple(items))  # type: ignore[union-attr]
    assert parse_posting(json.loads(json.dumps(to_exchange(posting))), Side.OPPORTUNITY) == posting


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(scalars, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=8)
keys = st.sampled_from([*need(), *offer(), "budget_wan", "deadline", "year", "maturity", "extra", "state", "其他"])


@given(st.dictionaries(keys, json_values), st.sampled_from(Side))
def test_any_object_is_read_or_refused(raw: dict[str, Any], side: Side) -> None:
    try:
        posting = parse_posting(raw, side)
    except InputError as error:
        str(error).encode()
    else:
        json.dumps(to_exchange(posting), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("text", "at"),
    [("", 1), ("需求\t能力\n", 1), ("opportunity_id\tcapability_id\na\n", 2),
     ("opportunity_id\tcapability_id\na\tb\tc\n", 2), ("opportunity_id\tcapability_id\n\na\t \n", 3)],
)  # fmt: skip
def test_pairs_of_another_shape_are_refused(tmp_path: Path, text: str, at: int) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_pairs(path)
    assert caught.value.line == at


def test_pairs_are_read_with_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"\xef\xbb\xbfopportunity_id\tcapability_id\r\nJH 1\tNL-1\r\n\r\n")
    assert read_pairs(path) == [("JH 1", "NL-1")]
    with pytest.raises(InputError, match="读不到"):
        read_table(tmp_path / "none.tsv", ("a",))
