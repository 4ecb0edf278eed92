#!/usr/bin/env python3
"""Measure the shipped background (means, word counts, scales) on the sample lists with the default encoder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from matching.background import SHIPPED, measure_background
from matching.encoders import load_encoder
from matching.settings import load_settings
from matching.text.segment import shared_segmenter


def main() -> None:
    """Write data/ranking/background.bin and print its scales."""
    settings = load_settings()
    snapshot = measure_background(load_encoder(settings), shared_segmenter(settings.data_dir / "lexicon"), settings)
    (settings.data_dir / "ranking" / SHIPPED).write_bytes(snapshot.to_bytes())
    for name, (mean, deviation) in snapshot.scales.items():
        print(f"{name:8} 平均 {mean:.4f}，标准差 {deviation:.4f}")
    print(f"文档 {dict(snapshot.documents)}，词 {len(snapshot.counts)}，指纹 {snapshot.fingerprint}")


if __name__ == "__main__":
    main()
