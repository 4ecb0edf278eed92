"""Measures against values worked out by hand, and judged sets read or refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from factories import make_capability, make_opportunity, write_lines

from matching import Engine, InputError
from matching.evaluation import JudgedSet, evaluate_set, load_judged_set
from matching.evaluation.measures import measure_direction
from matching.evaluation.metrics import (
    balanced_accuracy,
    interval,
    kappa,
    macro_f1,
    ndcg,
    paired,
    recall,
    reciprocal_rank,
)
from matching.evaluation.report import as_json, lines
from matching.evaluation.ways import BM25, CENTRED, ENCODER, RRF, baseline_scores, our_scores


def test_ndcg_by_hand() -> None:
    assert ndcg([3, 0, 2], [0, 2, 3]) == pytest.approx((7 + 3 / 2) / (7 + 3 / math.log2(3)))
    assert ndcg([3, 2, 1], [1, 2, 3]) == 1
    assert ndcg([0, 0], [0, 0]) == 0
    assert ndcg([0] * 10 + [3], [3]) == 0
    assert ndcg([1], [1, 1, 1], depth=1) == 1


def test_recall_by_hand() -> None:
    assert recall([2, 1, 3, 0], 4) == 0.5
    assert recall([0] * 10 + [3], 1) == 0
    assert recall([1, 1], 0) is None


def test_reciprocal_rank_by_hand() -> None:
    assert reciprocal_rank([1, 0, 2, 3]) == pytest.approx(1 / 3)
    assert reciprocal_rank([1, 1]) is None


def test_balanced_accuracy_by_hand() -> None:
    assert balanced_accuracy([True, True, False, False, False], [True, False, False, False, True]) == pytest.approx(
        (1 / 2 + 2 / 3) / 2
    )
    assert balanced_accuracy([True, False], [True, True]) == 0.5
    assert balanced_accuracy([True, True], [True, False]) == 0.5
    assert math.isnan(balanced_accuracy([], []))


def test_macro_f1_by_hand() -> None:
    truth, guess = [True, True, False, False, False], [True, False, False, False, True]
    assert macro_f1(truth, guess) == pytest.approx((2 / 4 + 4 / 6) / 2)
    assert macro_f1([True], [True]) == 0.5


def test_kappa_by_hand() -> None:
    assert kappa([0, 1, 2, 3], [0, 1, 2, 3]) == 1
    assert kappa([0, 3], [3, 0]) == -1
    # Squared differences 0 + 1 + 1; by chance a third of 0 + 4 + 9 + 1 + 1 + 4 + 4 + 0 + 1.
    assert kappa([0, 1, 2], [0, 2, 3]) == pytest.approx(1 - 2 / 8)
    assert math.isnan(kappa([1, 1], [1, 1]))
    assert math.isnan(kappa([], []))


def test_interval_of_values() -> None:
    flat = interval([0.5, None, 0.5])
    assert (flat.mean, flat.low, flat.high, flat.count) == (0.5, 0.5, 0.5, 2)
    wide = interval([0, 1] * 50)
    assert wide == interval([0, 1] * 50)
    assert 0.35 < wide.low < 0.45 < wide.mean < 0.55 < wide.high < 0.65
    assert interval([None]).count == 0
    assert str(flat) == "0.500 [0.500, 0.500]"
    assert paired([1, 2], [1, 1]).mean == 0.5


def test_direction_leaves_out_rows_without_a_grade_and_keeps_ties_in_order() -> None:
    scores = np.array([[0.5, 0.5, 0.1], [1, 1, 1], [0.1, 0.2, 0.3]])
    grades = np.array([[1, 3, 0], [0, 0, 0], [0, 0, 2]])
    found = measure_direction(scores, grades)
    assert found.top1 == (0, 1)
    assert found.mrr == (0.5, 1)
    assert found.recall == (1, 1)
    assert found.ndcg == pytest.approx(((1 + 7 / math.log2(3)) / (7 + 1 / math.log2(3)), 1))


FEATURES = ("井盖移位后5分钟内告警到手机", "终端电池使用6年")


def coverage(*covered: bool, need: str = "O1", offer: str = "C1", first: int = 0) -> dict[str, Any]:
    entries = [
        {"requirement_index": first + i, "covered": one, "evidence": i if one else None}
        for i, one in enumerate(covered)
    ]
    return {"opportunity_id": need, "capability_id": offer, "grade": 3, "coverage": entries}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judged set of two needs and three offers with every optional file."""
    waste = {"title": "厨余垃圾生化处理机", "summary": "厨余垃圾就地减量。", "features": ("厨余垃圾24小时减量",)}
    photos = {"title": "会议摄影服务", "summary": "会议摄影。", "features": ("会议摄影",)}
    needs = [
        make_opportunity(id="O1"),
        make_opportunity(id="O2", title="厨余垃圾就地处理", background="厨余多。", requirements=()),
    ]
    offers = [
        make_capability(id="C1", features=FEATURES),
        make_capability(id="C2", cases=(), **waste),
        make_capability(id="C3", cases=(), **photos),
    ]
    write_lines(tmp_path / "opportunities.jsonl", needs)
    write_lines(tmp_path / "capabilities.jsonl", offers)
    table(tmp_path / "qrels.tsv", "opportunity_id capability_id grade", "O1 C1 3", "O2 C2 2", "O2 C3 1")
    table(tmp_path / "split.tsv", "opportunity_id half", "O1 tune", "O2 report")
    table(tmp_path / "hard_negatives.tsv", "opportunity_id capability_id", "O1 C3")
    table(tmp_path / "second_grades.tsv", "opportunity_id capability_id grade", "O1 C1 3", "O2 C2 1", "O1 C3 0")
    rows(tmp_path / "coverage.jsonl", coverage(True, True, False))
    rows(tmp_path / "consortium.jsonl", {"opportunity_id": "O1", "minimal_sets": [["C1"], ["C1", "C2"]]})
    return tmp_path


