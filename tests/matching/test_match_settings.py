"""The engine's settings: read once, refused when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching import MatchingSettings, SettingError, load_settings

ROOT = Path(__file__).resolve().parents[2]


def test_empty_environment_gives_the_defaults() -> None:
    settings = load_settings({})
    assert settings == MatchingSettings()
    assert (settings.data_dir, settings.local_dir) == (ROOT / "data", ROOT / "data" / "local")
    assert settings.default_model_dir.is_relative_to(settings.local_dir)


def test_empty_values_and_other_programs_variables_are_left_alone() -> None:
    assert load_settings({"SCENEMATCH_ENCODER": "", "ENCODER": "x", "SCENEMATCH_SECRET_KEY": "x"}) == MatchingSettings()


def test_values_are_taken(tmp_path: Path) -> None:
    settings = load_settings(
        {"SCENEMATCH_DATA_DIR": str(tmp_path), "SCENEMATCH_ENCODER": "some/model", "SCENEMATCH_ENCODER_BACKEND": "onnx"}
    )  # fmt: skip
    assert settings == MatchingSettings(tmp_path, tmp_path / "local", "some/model", "onnx")
    assert load_settings({"SCENEMATCH_LOCAL_DIR": "/var/x"}).local_dir == Path("/var/x")


@pytest.mark.parametrize("value", ["cuda", "ONNX", " torch", "1"])
def test_unusable_backend_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingError, match=f"SCENEMATCH_ENCODER_BACKEND 为“{value}”；应为："):
        load_settings({"SCENEMATCH_ENCODER_BACKEND": value})
