"""Stand-ins that live only under tests, so that no setting can choose them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from matching.encoders.base import Vectors
from matching.text import fold


class HashingEncoder:
    """Character n-grams of the folded text hashed into unit rows: deterministic, no model.

    ``encoded`` counts the texts seen, so that a test can say that nothing was encoded.
    """

    def __init__(self, dim: int = 64, family: str = "hashing", fingerprint: str = "hashing-1") -> None:
        self.name, self.dim, self.family, self.fingerprint = "hashing", dim, family, fingerprint
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, shape (len(texts), dim)."""
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.5  # no text is a zero row
            folded = fold(text)
            for width in (1, 2, 3):
                for start in range(len(folded) - width + 1):
                    code = zlib.crc32(folded[start : start + width].encode())
                    row[code % self.dim] += 1.0 if code & 0x10000 else -1.0
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit
