"""The sample lists are taken in once, however many processes of a run ask for them at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sample_site


def test_who_comes_later_waits_and_takes_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(sample_site, "run_market", lambda _, *command: commands.append(command) or "")
    (tmp_path / "model").mkdir()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: sample_site.stocked_folder(tmp_path / "shared", tmp_path / "model"), range(4)))
    assert set(found) == {tmp_path / "shared" / "stocked"}
    assert (found[0] / "models" / "model").is_symlink()
    assert [command[0] for command in commands] == ["init", "import", "import", "import"]


def test_what_broke_off_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(_: dict[str, str], *command: str) -> str:
        raise AssertionError(command)

    monkeypatch.setattr(sample_site, "run_market", break_off)
    (tmp_path / "model").mkdir()
    with pytest.raises(AssertionError):
        sample_site.stocked_folder(tmp_path / "shared", tmp_path / "model")
    monkeypatch.setattr(sample_site, "run_market", lambda *_: "")
    assert sample_site.stocked_folder(tmp_path / "shared", tmp_path / "model").is_dir()
