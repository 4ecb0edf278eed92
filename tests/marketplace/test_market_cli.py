"""The commands as a person types them: words, exit codes, refusals in one sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity, write_lines
from market_tools import Shop, contents

from marketplace import MarketSettings, commands
from marketplace.cli import build_parser, main
from marketplace.store.database import open_database
from marketplace.store.matches import load_team
from matching import ModelError

COMMANDS = ("init", "import", "withdraw", "export", "match", "status", "backup", "restore", "check")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def installed(market_settings: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> MarketSettings:
    """An installation named by the environment, with the hashing encoder in place of the model."""
    monkeypatch.setenv("SCENEMATCH_DATABASE", str(market_settings.database))
    monkeypatch.setenv("SCENEMATCH_LOCAL_DIR", str(market_settings.matching.local_dir))
    for name in ("DATA_DIR", "ENCODER", "ENCODER_BACKEND", "ENCODE_THREADS"):
        monkeypatch.delenv(f"SCENEMATCH_{name}", raising=False)
    monkeypatch.setattr(commands, "load_encoder", lambda _: HashingEncoder())
    return market_settings


@pytest.fixture
def files(installed: MarketSettings, tmp_path: Path) -> dict[str, Path]:
    """An installation with one opportunity and one capability, and the files they came from."""
    made = {
        "needs": write_lines(tmp_path / "needs.jsonl", [make_opportunity()]),
        "offers": write_lines(tmp_path / "offers.jsonl", [make_capability()]),
    }
    assert [run("import", path)[0] for path in made.values()] == [0, 0]
    return made


def run(*words: str | Path) -> tuple[int, list[str]]:
    said: list[str] = []
    return main([str(word) for word in words], said.append), said


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Run a command that must be refused; return its sentence."""
    capsys.readouterr()
    assert run(*words)[0] == 2
    error = capsys.readouterr().err
    assert error.endswith("\n")
    assert len(error.splitlines()) == 1
    return error


def test_help_names_every_command() -> None:
    told = build_parser().format_help()
    assert all(f"    {name} " in told for name in COMMANDS)
    assert "python -m marketplace" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m marketplace {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [], ["publish"], ["import"], ["import", "a.jsonl", "--kind", "notes"], ["withdraw"], ["export"],
        ["export", "--kind", "landings", "--format", "csv", "--out", "a"],
        ["export", "--kind", "opportunities", "--format", "pdf", "--out", "a"], ["backup"], ["restore"],
    ],
)  # fmt: skip
def test_words_that_do_not_parse_end_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_init_twice(installed: MarketSettings) -> None:
    for _ in range(2):
        code, said = run("init")
        assert (code, len(said)) == (0, 2)
        assert str(installed.database) in said[1]
    assert installed.database.is_file()


def test_import_tells_what_it_did(files: dict[str, Path]) -> None:
    code, said = run("import", files["needs"])
    assert (code, said) == (0, ["场景机会：新增 0，更新 0，未变 1"])
    write_lines(files["needs"], [make_opportunity(title="改"), make_opportunity(id="JH-002")])
    code, said = run("import", files["needs"], "--kind", "opportunities")
    assert code == 0
    assert said[0] == "已保存 2/2：JH-001、JH-002"
    assert said[1] == "场景机会：新增 1，更新 1，未变 0"
    assert said[-1].startswith("匹配已更新")


def test_import_of_landings(files: dict[str, Path], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "landings.jsonl", [LANDING])
    assert run("import", path) == run("import", path, "--kind", "landings") == (0, ["已导入落地案例 1 条"])


def test_withdraw_and_undo(files: dict[str, Path], installed: MarketSettings) -> None:
    assert run("withdraw", "NL-001") == (0, ["已撤回场景能力“NL-001”，不再出现在清单和匹配中。"])
    assert open_database(installed.database).table("match").count == 0
    assert run("withdraw", "NL-001") == (0, ["“NL-001”此前已撤回，没有改动。"])
    code, said = run("withdraw", "NL-001", "--undo")
    assert (code, said[-1]) == (0, "已恢复场景能力“NL-001”。")
    assert open_database(installed.database).table("match").count == 1


