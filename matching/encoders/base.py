"""The one interface every encoder keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors that can be compared.

    ``fingerprint`` changes whenever the same text could give another vector; ``family`` only when
    the model itself is another, not when the same weights run on another processor.
    """

    name: str
    dim: int
    fingerprint: str
    family: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (len(texts), dim)."""
        ...
