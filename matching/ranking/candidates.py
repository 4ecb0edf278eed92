"""Which pairs are worth a close look: the nearest by meaning or by words, from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np


def candidate_mask(similarities: list[Any], limit: int) -> Any:
    """Return which pairs are among the ``limit`` best of their row or column in any matrix.

    All matrices have shape (opportunities, capabilities); equal values at the border are taken
    by position, so the mask depends on nothing but the values. ``limit`` 0 takes every pair.
    """
    shape = similarities[0].shape
    if limit == 0 or (shape[0] <= limit and shape[1] <= limit):
        return np.ones(shape, bool)
    mask = np.zeros(shape, bool)
    for matrix in similarities:
        _mark_rows(mask, matrix, limit)
        _mark_rows(mask.T, matrix.T, limit)
    return mask


def _mark_rows(mask: Any, matrix: Any, limit: int) -> None:
    if matrix.shape[1] <= limit:
        mask[:] = True
        return
    for row in range(matrix.shape[0]):
        mask[row, np.argsort(-matrix[row], kind="stable")[:limit]] = True
