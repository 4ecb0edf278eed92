"""Chooses a team as a weighted set cover, solved exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

MAX_MEMBERS = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen columns, lead first, and which rows they cover."""

    members: tuple[int, ...]
    covered: tuple[int, ...]


def choose_team(proof: Any, price: float, max_members: int = MAX_MEMBERS) -> Choice:
    """Return the team that covers best for its size.

    ``proof`` has shape (requirements, capabilities): how surely a capability proves a
    requirement, 0 where it does not. Maximises the sum over requirements of the best member's
    proof minus ``price`` a member, with at most ``max_members``. One that covers all alone so well
    that no requirement is worth a partner's price is a team of one. The lead covers most
    requirements, ties by position. Nothing proves anything: an empty team.
    """
    rows, columns = np.nonzero(proof)
    if not len(rows):
        return Choice((), ())
    alone = np.flatnonzero((proof >= 1 - price).all(axis=0))
    if len(alone):
        return _led(proof, alone[[np.argmax(proof[:, alone].sum(axis=0))]])
    count, pairs = proof.shape[1], len(rows)
    # Variables: one for each capability, then one for each (requirement, capability) that proves.
    # The hair's breadth that grows with position makes the solver choose the first of equals.
    gain = np.concatenate([-price - 1e-7 * np.arange(count), proof[rows, columns]])
    own = np.arange(pairs)
    once = coo_matrix((np.ones(pairs), (rows, count + own)), shape=(proof.shape[0], count + pairs))
    link_rows = np.concatenate([own, own])
    link_columns = np.concatenate([count + own, columns])
    link_values = np.concatenate([np.ones(pairs), -np.ones(pairs)])
    link = coo_matrix((link_values, (link_rows, link_columns)), shape=(pairs, count + pairs))
    size = np.concatenate([np.ones(count), np.zeros(pairs)])[None]
    solution = milp(
        -gain,
        constraints=[LinearConstraint(once, -np.inf, 1), LinearConstraint(link, -np.inf, 0),
                     LinearConstraint(size, 1, max_members)],
        bounds=Bounds(0, 1),
        integrality=np.ones(count + pairs),
    )  # fmt: skip
    if solution.x is None:
        return Choice((), ())
    chosen = np.flatnonzero(solution.x[:count] > 0.5)
    return _led(proof, chosen)


def _led(proof: Any, chosen: Any) -> Choice:
    """Put the lead first and drop members who prove nothing the others do not prove better."""
    best = chosen[np.argmax(proof[:, chosen], axis=1)]
    useful = sorted({int(best[row]) for row in range(proof.shape[0]) if proof[row, chosen].max() > 0})
    lead = max(useful, key=lambda member: (int((proof[:, member] > 0).sum()), -member))
    covered = tuple(int(row) for row in np.flatnonzero(proof[:, useful].max(axis=1) > 0))
    return Choice((lead, *(member for member in useful if member != lead)), covered)