def table(path: Path, *text: str) -> None:
    path.write_text("".join(line.replace(" ", "\t") + "\n" for line in text), encoding="utf-8")


def rows(path: Path, *objects: Any) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")


def test_judged_set_with_every_part(folder: Path) -> None:
    judged = load_judged_set(folder)
    assert judged.grades == {("O1", "C1"): 3, ("O2", "C2"): 2, ("O2", "C3"): 1}
    assert judged.needs(None) == ["O1", "O2"]
    assert judged.needs("report") == ["O2"]
    assert judged.teams == {"O1": (frozenset({"C1"}), frozenset({"C1", "C2"}))}
    assert judged.coverage[0].covered == (True, True, False)
    assert judged.coverage[0].places == (0, 1, None)
    assert judged.hard_negatives == (("O1", "C3"),)
    assert judged.second_grades["O1", "C3"] == 0


def test_only_three_files_are_needed(folder: Path) -> None:
    for name in ("split.tsv", "hard_negatives.tsv", "second_grades.tsv", "coverage.jsonl", "consortium.jsonl"):
        (folder / name).unlink()
    judged = load_judged_set(folder)
    assert (judged.coverage, judged.teams, judged.halves, judged.second_grades) == ((), {}, {}, {})


@pytest.mark.parametrize("name", ["opportunities.jsonl", "capabilities.jsonl", "qrels.tsv"])
def test_missing_required_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        load_judged_set(folder)


