"""Loads a judged set: two lists, graded pairs and whatever truth lies beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.errors import InputError
from matching.exchange import read_objects, read_postings, read_table
from matching.records import Capability, Opportunity, Side

HALVES = ("tune", "report")


@dataclass(frozen=True, slots=True)
class CoverageTruth:
    """Which requirements of a pair are covered and which place proves each (feature, summary, none).

    Both run beside the need's requirements; None in ``covered`` where nobody judged.
    """

    opportunity_id: str
    capability_id: str
    covered: tuple[bool | None, ...]
    places: tuple[int | str | None, ...]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A judged set; optional parts are empty when their file is absent.

    ``grades`` maps (opportunity, capability) to 1..3; an unlisted pair is 0.
    """

    name: str
    opportunities: tuple[Opportunity, ...]
    capabilities: tuple[Capability, ...]
    grades: Mapping[tuple[str, str], int]
    coverage: tuple[CoverageTruth, ...]
    teams: Mapping[str, tuple[frozenset[str], ...]]
    halves: Mapping[str, str]
    hard_negatives: tuple[tuple[str, str], ...]
    cross_field: tuple[tuple[str, str], ...]
    second_grades: Mapping[tuple[str, str], int]

    def needs(self, half: str | None) -> list[str]:
        """Return the ids of the needs of one half, of all where ``half`` is None, sorted."""
        ids = sorted(posting.id for posting in self.opportunities)
        return [one for one in ids if half is None or self.halves.get(one) == half]


def load_judged_set(folder: Path) -> JudgedSet:
    """Read a judged set.

    Raises InputError for a missing required file, an unknown id, a grade outside 1..3 or a line
    of truth that lacks a part.
    """
    needs = read_postings(folder / "opportunities.jsonl", Side.OPPORTUNITY).postings
    offers = read_postings(folder / "capabilities.jsonl", Side.CAPABILITY).postings
    opportunities = tuple(posting for posting in needs if isinstance(posting, Opportunity))
    capabilities = tuple(posting for posting in offers if isinstance(posting, Capability))
    check = _Ids({p.id: len(p.requirements) for p in opportunities}, {p.id for p in capabilities})
    halves = _optional(folder / "split.tsv", ("opportunity_id", "half"))
    for need, half in halves:
        if half not in HALVES:
            raise InputError(str(folder / "split.tsv"), None, "half", f"{need} 属于“{half}”", "tune 或 report")
    hard = _optional(folder / "hard_negatives.tsv", ("opportunity_id", "capability_id"))
    cross = _optional(folder / "cross_field.tsv", ("capability_id", "opportunity_id"))
    return JudgedSet(
        folder.name,
        opportunities,
        capabilities,
        _grades(folder / "qrels.tsv", check),
        tuple(_coverage(folder / "coverage.jsonl", check)),
        _teams(folder / "consortium.jsonl", check),
        {row[0]: row[1] for row in halves},
        tuple((row[0], row[1]) for row in hard),
        tuple((row[0], row[1]) for row in cross),
        _grades(folder / "second_grades.tsv", check, optional=True),
    )


class _Ids:
    """Known ids of both lists; refuses a line that names another."""

    def __init__(self, needs: Mapping[str, int], offers: set[str]) -> None:
        self._needs, self._offers = needs, offers

    def requirements(self, need: str) -> int:
        return self._needs[need]

    def pair(self, path: Path, need: str, offer: str) -> tuple[str, str]:
        if need not in self._needs or offer not in self._offers:
            unknown = need if need not in self._needs else offer
            raise InputError(str(path), None, None, f"编号“{unknown}”不在清单中", "两份清单中已有的编号")
        return need, offer


def _optional(path: Path, header: tuple[str, ...]) -> list[tuple[str, ...]]:
    return read_table(path, header) if path.is_file() else []


def _grades(path: Path, check: _Ids, *, optional: bool = False) -> dict[tuple[str, str], int]:
    header = ("opportunity_id", "capability_id", "grade")
    grades = {}
    lowest = "0" if optional else "1"
    for need, offer, grade in _optional(path, header) if optional else read_table(path, header):
        if grade not in ("0", "1", "2", "3") or grade < lowest:
            raise InputError(str(path), None, "grade", f"发现“{grade}”", f"{lowest}–3")
        grades[check.pair(path, need, offer)] = int(grade)
    return grades


def _coverage(path: Path, check: _Ids) -> list[CoverageTruth]:
    rows = []
    for line, raw in _objects(path):
        with _whole_line(path, line):
            need, offer = check.pair(path, raw["opportunity_id"], raw["capability_id"])
            covered: list[bool | None] = [None] * check.requirements(need)
            places: list[int | str | None] = [None] * len(covered)
            for entry in raw["coverage"]:
                place = range(len(covered)).index(entry["requirement_index"])
                covered[place], places[place] = bool(entry["covered"]), entry["evidence"]
            rows.append(CoverageTruth(need, offer, tuple(covered), tuple(places)))
    return rows


def _teams(path: Path, check: _Ids) -> dict[str, tuple[frozenset[str], ...]]:
    teams = {}
    for line, raw in _objects(path):
        with _whole_line(path, line):
            need = raw["opportunity_id"]
            for members in raw["minimal_sets"]:
                for member in members:
                    check.pair(path, need, member)
            teams[need] = tuple(frozenset(members) for members in raw["minimal_sets"])
    return teams


@contextmanager
def _whole_line(path: Path, line: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        found = f"内容不完整或不合要求（{error}）"
        raise InputError(str(path), line, None, found, "文件格式说明中的全部字段") from error


def _objects(path: Path) -> list[tuple[int, dict[str, Any]]]:
    return read_objects(path) if path.is_file() else []
