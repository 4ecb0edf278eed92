#!/usr/bin/env python3
"""Print how far pairs move when places and organisations change their names inside the texts of the sample lists.

Fields such as district and publisher are in no score at all; this is about names that stand in the sentences. Names
are swapped with others of their kind, on one side at a time, so that a need and an offer that named the same city no
longer do. ``--planted`` also writes place and organisation into every text, and tells how many of the organisations
are found by how their names are built. Exits 1 when, in the lists as they are or planted, a pair moves by more than
the limit or bands change in more than one pair of a hundred.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from matching import (
    Capability,
    Engine,
    Opportunity,
    Posting,
    Prepared,
    Side,
    fold,
    load_encoder,
    load_settings,
    read_postings,
)
from matching.text.places import ORGANISATION, without_names

LIMIT, BANDS_EQUAL = 0.01, 0.99
PROVINCE = "420000"
SUFFIX = "（示例）"
_SHORT = re.compile(r"市$")


@dataclass(frozen=True)
class Swap:
    """Names and what stands in their place."""

    names: Mapping[str, str]

    def __call__(self, text: str) -> str:
        """The text with every name replaced at once, longer names first."""
        return self._pattern.sub(lambda hit: self.names[hit.group()], text)

    def count(self, text: str) -> int:
        """How many names stand in a text."""
        return len(self._pattern.findall(text))

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self.names, key=len, reverse=True))))


def place_names(taxonomies: Path) -> tuple[list[str], list[str]]:
    """Return cities and districts of the province, with the other names districts go by."""
    with (taxonomies / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"].startswith(PROVINCE[:2])]
    cities = [row["label"] for row in rows if row["parent"] == PROVINCE and row["label"].endswith("市")]
    # 仙桃, 天门 and 潜江 stand directly under the province.
    cities += [row["label"] for row in rows if row["label"] in ("仙桃市", "天门市", "潜江市")]
    districts = [row["label"] for row in rows if row["parent"] not in (PROVINCE, "") and row["label"] not in cities]
    others = [name for row in rows for name in filter(None, row["synonyms"].split(";")) if len(name) > 1]
    return list(dict.fromkeys(cities)), list(dict.fromkeys([*districts, *others]))


def make_swap(groups: Iterable[Sequence[str]], seed: int) -> Swap:
    """Return a swap that gives each name that of another of its group."""
    chance, names = random.Random(seed), {}
    for group in groups:
        ordered = list(dict.fromkeys(group))
        chance.shuffle(ordered)
        names.update(zip(ordered, [*ordered[1:], ordered[0]], strict=True))
    return Swap(names)


def organisations(postings: Iterable[Posting]) -> list[str]:
    """Return the organisations of a list as they stand in sentences."""
    names = (one.publisher if isinstance(one, Opportunity) else one.company for one in postings)
    return [name.removesuffix(SUFFIX) for name in names if name]


def by_writing(names: Sequence[str]) -> list[list[str]]:
    """Return names in simplified and in traditional characters apart.

    A traditional name inside a simplified text has all of it read by the regional words, which is no matter of places.
    """
    return [[name for name in names if (fold(name) == name.lower()) is plain] for plain in (True, False)]


def found_share(names: Sequence[str]) -> tuple[int, int]:
    """Return how many of the names are taken out whole from a sentence of another's, and how many there are."""
    different = set(names)
    return sum(without_names(f"{name}地处城东。") == f"{ORGANISATION}地处城东。" for name in different), len(different)


def rewritten(posting: Posting, change: Callable[[str], str]) -> Posting:
    """Return a posting with every text of the score rewritten."""
    if isinstance(posting, Opportunity):
        return replace(posting, title=change(posting.title), background=change(posting.background),
                       requirements=tuple(map(change, posting.requirements)))  # fmt: skip
    return replace(posting, title=change(posting.title), summary=change(posting.summary),
                   features=tuple(map(change, posting.features)), cases=tuple(map(change, posting.cases)))  # fmt: skip


def planted(posting: Posting) -> Posting:
    """Return a posting whose story also says where and by whom."""
    if isinstance(posting, Opportunity):
        told = f"{posting.publisher.removesuffix(SUFFIX)}地处{posting.district}。{posting.background}"
        return replace(posting, background=told)
    told = f"{posting.company.removesuffix(SUFFIX)}位于{posting.district_or_city}。{posting.summary}"
    return replace(posting, summary=told)


def texts(posting: Posting) -> str:
    """Return everything of a posting that is scored, for counting names."""
    if isinstance(posting, Opportunity):
        return "\n".join([posting.title, posting.background, *posting.requirements])
    assert isinstance(posting, Capability)
    return "\n".join([posting.title, posting.summary, *posting.features, *posting.cases])


def swapped(
    engine: Engine, before: Sequence[Prepared], postings: Sequence[Posting], swap: Swap
) -> tuple[list[Prepared], Any]:
    """Return a list with its names swapped, encoding only what changed, and which rows those are (by id order)."""
    changed = [rewritten(one, swap) for one in postings]
    moved = [place for place, (old, new) in enumerate(zip(postings, changed, strict=True)) if old != new]
    found = list(before)
    for place, row in zip(moved, engine.prepare([changed[place] for place in moved]) if moved else (), strict=True):
        found[place] = row
    ids = sorted(one.id for one in postings)
    flags = np.zeros(len(ids), dtype=bool)
    flags[[ids.index(postings[place].id) for place in moved]] = True
    return found, flags


