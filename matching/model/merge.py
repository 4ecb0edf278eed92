"""Adds a trained adapter (LoRA) to the weights of the encoder, so that at run time there is one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from matching.errors import ModelError

LEFT, RIGHT = ".a", ".b"


def merge_adapter(folder: Path, adapter: Path) -> int:
    """Add ``scale`` x b @ a to each matrix the adapter names, in ``folder``'s weights; return their number.

    The formula is that of LoRA (Hu et al. 2021). Raises ModelError when the adapter is damaged or was
    trained for another encoder; nothing is written then.
    """
    path = folder / "model.safetensors"
    weights = load_file(path)
    learned, scale = _read(adapter)
    names = sorted(name.removesuffix(LEFT) for name in learned if name.endswith(LEFT))
    for name in names:
        left, right = learned[name + LEFT], learned.get(name + RIGHT)
        target = weights.get(name + ".weight")
        if right is None or target is None or (right.shape[0], left.shape[1]) != target.shape:
            raise ModelError(f"适配文件 {adapter.name} 与编码器不符（{name}）；请从发布包恢复该文件。")
        weights[name + ".weight"] = target + (scale * (right @ left)).astype(np.float32)
    if not names or len(learned) != 2 * len(names):
        raise ModelError(f"适配文件 {adapter.name} 不完整；请从发布包恢复该文件。")
    aside = path.with_suffix(".new")
    save_file(weights, aside, metadata={"format": "pt"})
    aside.replace(path)
    return len(names)


def _read(adapter: Path) -> tuple[dict[str, Any], float]:
    """Return the tensors in single precision, and the factor they are added with."""
    try:
        with safe_open(adapter, "np") as stored:
            tensors = {name: stored.get_tensor(name).astype(np.float32) for name in stored.keys()}  # noqa: SIM118
            return tensors, float((stored.metadata() or {})["scale"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(f"适配文件 {adapter} 读不到或已损坏（{error}）；请从发布包恢复该文件。") from error
