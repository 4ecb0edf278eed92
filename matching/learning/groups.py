"""Reads the training groups and turns them into judged sets, whole or with thinned offers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from matching.errors import InputError
from matching.evaluation.judged import CoverageTruth, JudgedSet
from matching.records import Capability, Opportunity
from matching.text.recipe import sentences

# What the offers of a group are graded by; a trap looks alike and does not serve.
GRADES = {"fits": 3, "partial": 1, "traps": 0}
FITS, PARTIAL, TRAPS = GRADES


class Reading(StrEnum):
    """How much of an offer is read: real lists often hold little more than a name."""

    WHOLE = "whole"
    FIRST_LINE = "first-line"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """An offer of a group with its role and, by requirement, the place that proves it (feature or summary)."""

    role: str
    capability: Capability
    covers: Mapping[int, int | str]


@dataclass(frozen=True, slots=True)
class Group:
    """A need with the offers written for it."""

    need: Opportunity
    offers: tuple[GroupOffer, ...]

    def of(self, role: str) -> tuple[GroupOffer, ...]:
        """Return the offers of one role, in order."""
        return tuple(offer for offer in self.offers if offer.role == role)


def read_groups(folder: Path) -> dict[str, tuple[Group, ...]]:
    """Return the groups of every file of ``folder`` by the file's stem, sorted.

    Raises InputError for a line that lacks a part, and when there is no file.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise InputError(str(folder), None, None, "没有训练组文件", "至少一个 .jsonl 文件")
    return {path.stem: tuple(_read_file(path)) for path in files}


def _read_file(path: Path) -> Iterable[Group]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        try:
            yield _group(f"{path.stem}-{number:03d}", json.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found = f"内容不完整或不合要求（{error!r}）"
            raise InputError(str(path), number + 1, None, found, "need、fits、partial、traps 四部分") from error


def _group(name: str, raw: Mapping[str, Any]) -> Group:
    need = raw["need"]
    opportunity = Opportunity(
        name, need["title"], background=need.get("background") or "", requirements=tuple(need["requirements"])
    )
    offers = []
    for role in GRADES:
        for place, one in enumerate(raw[role]):
            capability = Capability(
                f"{name}-{role[0]}{place}",
                one["title"],
                summary=one.get("summary") or "",
                features=tuple(one["features"]),
            )
            covers = {int(key): value for key, value in one.get("covers", {}).items()}
            offers.append(GroupOffer(role, capability, covers))
    return Group(opportunity, tuple(offers))


def thinned(capability: Capability, reading: Reading) -> Capability:
    """Return the offer with only what ``reading`` leaves of it.

    The first line is the summary's first sentence, where there is none the first feature.
    """
    if reading is Reading.WHOLE:
        return capability
    line = ""
    if reading is Reading.FIRST_LINE:
        told = sentences(capability.summary) or list(capability.features)
        line = told[0] if told else ""
    return replace(capability, summary=line, features=(), cases=())


def judged_of(
    name: str, groups: Iterable[Group], reading: Reading = Reading.WHOLE, *, traps_cover_nothing: bool = False
) -> JudgedSet:
    """Return the groups as one judged set: every need against the offers of all groups.

    An offer of another group counts as 0, also where it happens to serve. Coverage is known for whole
    offers only; for traps nobody wrote it down, ``traps_cover_nothing`` takes it to be none.
    """
    groups = tuple(groups)
    grades, coverage = {}, []
    for group in groups:
        for offer in group.offers:
            if GRADES[offer.role]:
                grades[group.need.id, offer.capability.id] = GRADES[offer.role]
            if reading is Reading.WHOLE and (GRADES[offer.role] or traps_cover_nothing):
                coverage.append(_coverage(group.need, offer))
    offers = tuple(thinned(offer.capability, reading) for group in groups for offer in group.offers)
    traps = tuple((group.need.id, offer.capability.id) for group in groups for offer in group.of(TRAPS))
    needs = tuple(group.need for group in groups)
    return JudgedSet(name, needs, offers, grades, tuple(coverage), {}, {}, traps, (), {})


def _coverage(need: Opportunity, offer: GroupOffer) -> CoverageTruth:
    count = range(len(need.requirements))
    return CoverageTruth(
        need.id,
        offer.capability.id,
        tuple(place in offer.covers for place in count),
        tuple(offer.covers.get(place) for place in count),
    )
