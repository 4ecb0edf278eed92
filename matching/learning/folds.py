"""One file of groups left out: every way to rank on its pool, offers whole and thinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.engine import CrossMatch, Engine
from matching.evaluation.measures import grade_matrix
from matching.evaluation.ways import MIX, untrained_mix
from matching.learning.groups import Group, Reading, judged_of
from matching.learning.heldout import HeldOut, measure_held_out
from matching.text.recipe import compose

LENGTH = "仅看篇幅"


def pool(engine: Engine, name: str, groups: Sequence[Group], reading: Reading) -> tuple[CrossMatch, Any]:
    """Return the cross-match of one file's needs with all offers of that file, and the grades beside it."""
    judged = judged_of(name, groups, reading)
    match = engine.match(engine.prepare(judged.opportunities), engine.prepare(judged.capabilities))
    return match, grade_matrix(judged, match)


def measure_ways(
    groups: Sequence[Group], match: CrossMatch, grades: Any, ways: Mapping[str, Any]
) -> dict[str, HeldOut]:
    """Measure score matrices of one pool by the name of the way; rows are sorted by id, as the groups are."""
    ordered = sorted(groups, key=lambda group: group.need.id)
    columns = {one: place for place, one in enumerate(match.capability_ids)}
    return {way: measure_held_out(ordered, matrix, grades, columns) for way, matrix in ways.items()}


def untrained_ways(match: CrossMatch) -> dict[str, Any]:
    """Return the untrained mix, and what the length of the offers alone would say."""
    lengths = np.array([float(len(compose(row.posting).body)) for row in match.ranker.offers.rows])
    return {MIX: untrained_mix(match)[0], LENGTH: np.tile(lengths, (len(match.opportunity_ids), 1))}
