"""The manifest beside the built encoder: what it was made from and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from matching.errors import ModelError

MANIFEST = "manifest.json"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a built encoder.

    Raises ModelError when it is missing or its ONNX file is not the one it was written for.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"默认编码模型还没有生成（{folder} 下没有 {MANIFEST}）；请先运行 make model。")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    onnx = folder / "onnx" / manifest["onnx_file"]
    if not onnx.is_file() or onnx.stat().st_size != manifest["onnx_bytes"]:
        raise ModelError(f"默认编码模型已损坏（{onnx.name} 大小不符）；请运行 make model 重新生成。")
    return manifest


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