HEAD = "opportunity_id capability_id grade"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("qrels.tsv", [HEAD, "O1 C9 3"], "编号“C9”不在清单中"),
        ("qrels.tsv", [HEAD, "O9 C1 3"], "编号“O9”不在清单中"),
        ("qrels.tsv", [HEAD, "O1 C1 4"], "发现“4”"),
        ("qrels.tsv", [HEAD, "O1 C1 0"], "发现“0”"),
        ("qrels.tsv", [HEAD, "O1 C1 x"], "发现“x”"),
        ("qrels.tsv", [HEAD, "O1 C1"], "3 个以制表符分开的值"),
        ("qrels.tsv", ["need offer grade"], "表头"),
        ("split.tsv", ["opportunity_id half", "O1 test"], "属于“test”"),
        ("second_grades.tsv", [HEAD, "O1 C1 5"], "发现“5”"),
    ],
)
def test_wrong_tables_are_refused(folder: Path, name: str, text: list[str], found: str) -> None:
    table(folder / name, *text)
    with pytest.raises(InputError, match=found):
        load_judged_set(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("coverage.jsonl", {"opportunity_id": "O1"}),
        ("coverage.jsonl", coverage(True, offer="C9")),
        ("coverage.jsonl", coverage(True, first=3)),
        ("coverage.jsonl", {"opportunity_id": "O1", "capability_id": "C1", "coverage": [{"requirement_index": 0}]}),
        ("coverage.jsonl", {"opportunity_id": ["O1"], "capability_id": "C1", "coverage": []}),
        ("consortium.jsonl", {"opportunity_id": "O1"}),
        ("consortium.jsonl", {"opportunity_id": "O1", "minimal_sets": [["C9"]]}),
        ("consortium.jsonl", {"opportunity_id": "O1", "minimal_sets": 3}),
    ],
)
def test_wrong_truth_is_refused_with_its_place(folder: Path, name: str, content: dict[str, Any]) -> None:
    rows(folder / name, content)
    with pytest.raises(InputError, match=name):
        load_judged_set(folder)


def evaluated(engine: Engine, judged: JudgedSet, half: str | None = None) -> Any:
    match = engine.match(engine.prepare(judged.opportunities), engine.prepare(judged.capabilities))
    return evaluate_set(judged, match, our_scores(match), half)


def test_tiny_set_is_measured(engine: Engine, folder: Path) -> None:
    result = evaluated(engine, load_judged_set(folder))
    assert (len(result.forward.ndcg), len(result.backward.ndcg)) == (2, 3)
    assert result.forward.top1 == (1, 1)
    assert result.forward.recall == (1, 1)
    assert sum(count for count, _ in result.bands.values()) == 6
    assert result.evidence.requirements == 3
    assert result.teams[1] == 1
    assert result.kappa == pytest.approx(kappa([3, 2, 0], [3, 1, 0]))
    assert json.loads(json.dumps(as_json(result)))["forward"]["top-1"]["mean"] == 1
    assert lines(result)[0].startswith("评判集")


def test_halves_are_measured_apart(engine: Engine, folder: Path) -> None:
    judged = load_judged_set(folder)
    tune, report = evaluated(engine, judged, "tune"), evaluated(engine, judged, "report")
    assert (len(tune.forward.ndcg), len(report.forward.ndcg)) == (1, 1)
    assert (tune.evidence.requirements, report.evidence) == (3, None)
    assert (tune.teams[1], report.teams[1]) == (1, 0)


def test_requirements_nobody_judged_do_not_count(engine: Engine, folder: Path) -> None:
    rows(folder / "coverage.jsonl", coverage(True, first=1), coverage(need="O2", offer="C2"))
    assert evaluated(engine, load_judged_set(folder)).evidence.requirements == 1


def test_baselines_have_one_score_a_pair(engine: Engine, folder: Path) -> None:
    judged = load_judged_set(folder)
    match = engine.match(engine.prepare(judged.opportunities), engine.prepare(judged.capabilities))
    for scores in baseline_scores(judged, match, engine.encoder):
        assert set(scores) == {BM25, ENCODER, CENTRED, RRF}
        assert {matrix.shape for matrix in scores.values()} == {(2, 3)}
        assert scores[BM25][1].argmax() == 1


def test_evaluate_command(run: Callable[..., int], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", folder) == 0
    assert "机会→能力（2 条）" in capsys.readouterr().out
    assert run("evaluate", folder, "--half", "tune", "--json") == 0
    assert json.loads(capsys.readouterr().out)["half"] == "tune"
    (folder / "split.tsv").unlink()
    assert run("evaluate", folder, "--half", "tune") == 2
    assert "没有分半文件" in capsys.readouterr().err
    (folder / "qrels.tsv").unlink()
    assert run("evaluate", folder) == 2
    assert capsys.readouterr().err.count("\n") == 1
