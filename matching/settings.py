"""The engine's settings; the only place in this package that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matching.errors import SettingError

PREFIX = "SCENEMATCH_"
ROOT = Path(__file__).resolve().parent.parent
KNOWN = ("DATA_DIR", "LOCAL_DIR", "ENCODER", "ENCODER_BACKEND")


@dataclass(frozen=True, slots=True)
class MatchingSettings:
    """Where the engine's files lie and which encoder it uses.

    ``encoder`` is empty for the bundled default, else any sentence-transformers name or folder.
    """

    data_dir: Path = ROOT / "data"
    local_dir: Path = ROOT / "data" / "local"
    encoder: str = ""
    encoder_backend: str = "torch"

    @property
    def weights(self) -> Path:
        """File of the ranking model in use."""
        return self.data_dir / "ranking" / "weights.json"

    @property
    def default_model_dir(self) -> Path:
        """Folder of the bundled encoder, written by ``make model``."""
        return self.local_dir / "models" / "e5-small-zh"


def load_settings(environ: Mapping[str, str] | None = None) -> MatchingSettings:
    """Read ``SCENEMATCH_*`` from the environment.

    Raises SettingError when a value cannot be used.
    """
    env = os.environ if environ is None else environ
    values = {key: env[PREFIX + key] for key in KNOWN if env.get(PREFIX + key)}
    default = MatchingSettings()
    data_dir = Path(values.get("DATA_DIR", default.data_dir))
    local = Path(values.get("LOCAL_DIR", data_dir / "local"))
    backend = values.get("ENCODER_BACKEND", default.encoder_backend)
    if backend not in ("torch", "onnx", "openvino"):
        raise SettingError(f"设置 {PREFIX}ENCODER_BACKEND 为“{backend}”；应为：torch、onnx 或 openvino。")
    return MatchingSettings(data_dir, local, values.get("ENCODER", ""), backend)
