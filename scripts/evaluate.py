#!/usr/bin/env python3
"""Print the table of ways on every judged set, both directions, and hold ours against expected figures.

Exits 1 when a figure fails its band or a comparison that must hold does not.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from matching.encoders import load_encoder
from matching.engine import Engine
from matching.evaluation import load_judged_set
from matching.evaluation.contrast import judge_contrast, measure_contrast, read_contrast
from matching.evaluation.measures import Direction, evaluate_set, grade_matrix, half_rows, measure_direction
from matching.evaluation.metrics import paired
from matching.evaluation.report import lines
from matching.evaluation.ways import OURS, baseline_scores, our_scores
from matching.settings import load_settings

MEASURES = ("nDCG@10", "recall@10", "top-1", "MRR")
OKISH = 0.005


def main() -> int:
    """Evaluate every set named in expected.json; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the figures seen into expected.json")
    options = parser.parse_args()
    settings = load_settings()
    started = time.perf_counter()
    encoder = load_encoder(settings)
    engine = Engine.open(settings, encoder)
    print(f"编码模型 {encoder.name}，指纹 {encoder.fingerprint}；权重 {engine.model.version}")
    print(f"处理器 {platform.processor() or platform.machine()}，Python {platform.python_version()}")
    path = settings.data_dir / "evaluation" / "expected.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    seen: dict[str, dict[str, float]] = {}
    faults: list[str] = []
    for name in expected["sets"]:
        judged = load_judged_set(settings.data_dir / "evaluation" / name)
        match = engine.match(engine.prepare(judged.opportunities), engine.prepare(judged.capabilities))
        ours = our_scores(match)
        forth, back = ({**ways, OURS: ours} for ways in baseline_scores(judged, match, encoder))
        for half in ("tune", "report") if judged.halves else (None,):
            key = f"{name}/{half}" if half else name
            rows = half_rows(judged, match, half)
            grades = grade_matrix(judged, match)[rows]
            ways = {way: measure_direction(matrix[rows], grades) for way, matrix in forth.items()}
            others = {way: measure_direction(matrix[rows].T, grades.T) for way, matrix in back.items()}
            table(f"{key} 机会→能力", ways)
            table(f"{key} 能力→机会", others)
            differences = compare(ways)
            result = evaluate_set(judged, match, ours, half)
            print("\n".join(lines(result)[1:]))
            seen[key] = figures(result)
            if key in expected["must_lead"]:
                faults += leads(key, ways, differences)
        if judged.halves:
            whole = evaluate_set(judged, match, ours)
            print(f"\n{name} 全集")
            print("\n".join(line for line in lines(whole) if line.startswith(("依据", "联合体", "跨界", "两次"))))
            seen[name] = figures(whole)
    seen["contrast"] = contrast(engine, settings.data_dir / "evaluation" / "contrast" / "pairs.jsonl")
    if options.update:
        expected["figures"] = seen
        path.write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    faults += judge(seen, expected)
    print(f"\n用时 {time.perf_counter() - started:.0f} 秒")
    print("\n".join(["结果：FAIL", *faults]) if faults else "结果：OK")
    return 1 if faults else 0


def contrast(engine: Engine, path: Path) -> dict[str, float]:
    """Print by kind of fact how many lines and twins of the contrast pairs are judged right; return the totals."""
    rows = read_contrast(path)
    found = measure_contrast(rows, judge_contrast(engine, rows))
    print("\n对照句（一字之差）：单句正确率，成对都对")
    for fact, value in found.items():
        print(f"  {value.lines:.3f}  {value.twins:.3f}  {fact or '全部'}（{value.count} 对）")
    return {"lines right": round(found[""].lines, 4), "twins right": round(found[""].twins, 4)}


def table(title: str, ways: Mapping[str, Direction]) -> None:
    """Print one table of ways with 95 % intervals."""
    print(f"\n{title}（{len(next(iter(ways.values())).ndcg)} 条）")
    print("  " + "".join(f"{name:24}" for name in MEASURES))
    for way, direction in ways.items():
        values = direction.intervals()
        print("  " + "".join(f"{values[name]!s:24}" for name in MEASURES) + way)


def compare(ways: Mapping[str, Direction]) -> dict[str, Any]:
    """Print and return the paired differences in nDCG@10 to every other way."""
    print("  nDCG@10 之差（本系统 − 其他，配对自助法）：")
    differences = {}
    for way, direction in ways.items():
        if way != OURS:
            differences[way] = paired(ways[OURS].ndcg, direction.ndcg)
            print(f"    {differences[way]!s:26}{way}")
    return differences


def leads(key: str, ways: Mapping[str, Direction], differences: Mapping[str, Any]) -> list[str]:
    """Return what does not hold of: above all ways, clearly above BM25 and RRF, top-1 not below the encoder."""
    faults = [f"{key}：nDCG@10 不高于 {way}（{value}）" for way, value in differences.items() if value.mean <= 0]
    faults += [
        f"{key}：与 {way} 之差的区间含 0（{differences[way]}）" for way in ("BM25", "RRF") if differences[way].low <= 0
    ]
    top = {way: direction.intervals()["top-1"].mean for way, direction in ways.items()}
    if top[OURS] < top["编码器"]:
        faults.append(f"{key}：首位正确率 {top[OURS]:.3f} 低于编码器 {top['编码器']:.3f}")
    return faults


def figures(result: Any) -> dict[str, float]:
    """Return the figures that are held against expectations."""
    forward, backward = result.forward.intervals(), result.backward.intervals()
    found = {f"forward {name}": round(forward[name].mean, 4) for name in MEASURES}
    found |= {f"backward {name}": round(backward[name].mean, 4) for name in MEASURES}
    if result.evidence:
        found["balanced accuracy"] = round(result.evidence.balanced_accuracy, 4)
        found["place right"] = round(result.evidence.place_right, 4)
    if result.teams:
        found["teams right"] = round(result.teams[0] / max(1, result.teams[1]), 4)
    if result.cross_field:
        found["cross-field found"] = round(result.cross_field[0] / max(1, result.cross_field[1]), 4)
    return found


def judge(seen: Mapping[str, Mapping[str, float]], expected: Mapping[str, Any]) -> list[str]:
    """Print OK / OKish / FAIL for each expected figure and floor; return what failed."""
    faults = []
    print("\n与预期比较：")
    for key, values in expected["figures"].items():
        for name, value in values.items():
            got = seen.get(key, {}).get(name)
            drop = value - got if got is not None else float("inf")
            verdict = "OK" if drop <= OKISH else "OKish" if drop <= expected["band"] else "FAIL"
            if verdict != "OK":
                print(f"  {verdict:6} {key} {name}：预期 {value:.3f}，实测 {got}")
            if verdict == "FAIL":
                faults.append(f"{key} {name}：预期 {value:.3f}，实测 {got}")
    for key, floors in expected["floors"].items():
        for name, floor in floors.items():
            got = seen[key][name]
            print(f"  {'OK' if got >= floor else 'FAIL':6} {key} {name} {got:.3f}（下限 {floor:.3f}）")
            if got < floor:
                faults.append(f"{key} {name} {got:.3f} 低于下限 {floor:.3f}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
