#!/usr/bin/env python3
"""Recompute a year's benchmark result from its exported scores, with nothing of the program's own packages.

    scripts/recompute_benchmark.py scores.json [--marks scores.csv]

``scores.json`` is the export of a year, or its frozen record. ``--marks`` takes the marks from the exported csv
instead. Prints the recomputed list; the exit code is 1 when it differs from the list in the file.

All arithmetic is done in whole numbers: marks as hundredths, totals over a common denominator.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

CASE, ROUND, EXPERT = "案例编号", "轮次", "评审号"


def hundredths(text: str) -> int:
    """Return a mark as a whole number of hundredths."""
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


def shown(numerator: int, denominator: int) -> str:
    """Return a fraction of hundredths with two places, halves up."""
    value = (2 * numerator + denominator) // (2 * denominator)
    return f"{value // 100}.{value % 100:02}"


def recompute(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the result list of a year from its sheet, its cases and its marks."""
    sheet = data["sheet"]
    codes = [one["code"] for one in sheet["criteria"]]
    weights = {one["code"]: one["weight"] for one in sheet["criteria"]}
    cases = {one["number"]: one for one in data["cases"]}
    figures = {number: figure(number, case, data["marks"], codes, weights, sheet) for number, case in cases.items()}
    order = sorted(cases, key=lambda number: ([-value for value in rank_key(figures[number], sheet)], number))
    result: list[dict[str, Any]] = []
    start = 0
    fields: dict[str, int] = {}
    while start < len(order):
        end = start
        while end < len(order) and rank_key(figures[order[end]], sheet) == rank_key(figures[order[start]], sheet):
            end += 1
        group = order[start:end]
        words = [word_for(figures[number], cases[number]["domain"], sheet, fields) for number in group]
        # A removed case keeps its place taken, and has no rank.
        left = [number for number in group if not cases[number]["removed"]]
        rank = len(result) + 1
        for number, word in zip(group, words, strict=True):
            if word == "selected":
                fields[cases[number]["domain"]] = fields.get(cases[number]["domain"], 0) + 1
            if number in left:
                result.append(row(number, cases, figures, rank, len(left) > 1, word))
        start = end
    gone = sorted(number for number in cases if cases[number]["removed"])
    return result + [row(number, cases, figures, 0, False, "removed") for number in gone]


def figure(
    number: int, case: dict[str, Any], marks: list[dict[str, Any]], codes: list[str], weights: dict[str, int],
    sheet: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return total, means, spread and the experts left out of one case, as shown."""
    own = [one for one in marks if one["case"] == number and one["round"] == case["round"]]
    rows = []
    for one in own:
        points = {code: hundredths(one["scores"][code]) for code in codes}
        # Hundredths of a mark times percents: a hundred times the weighted mean in hundredths.
        rows.append((sum(points[code] * weights[code] for code in codes), points, one["expert"]))
    ordered = sorted(rows, key=lambda one: (one[0], [one[1][code] for code in codes], -one[2]))
    dropped = sorted({ordered[0][2], ordered[-1][2]}) if len(rows) >= sheet["numbers"]["drop_from"] else []
    kept = [one for one in rows if one[2] not in dropped]
    size = max(1, len(kept))
    spread = ordered[-1][0] - ordered[0][0] if rows else 0
    return {
        "total": shown(sum(one[0] for one in kept), 100 * size),
        "means": {code: shown(sum(one[1][code] for one in kept), size) for code in codes},
        "spread": shown(spread, 100),
        "dropped": dropped,
    }


def rank_key(one: dict[str, Any], sheet: dict[str, Any]) -> list[int]:
    """Return what ranks are compared by, higher first."""
    return [hundredths(one["total"]), *(hundredths(one["means"][code]) for code in sheet["tie_order"])]


def word_for(one: dict[str, Any], domain: str, sheet: dict[str, Any], fields: dict[str, int]) -> str:
    """Return whether a case is chosen while so many of its field have been."""
    numbers = sheet["numbers"]
    if hundredths(one["total"]) < numbers["threshold"] * 100:
        return "below"
    if sum(fields.values()) >= numbers["quota_total"]:
        return "total_full"
    quota = sheet["field_quotas"].get(domain, numbers["quota_field"])
    return "selected" if fields.get(domain, 0) < quota else "field_full"


def row(
    number: int, cases: dict[int, Any], figures: dict[int, Any], rank: int, tied: bool, word: str
) -> dict[str, Any]:
    """Return one line of the result as the export writes it."""
    case = cases[number]
    line = {"case": number, "title": case["title"], "landing": case["landing"], "domain": case["domain"]}
    return line | figures[number] | {"rank": rank, "tied": tied, "outcome": word}


def read_marks(path: Path, codes: dict[str, str]) -> list[dict[str, Any]]:
    """Return the marks of an exported csv; ``codes`` maps the columns to criteria."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {"case": int(line[CASE].rpartition("-")[2]), "round": int(line[ROUND]), "expert": int(line[EXPERT]),
             "scores": {code: line[label] for label, code in codes.items()}}
            for line in csv.DictReader(file)
        ]  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Recompute one file; return 0 when it says the same, 1 when it does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", type=Path)
    parser.add_argument("--marks", type=Path, help="take the marks from this csv")
    options = parser.parse_args(arguments)
    data = json.loads(options.file.read_text(encoding="utf-8"))
    if options.marks:
        data["marks"] = read_marks(options.marks, {one["label"]: one["code"] for one in data["sheet"]["criteria"]})
    found = recompute(data)
    for one in found:
        sys.stdout.write(f"{one['rank']:>3}  {one['total']:>6}  {one['outcome']:<10}  {one['title']}\n")
    differs = [pair for pair in zip(found, data["result"], strict=False) if pair[0] != pair[1]]
    if differs or len(found) != len(data["result"]):
        sys.stdout.write(f"differs in {max(len(differs), abs(len(found) - len(data['result'])))} lines\n")
        return 1
    sys.stdout.write(f"identical: {len(found)} cases\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