def test_withdraw_works_without_the_encoder(
    shop: Shop, installed: MarketSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: object) -> None:
        raise ModelError("编码模型不在。")

    first, second = "井盖移位后5分钟内告警到手机", "部署在区政务云，数据不出域"
    shop.take(make_opportunity(requirements=(first, second)))
    bare = make_capability(summary="", features=(first,), cases=())
    shop.take(bare, replace(bare, id="NL-002", title="政务云", features=(second,)))
    member = shop.key("NL-002")
    assert member in team_of(shop, "JH-001")
    monkeypatch.setattr(commands, "load_encoder", missing)
    code, said = run("withdraw", "NL-002")
    assert (code, len(said)) == (0, 2)
    assert "编码模型不在" in said[1]
    assert shop.db.table("match").count_where("capability_key = ?", [member]) == 0
    shop.take(make_capability(id="NL-003"))
    assert member not in team_of(shop, "JH-001")
    assert run("check")[0] == 0


def team_of(shop: Shop, posting_id: str) -> list[int]:
    found = load_team(shop.db, shop.key(posting_id))
    return found[0] if found else []


@pytest.mark.parametrize("kind", ["opportunities", "capabilities"])
@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx", "sqlite"])
def test_export(files: dict[str, Path], tmp_path: Path, kind: str, form: str) -> None:
    target = tmp_path / f"out.{form}"
    assert run("export", "--kind", kind, "--format", form, "--out", target) == (0, [f"已导出 1 条到 {target}"])
    assert target.stat().st_size > 0


def test_exported_file_is_imported_unchanged(files: dict[str, Path], tmp_path: Path) -> None:
    run("export", "--kind", "capabilities", "--format", "jsonl", "--out", tmp_path / "out.jsonl")
    assert run("import", tmp_path / "out.jsonl") == (0, ["场景能力：新增 0，更新 0，未变 1"])


def test_match_status_check(files: dict[str, Path]) -> None:
    code, said = run("match")
    assert (code, said[-1]) == (0, "匹配完成：2 条清单，1 对")
    code, said = run("status")
    told = "\n".join(said)
    assert code == 0
    for part in ("hashing（指纹 hashing-1）", "机会 1 条，能力 1 条，向量 2 组，匹配 1 对", "最新变更 2，已匹配到 2"):
        assert part in told
    assert run("check") == (0, ["检查完成：没有发现错误"])


def test_empty_installation_answers_every_command(installed: MarketSettings, tmp_path: Path) -> None:
    assert run("match") == (0, ["匹配完成：0 条清单，0 对"])
    assert run("status")[0] == 0
    assert run("check")[0] == 0
    assert run("export", "--kind", "opportunities", "--format", "csv", "--out", tmp_path / "o.csv")[0] == 0


def test_check_ends_with_one_when_something_is_wrong(files: dict[str, Path], installed: MarketSettings) -> None:
    open_database(installed.database).table("vector").delete_where()
    code, said = run("check")
    assert code == 1
    assert said[-1] == "检查完成：2 处错误"
    assert all(line.startswith("错误：") for line in said[:-1])


def test_backup_and_restore(files: dict[str, Path], installed: MarketSettings, tmp_path: Path) -> None:
    saved = tmp_path / "saved.db"
    assert run("backup", saved) == (0, [f"已备份到 {saved}"])
    before = contents(open_database(installed.database))
    run("withdraw", "NL-001")
    code, said = run("restore", saved)
    assert code == 0
    assert "另存为" in said[0]
    assert contents(open_database(installed.database)) == before
    assert run("check")[0] == 0


