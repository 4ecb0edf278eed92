"""Contrast pairs: read or refused, measured by hand, the shipped files as their cards say."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from matching import Engine, InputError
from matching.evaluation.contrast import FACTS, judge_contrast, measure_contrast, read_contrast

DATA = Path(__file__).resolve().parents[2] / "data"
TWINS = sorted((DATA / "training" / "twins").glob("*.jsonl"))
REPORT = DATA / "evaluation" / "contrast" / "pairs.jsonl"
PAIR = {
    "twin": "T1", "fact": "unit", "need_title": "井盖位移报警", "requirement": "移位后1分钟内报警",
    "offer_title": "井盖传感器", "sentence": "盖子一动，30秒内平台响铃", "verdict": "met",
}  # fmt: skip


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_twin_is_one_met_and_one_not(tmp_path: Path) -> None:
    other = PAIR | {"sentence": "盖子一动，30分钟内平台响铃", "verdict": "not_met"}
    assert [row.is_met for row in read_contrast(write(tmp_path / "p.jsonl", PAIR, other))] == [True, False]
    with pytest.raises(InputError, match=r"T1.*一行 met、一行 not_met"):
        read_contrast(write(tmp_path / "p.jsonl", PAIR, PAIR))
    with pytest.raises(InputError, match=r"p\.jsonl 第 2 行.*七个部分"):
        read_contrast(write(tmp_path / "p.jsonl", PAIR, other | {"fact": "colour"}))
    with pytest.raises(InputError, match="第 1 行"):
        read_contrast(write(tmp_path / "p.jsonl", {key: value for key, value in PAIR.items() if key != "sentence"}))


def test_figures_by_hand(tmp_path: Path) -> None:
    rows = [
        PAIR, PAIR | {"verdict": "not_met"},
        PAIR | {"twin": "T2", "fact": "scope"}, PAIR | {"twin": "T2", "fact": "scope", "verdict": "not_met"},
    ]  # fmt: skip
    found = measure_contrast(read_contrast(write(tmp_path / "p.jsonl", *rows)), [True, False, True, True])
    assert {fact: (one.lines, one.twins, one.count) for fact, one in found.items()} == {
        "": (0.75, 0.5, 2),
        "unit": (1.0, 1.0, 1),
        "scope": (0.5, 0.0, 1),
    }


def test_a_figure_that_falls_short_is_not_met(tmp_path: Path, engine: Engine) -> None:
    same = PAIR | {"sentence": "移位后1小时报警"}
    twin = [same | {"verdict": "not_met"}, same | {"sentence": "移位后1分钟内报警"}]
    assert judge_contrast(engine, read_contrast(write(tmp_path / "p.jsonl", *twin))) == [False, True]


@pytest.mark.parametrize(
    ("path", "each"), [(REPORT, 12), *((path, 48) for path in TWINS)], ids=lambda one: str(one)[-20:]
)
def test_the_shipped_twins_are_as_their_cards_say(path: Path, each: int) -> None:
    rows = read_contrast(path)
    assert Counter(row.fact for row in rows) == dict.fromkeys(FACTS, 2 * each)
    first = [row.is_met for row in rows[::2]]
    assert sum(first) == len(first) // 2


def test_no_training_twin_is_reported_on() -> None:
    assert len(TWINS) == 3
    reported = {text for row in read_contrast(REPORT) for text in (row.requirement, row.sentence)}
    learned = {text for path in TWINS for row in read_contrast(path) for text in (row.requirement, row.sentence)}
    assert not reported & learned
