"""The engine's commands on files: formats, order, determinism, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity, write_lines

from matching import InputError, MatchingError, ModelError, Posting, SettingError
from matching.cli import main
from matching.errors import IndexFaultError

Run = Callable[..., int]
Out = pytest.CaptureFixture[str]
PAIRS_HEAD = "opportunity_id\tcapability_id"
RANK_HEAD = "opportunity_id\tcapability_id\trank\tscore\tband"


@pytest.fixture
def lists(tmp_path: Path, needs: tuple[Posting, ...], offers: tuple[Posting, ...]) -> list[str | Path]:
    """Options naming two lists of ten needs and thirty offers."""
    odd = make_opportunity(id="AA", title="👍" * 3 + "ＡＩ巡檢", background="", requirements=(), domain="")
    return [
        "--opportunities", write_lines(tmp_path / "o.jsonl", [*needs[:9], odd]),
        "--capabilities", write_lines(tmp_path / "c.jsonl", offers[:30]),
    ]  # fmt: skip


def shuffled(options: list[str | Path]) -> list[str | Path]:
    for path in (Path(options[1]), Path(options[3])):
        rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(reversed(rows)), encoding="utf-8")
    return options


def table(path: Path) -> tuple[str, list[list[str]]]:
    head, *rows = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return head, [row.split("\t") for row in rows]


def test_rank_writes_both_directions(run: Run, lists: list[Any], tmp_path: Path) -> None:
    out, back = tmp_path / "run.tsv", tmp_path / "reverse.tsv"
    assert run("rank", *lists, "--out", out, "--reverse-out", back, "--top", 0) == 0
    (head, rows), (back_head, back_rows) = table(out), table(back)
    assert head == RANK_HEAD
    assert back_head == "capability_id\topportunity_id\trank\tscore\tband"
    assert len(rows) == len(back_rows) == 300
    pairs = {(row[0], row[1]): row[3:] for row in rows}
    assert pairs == {(row[1], row[0]): row[3:] for row in back_rows}


def test_rank_lists_are_ordered_numbered_and_rounded(run: Run, lists: list[Any], tmp_path: Path) -> None:
    run("rank", *lists, "--out", tmp_path / "run.tsv", "--top", 0)
    _, rows = table(tmp_path / "run.tsv")
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    for need in {row[0] for row in rows}:
        own = [row for row in rows if row[0] == need]
        assert [int(row[2]) for row in own] == list(range(1, 31))
        assert own == sorted(own, key=lambda row: (-float(row[3]), row[1]))
    assert all(len(row[3].split(".")[1]) == 6 and 0 <= float(row[3]) <= 1 for row in rows)
    assert {row[4] for row in rows} <= {"strong", "good", "possible", "none"}


def test_band_in_the_file_belongs_to_its_score(run: Run, engine: Any, lists: list[Any], tmp_path: Path) -> None:
    run("rank", *lists, "--out", tmp_path / "run.tsv", "--top", 0)
    assert all(row[4] == engine.model.band(float(row[3])) for row in table(tmp_path / "run.tsv")[1])


@pytest.mark.parametrize(("top", "count"), [("3", 30), ("50", 300), ("0", 300), ("1", 10)])
def test_top_cuts_each_list(run: Run, lists: list[Any], tmp_path: Path, top: str, count: int) -> None:
    run("rank", *lists, "--out", tmp_path / "run.tsv", "--top", top)
    assert len(table(tmp_path / "run.tsv")[1]) == count


@pytest.mark.parametrize("command", ["rank", "explain", "consortium"])
def test_again_and_in_another_order_gives_the_same_bytes(
    run: Run, lists: list[Any], tmp_path: Path, command: str
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(f"{PAIRS_HEAD}\nJH-2026-003\tNL-2026-007\nJH-2026-001\tNL-2026-002\n", encoding="utf-8")
    more = ["--pairs", pairs] if command == "explain" else []
    outs = [tmp_path / name for name in "abc"]
    for out in outs[:2]:
        assert run(command, *lists, *more, "--out", out) == 0
    assert run(command, *shuffled(lists), *more, "--out", outs[2]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes() == outs[2].read_bytes()
    assert not list(tmp_path.glob("*.new"))


def test_equal_scores_are_listed_by_id(run: Run, tmp_path: Path) -> None:
    offers = [make_capability(id=name) for name in ("b", "a", "丙", "A")]
    lists = ["--opportunities", write_lines(tmp_path / "o", [make_opportunity()]),
             "--capabilities", write_lines(tmp_path / "c", offers)]  # fmt: skip
    run("rank", *lists, "--out", tmp_path / "run.tsv")
    assert [row[1] for row in table(tmp_path / "run.tsv")[1]] == ["A", "a", "b", "丙"]


def test_explain_quotes_the_input_verbatim(
    run: Run, lists: list[Any], tmp_path: Path, read_jsonl: Any, needs: tuple[Any, ...], offers: tuple[Any, ...]
) -> None:
    asked = [(need.id, offer.id) for need in needs[:9] for offer in offers[:30]][::-1]
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("opportunity_id\tcapability_id\n" + "".join(f"{a}\t{b}\n" for a, b in asked), encoding="utf-8")
    assert run("explain", *lists, "--pairs", pairs, "--out", tmp_path / "e.jsonl") == 0
    found = read_jsonl(tmp_path / "e.jsonl")
    assert [(one["opportunity_id"], one["capability_id"]) for one in found] == asked
    requirements = {need.id: need.requirements for need in needs}
    texts = {offer.id: {"feature": offer.features, "case": offer.cases, "summary": offer.summary, "title": offer.title}
             for offer in offers}  # fmt: skip
    for one in found:
        assert [v["requirement"] for v in one["verdicts"]] == list(range(len(requirements[one["opportunity_id"]])))
        for verdict in one["verdicts"]:
            check_verdict(verdict, texts[one["capability_id"]])


def check_verdict(verdict: dict[str, Any], texts: dict[str, Any]) -> None:
    assert list(verdict) == ["requirement", "verdict", "source", "index", "text", "score"]
    assert verdict["verdict"] in ("met", "partial", "unclear", "conflict")
    assert 0 <= verdict["score"] <= 1
    if verdict["verdict"] == "unclear":
        assert (verdict["source"], verdict["index"], verdict["text"]) == (None, None, None)
        return
    place = texts[verdict["source"]]
    assert (verdict["index"] is None) == (verdict["source"] in ("summary", "title"))
    assert verdict["text"] in (place if verdict["index"] is None else place[verdict["index"]])


def test_explain_a_need_without_requirements_and_no_pairs(
    run: Run, lists: list[Any], tmp_path: Path, read_jsonl: Any
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("opportunity_id\tcapability_id\nAA\tNL-2026-001\n", encoding="utf-8")
    run("explain", *lists, "--pairs", pairs, "--out", tmp_path / "e.jsonl")
    assert read_jsonl(tmp_path / "e.jsonl") == [
        {"opportunity_id": "AA", "capability_id": "NL-2026-001", "verdicts": []}
    ]
    pairs.write_text("opportunity_id\tcapability_id\n", encoding="utf-8")
    assert run("explain", *lists, "--pairs", pairs, "--out", tmp_path / "e.jsonl") == 0
    assert (tmp_path / "e.jsonl").read_bytes() == b""


def test_consortium_covers_what_it_says(
    run: Run, lists: list[Any], tmp_path: Path, read_jsonl: Any, needs: tuple[Any, ...]
) -> None:
    assert run("consortium", *lists, "--out", tmp_path / "t.jsonl", "--max-members", 2) == 0
    found = read_jsonl(tmp_path / "t.jsonl")
    requirements = {need.id: range(len(need.requirements)) for need in needs} | {"AA": range(0)}
    assert [one["opportunity_id"] for one in found] == ["AA", *sorted(need.id for need in needs[:9])]
    for one in found:
        assert list(one) == ["opportunity_id", "team", "covered", "uncovered"]
        assert len(one["team"]) == len(set(one["team"])) <= 2
        assert sorted(one["covered"] + one["uncovered"]) == list(requirements[one["opportunity_id"]])
        assert bool(one["team"]) == bool(one["covered"])


def test_notices_are_told_and_do_not_stop_the_run(run: Run, tmp_path: Path, capsys: Out) -> None:
    offer = {"id": "NL-1", "title": "井\u0000盖终端", "联系人处室": "市场部"}
    lists = ["--opportunities", write_lines(tmp_path / "o", [make_opportunity()]),
             "--capabilities", write_lines(tmp_path / "c", [offer])]  # fmt: skip
    assert run("rank", *lists, "--out", tmp_path / "run.tsv") == 0
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("提示：") for line in told] == [True, True]
    assert "联系人处室" in told[0]
    assert "1 个控制字符" in told[1]


BAD = {
    "empty": b"",
    "broken": b'{"id":"a","title":"t"}\n{"id":"b"',
    "duplicate": b'{"id":"a","title":"t"}\n{"id":"a","title":"u"}',
    "no title": b'{"id":"a"}',
    "number for text": b'{"id":"a","title":5}',
    "nan": b'{"id":"a","title":"t","year":NaN}',
    "huge": b'{"id":"a","title":"t","year":1' + b"0" * 5000 + b"}",
    "deep": b'{"id":"a","title":"t","extra":' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
    "torn": b'{"id":"a","title":"t","year":"\\ud83d"}',
    "many": json.dumps({"id": "a", "title": "t", "requirements": ["可用"] * 21}).encode(),
    "gbk": '{"id":"a","title":"井盖"}'.encode("gbk"),
}


@pytest.mark.parametrize("command", ["rank", "explain", "consortium"])
@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
def test_refused_file_gives_one_sentence_and_writes_nothing(
    run: Run, tmp_path: Path, capsys: Out, command: str, raw: bytes
) -> None:
    bad, out, pairs = tmp_path / "o.jsonl", tmp_path / "out", tmp_path / "pairs.tsv"
    bad.write_bytes(raw)
    out.write_text("earlier", encoding="utf-8")
    pairs.write_text("opportunity_id\tcapability_id\n", encoding="utf-8")
    more = ["--pairs", pairs] if command == "explain" else []
    offers = write_lines(tmp_path / "c.jsonl", [make_capability()])
    assert run(command, "--opportunities", bad, "--capabilities", offers, *more, "--out", out) == 2
    assert out.read_text(encoding="utf-8") == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(
        ["o.jsonl", "c.jsonl", "out", "pairs.tsv"]
    )
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(str(bad))
    assert "应为：" in told


@pytest.mark.parametrize(
    ("text", "found"),
    [("a\tb\n", "表头"), ("opportunity_id\tcapability_id\nAA\n", "第 2 行"),
     ("opportunity_id\tcapability_id\n\nAA\tNL-0\n", "编号“NL-0”不在清单中"),
     ("opportunity_id\tcapability_id\nNL-2026-001\tAA\n", "编号“NL-2026-001”不在清单中")],
)  # fmt: skip
def test_refused_pairs(run: Run, lists: list[Any], tmp_path: Path, capsys: Out, text: str, found: str) -> None:
    (tmp_path / "pairs.tsv").write_text(text, encoding="utf-8")
    assert run("explain", *lists, "--pairs", tmp_path / "pairs.tsv", "--out", tmp_path / "e.jsonl") == 2
    assert found in capsys.readouterr().err
    assert not (tmp_path / "e.jsonl").exists()


def test_missing_folder_for_the_result_is_refused(run: Run, lists: list[Any], tmp_path: Path, capsys: Out) -> None:
    assert run("rank", *lists, "--out", tmp_path / "none" / "run.tsv") == 2
    assert "所在文件夹不存在" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [[], ["rank"], ["unknown"], ["rank", "--top", "-1"], ["rank", "--top", "ten"], ["consortium", "--max-members", "0"],
     ["consortium", "--max-members", "21"], ["evaluate"], ["evaluate", ".", "--half", "both"]],
)  # fmt: skip
def test_wrong_use_exits_with_two(words: list[str], capsys: Out) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_encoder_that_is_not_built_is_one_sentence(
    lists: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("SCENEMATCH_LOCAL_DIR", str(tmp_path))
    assert main([str(word) for word in ("rank", *lists, "--out", tmp_path / "run.tsv")]) == 2
    assert "请先运行 make model" in capsys.readouterr().err
    assert not (tmp_path / "run.tsv").exists()


def test_wrong_setting_is_one_sentence(
    lists: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("SCENEMATCH_ENCODER_BACKEND", "cuda")
    assert main([str(word) for word in ("rank", *lists, "--out", tmp_path / "run.tsv")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "SCENEMATCH_ENCODER_BACKEND 为“cuda”" in told


def test_errors_have_one_root() -> None:
    for error in (SettingError, InputError, ModelError, IndexFaultError):
        assert issubclass(error, MatchingError)


def test_module_runs_and_prints_help() -> None:
    done = subprocess.run([sys.executable, "-m", "matching", "--help"], capture_output=True, text=True, check=True)
    for command in ("rank", "explain", "consortium", "evaluate", "model"):
        assert command in done.stdout
