"""Covers personal data in whatever a landing holds, before it goes onto a public page or into a frozen record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.records.personal import mask_personal


def masked_deep(value: Any) -> Any:
    """Return a value of texts, lists and mappings with every text masked."""
    if isinstance(value, str):
        return mask_personal(value)
    if isinstance(value, Mapping):
        return {key: masked_deep(one) for key, one in value.items()}
    return [masked_deep(one) for one in value] if isinstance(value, Sequence) else value