def compare(engine: Engine, before: Any, after: Any, touched: Any) -> dict[str, Any]:
    """Return how far the scores of the touched pairs moved and how many bands stayed."""
    moved = np.abs(after - before)[touched]
    bands = [[engine.model.band(float(value)) for value in scores[touched]] for scores in (before, after)]
    equal = np.array([one is other for one, other in zip(*bands, strict=True)], dtype=bool)
    return {
        "pairs": int(touched.sum()),
        "max": float(moved.max(initial=0.0)),
        "p99": float(np.quantile(moved, 0.99)) if len(moved) else 0.0,
        "mean": float(moved.mean()) if len(moved) else 0.0,
        "within": float((moved <= LIMIT).mean()) if len(moved) else 1.0,
        "bands_equal": float(equal.mean()) if len(equal) else 1.0,
    }


def measure_text(
    engine: Engine, name: str, needs: Sequence[Posting], offers: Sequence[Posting], swap: Swap
) -> list[dict[str, Any]]:
    """Print and return the figures of one way of writing the lists."""
    left, right = engine.prepare(needs), engine.prepare(offers)
    snapshot = engine.measure(left, right)
    before = engine.match(left, right, snapshot).table.score
    counted = [sum(swap.count(texts(one)) for one in side) for side in (needs, offers)]
    new_left, left_moved = swapped(engine, left, needs, swap)
    new_right, right_moved = swapped(engine, right, offers, swap)
    print(f"\n{name}：需求文字里有地名、单位名 {counted[0]} 处（{int(left_moved.sum())} 条），"
          f"能力 {counted[1]} 处（{int(right_moved.sum())} 条）")  # fmt: skip
    print(f"  {'换名的一侧':12}{'对数':>8}{'最大':>9}{'99% 位':>9}{'平均':>9}{'≤0.01':>9}{'档次不变':>9}")
    found = []
    for side, rows, columns, touched in (
        ("需求", new_left, right, left_moved[:, None] | np.zeros(len(right), dtype=bool)),
        ("能力", left, new_right, np.zeros((len(left), 1), dtype=bool) | right_moved),
        ("两侧一致", new_left, new_right, left_moved[:, None] | right_moved),
    ):
        result = compare(engine, before, engine.match(rows, columns, snapshot).table.score, touched)
        print(f"  {side:12}{result['pairs']:>8}{result['max']:>9.4f}{result['p99']:>9.4f}{result['mean']:>9.4f}"
              f"{result['within']:>9.2%}{result['bands_equal']:>9.2%}")  # fmt: skip
        found.append({"text": name, "side": side} | result)
        if result["max"] > LIMIT:
            tell_worst(engine, before, rows, columns, snapshot)
    return found


def tell_worst(engine: Engine, before: Any, rows: list[Prepared], columns: list[Prepared], snapshot: Any) -> None:
    """Print the pair that moved farthest, with its probability before and after."""
    match = engine.match(rows, columns, snapshot)
    after = match.table.score
    need, offer = np.unravel_index(int(np.abs(after - before).argmax()), before.shape)
    print(f"    变动最大：{match.opportunity_ids[need]} × {match.capability_ids[offer]}，"
          f"{before[need, offer]:.4f} → {after[need, offer]:.4f}")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sample lists as they are and with places planted; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which names are swapped with which (1)")
    parser.add_argument("--planted", action="store_true", help="also with place and organisation in every text")
    options = parser.parse_args(arguments)
    settings = load_settings()
    engine = Engine.open(settings, load_encoder(settings))
    needs, offers = (
        list(read_postings(settings.data_dir / "samples" / f"{name}.jsonl", side).postings)
        for name, side in (("opportunities", Side.OPPORTUNITY), ("capabilities", Side.CAPABILITY))
    )
    cities, districts = place_names(settings.data_dir / "taxonomies")
    short = [_SHORT.sub("", city) for city in cities]
    groups = [*by_writing(organisations(needs)), *by_writing(organisations(offers))]
    swap = make_swap([cities, short, districts, *groups], options.seed)
    print(f"编码模型 {engine.encoder.name}；权重 {engine.model.version}；名称 {len(swap.names)} 个")
    figures = measure_text(engine, "示例清单原文", needs, offers, swap)
    if options.planted:
        found, count = found_share([*organisations(needs), *organisations(offers)])
        print(f"\n按名称构成认出的单位 {found} / {count}")
        figures += measure_text(engine, "每条写入地点和单位", [*map(planted, needs)], [*map(planted, offers)], swap)
    print(json.dumps(figures, ensure_ascii=False))
    good = all(one["max"] <= LIMIT and one["bands_equal"] >= BANDS_EQUAL for one in figures)
    print("结果：" + ("OK" if good else f"FAIL：有的对变动超过 {LIMIT}，或档次不变的不到 {BANDS_EQUAL:.0%}"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
