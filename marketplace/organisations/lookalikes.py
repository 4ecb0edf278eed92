"""Finds organisations that may be one and the same under two spellings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from marketplace.organisations.naming import bare_name
from marketplace.store.organisations import OrganisationRow

# Share of two-character pieces in common (Dice); one letter more or less in a name of eight reaches it.
ALIKE = 0.8
# A piece that this many names share tells nothing about any two of them.
_COMMON = 60

Pair = tuple[OrganisationRow, OrganisationRow, str, float]


def find_pairs(rows: Sequence[OrganisationRow]) -> list[Pair]:
    """Return the pairs that may be one organisation with the reason and a likeness of 0..1, most alike first.

    Two different credit codes mean two organisations.
    """
    found: dict[tuple[int, int], tuple[str, float]] = {}
    for group, why in ((_by_code(rows), "信用代码相同"), (_by_bare(rows), "除括号和公司类型外，名称相同")):
        for one, other in group:
            found.setdefault((one, other), (why, 1.0))
    for (one, other), likeness in _by_pieces(rows).items():
        found.setdefault((one, other), ("名称相近", likeness))
    pairs = [(rows[one], rows[other], why, likeness) for (one, other), (why, likeness) in found.items()]
    kept = [pair for pair in pairs if not _contradict(pair[0], pair[1])]
    return sorted(kept, key=lambda pair: (-pair[3], pair[0].name, pair[0].key, pair[1].key))


def _contradict(one: OrganisationRow, other: OrganisationRow) -> bool:
    return bool(one.credit_code and other.credit_code) and one.credit_code != other.credit_code


def _by_code(rows: Sequence[OrganisationRow]) -> list[tuple[int, int]]:
    return _grouped([row.credit_code for row in rows])


def _by_bare(rows: Sequence[OrganisationRow]) -> list[tuple[int, int]]:
    return _grouped([bare_name(row.name) for row in rows])


def _grouped(keys: Sequence[str]) -> list[tuple[int, int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key:
            groups[key].append(place)
    return [pair for places in groups.values() for pair in combinations(places, 2)]


def _by_pieces(rows: Sequence[OrganisationRow]) -> dict[tuple[int, int], float]:
    pieces = [_pieces(bare_name(row.name)) for row in rows]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(pieces):
        for piece in own:
            holders[piece].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        if len(places) <= _COMMON:
            shared.update(combinations(places, 2))
    alike = {}
    for one, other in shared:
        likeness = 2 * len(pieces[one] & pieces[other]) / (len(pieces[one]) + len(pieces[other]))
        if likeness >= ALIKE:
            alike[one, other] = likeness
    return alike


def _pieces(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 2] for start in range(len(text) - 1)) or frozenset((text,))