def test_restore_without_a_database_or_over_a_broken_one(
    files: dict[str, Path], installed: MarketSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("backup", tmp_path / "saved.db")
    for path in installed.database.parent.glob("market.db*"):
        path.unlink()
    assert run("restore", tmp_path / "saved.db") == (0, [f"已从 {tmp_path / 'saved.db'} 恢复"])
    assert run("check")[0] == 0
    installed.database.write_bytes(b"broken " * 1_000)
    assert "restore" in refused(capsys, "status")
    assert run("restore", tmp_path / "saved.db")[0] == 0
    assert run("check")[0] == 0


LANDING = {"id": "LD-1", "opportunity_id": "JH-001", "capability_id": "NL-001", "accepted_on": "2026-01-05"}
Refusal = tuple[Callable[[Path], list[str | Path]], str]


def broken(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


REFUSALS: dict[str, Refusal] = {
    "missing file": (lambda d: ["import", d / "no.jsonl"], "读不到"),
    "folder": (lambda d: ["import", d], "读不到"),
    "empty file": (lambda d: ["import", broken(d / "a.jsonl", "")], "文件是空的"),
    "broken line": (lambda d: ["import", broken(d / "a.jsonl", '{"id": "JH-9"')], "第 1 行"),
    "unclear kind": (lambda d: ["import", broken(d / "a.jsonl", '{"id": "X", "title": "甲"}')], "--kind"),
    "missing title": (lambda d: ["import", broken(d / "a.jsonl", '{"id": "X", "budget_wan": 1}')], "“title”"),
    "unknown state": (
        lambda d: ["import", write_lines(d / "a.jsonl", [make_opportunity(id="X", state="live")])],
        "“state”",
    ),
    "landing of nothing": (
        lambda d: ["import", write_lines(d / "a.jsonl", [LANDING | {"opportunity_id": "X"}])],
        "没有编号为“X”的场景机会",
    ),
    "landing without a date": (
        lambda d: ["import", broken(d / "a.jsonl", '{"id": "L"}'), "--kind", "landings"],
        "第 1 行",
    ),
    "withdraw nothing": (lambda d: ["withdraw", "X-404"], "没有编号为“X-404”"),
    "withdraw from the wrong list": (lambda d: ["withdraw", "NL-001", "--kind", "opportunities"], "没有编号"),
    "undo nothing": (lambda d: ["withdraw", "NL-001", "--undo"], "没有撤回"),
    "export to nowhere": (
        lambda d: ["export", "--kind", "opportunities", "--format", "csv", "--out", d / "x" / "o.csv"],
        "不存在",
    ),
    "export onto a folder": (lambda d: ["export", "--kind", "opportunities", "--format", "xlsx", "--out", d], "文件夹"),
    "backup over a file": (lambda d: ["backup", broken(d / "a.db", "x")], "已存在"),
    "backup to nowhere": (lambda d: ["backup", d / "x" / "a.db"], "不存在"),
    "restore nothing": (lambda d: ["restore", d / "no.db"], "不存在"),
    "restore a foreign file": (lambda d: ["restore", broken(d / "a.db", "不是数据库")], "不是本系统的备份"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_is_one_sentence_and_changes_nothing(
    files: dict[str, Path], installed: MarketSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    words, part = REFUSALS[name]
    before = contents(open_database(installed.database))
    (tmp_path / "files").mkdir()
    assert part in refused(capsys, *words(tmp_path / "files"))
    assert contents(open_database(installed.database)) == before


def test_id_on_both_lists_asks_which(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", write_lines(tmp_path / "a.jsonl", [make_opportunity(id="NL-001")]))
    assert "--kind opportunities" in refused(capsys, "withdraw", "NL-001")
    assert run("withdraw", "NL-001", "--kind", "opportunities")[0] == 0
    assert run("check")[0] == 0


def test_missing_model_and_bad_setting(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: object) -> None:
        raise ModelError("编码模型不在，请运行 make model。")

    monkeypatch.setattr(commands, "load_encoder", missing)
    assert "make model" in refused(capsys, "match")
    monkeypatch.setenv("SCENEMATCH_ENCODER_BACKEND", "magic")
    assert "ENCODER_BACKEND" in refused(capsys, "status")


def test_lines_are_printed_as_they_come(installed: MarketSettings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("数据库已就绪")


def test_module_runs_as_a_command(tmp_path: Path, shop: Shop) -> None:
    environment = {"SCENEMATCH_DATABASE": str(shop.settings.database), "PATH": "", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "marketplace", "withdraw", "X-404"],
        cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "没有编号为“X-404”的机会或能力。\n")
