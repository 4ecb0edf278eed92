"""Finds rows that say what another row or a stored posting already says; people decide what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from matching import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

BY_ID, BY_TITLE, BY_TEXT, BY_MEANING = "编号相同", "标题相同", "文字相似", "意思相近"
MERGE, KEEP, SKIP = "merge", "keep", "skip"
DECISIONS = {MERGE: "合并", KEEP: "都保留", SKIP: "跳过"}
# Measured on the sample lists with reworded copies: of different postings the nearest reach 0.48 and 0.71.
LIKE_TEXT, LIKE_MEANING = 0.6, 0.78
# Too few vectors have no centre worth taking off; without that all lie close, and only copies count.
_CENTRED, _LIKE_BARE = 20, 0.97
_SHOWN, _READ, _LEAST_NAME = 3, 120, 0.35
_WIDTH, _SIGN_BITS = 3, 21
# A run of characters in more texts than this tells nothing about one of them, and makes the product dense.
_COMMON, _CANDIDATE, _LOOKED_AT, _BLOCK = 200, 0.3, 10, 1000
_GAP = re.compile(r"[\W_]+")
_BRACKET = re.compile(r"[（(【\[].*?[)）】\]]")


@dataclass(frozen=True, slots=True)
class Twin:
    """What a row resembles: a stored posting by key, or an earlier row of the file by its number.

    ``likeness`` runs from 0 to 1; ``how`` says by what.
    """

    posting_key: int | None
    row_number: int | None
    title: str
    organisation: str
    likeness: float
    how: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting as it is compared: a stored one has a ``key``, a row of the file a number."""

    key: int | None
    row_number: int | None
    title: str
    organisation: str
    text: str

    def twin(self, likeness: float, how: str) -> Twin:
        """Return this entry as what another one resembles."""
        return Twin(self.key, self.row_number, self.title, self.organisation, round(likeness, 3), how)


def find_twins(
    rows: Sequence[Entry], stored: Sequence[Entry], only: Collection[int] | None = None
) -> dict[int, tuple[Twin, ...]]:
    """Return by place in ``rows`` what each row resembles: stored postings and earlier rows, likest first.

    With ``only`` just the rows at these places are compared, with every other row, earlier and later.
    """
    entries = [*stored, *rows]
    first = len(stored)
    found: dict[int, dict[int, Twin]] = {}

    def add(place: int, other: int, likeness: float, how: str) -> None:
        found.setdefault(place - first, {}).setdefault(other, entries[other].twin(likeness, how))

    keys = [title_key(entry.title) for entry in entries]
    names = [_key(entry.organisation) for entry in entries]
    texts = [_key(entry.text[:_READ]) for entry in entries]
    places = range(first, len(entries)) if only is None else sorted(first + row for row in only)
    for place, other in _equal_titles(keys, names, places, later=only is not None):
        add(place, other, 1.0, BY_TITLE)
    shapes = _Shapes(keys, texts)
    for place, other in _candidates(keys, texts, places, later=only is not None):
        likeness = shapes.likeness(place, other)
        if likeness >= LIKE_TEXT:
            add(place, other, likeness, BY_TEXT)
    return {place: _best(twins.values()) for place, twins in found.items()}


def near_in_meaning(
    rows: NDArray[np.float32], others: NDArray[np.float32], *, triangle: bool = False
) -> list[tuple[int, int, float]]:
    """Return (row, other, likeness) of the pairs that mean nearly the same, by cosine of centred vectors.

    With ``triangle`` both are the same list and each row is compared with those before it only.
    """
    if not len(rows) or not len(others):
        return []
    enough = len(others) >= _CENTRED
    centre = others.mean(axis=0) if enough else np.zeros(rows.shape[1], np.float32)
    least = LIKE_MEANING if enough else _LIKE_BARE
    left, right = _unit(rows - centre), _unit(others - centre)
    pairs = []
    for start in range(0, len(left), _BLOCK):
        cosine = left[start : start + _BLOCK] @ right.T
        for row, other in np.argwhere(cosine >= least):
            if not triangle or other < start + row:
                pairs.append((int(start + row), int(other), float(min(1.0, cosine[row, other]))))
    return pairs


class Meanings:
    """Vectors that new ones are compared with, growing as rows come in; each compared by cosine from the centre."""

    def __init__(self, rows: Sequence[NDArray[np.float32]], dim: int) -> None:
        self._rows = np.zeros((max(_BLOCK, len(rows)), dim), np.float32)
        self._squares, self._sum, self._count = np.zeros(len(self._rows), np.float32), np.zeros(dim), 0
        self.add(np.stack(rows) if rows else np.zeros((0, dim), np.float32))

    def add(self, rows: NDArray[np.float32]) -> None:
        """Take more vectors in, shape (rows, dim)."""
        start, self._count = self._count, self._count + len(rows)
        while self._count > len(self._rows):
            # Twice the room: the rows of a long file must not be copied for each that comes in.
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._squares = np.concatenate([self._squares, np.zeros_like(self._squares)])
        self._rows[start : self._count] = rows
        self._squares[start : self._count] = (rows * rows).sum(axis=1)
        self._sum += rows.sum(axis=0)

    def cut(self, count: int) -> None:
        """Forget all but the first ``count``."""
        self._sum -= self._rows[count : self._count].sum(axis=0)
        self._count = count

    def near(self, rows: NDArray[np.float32]) -> list[tuple[int, int, float]]:
        """Return (row, other, likeness) as ``near_in_meaning`` does, ``others`` being what was taken in."""
        if not len(rows) or not self._count:
            return []
        enough = self._count >= _CENTRED
        centre = (self._sum / self._count).astype(np.float32) if enough else np.zeros(rows.shape[1], np.float32)
        left, others = rows - centre, self._rows[: self._count]
        # |other - centre|² multiplied out, so that the long matrix is read but never copied.
        lengths = np.sqrt(np.maximum(self._squares[: self._count] - 2 * (others @ centre) + centre @ centre, 1e-18))
        cosine = (left @ others.T - (left @ centre)[:, None]) / lengths
        cosine /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
        places = np.argwhere(cosine >= (LIKE_MEANING if enough else _LIKE_BARE))
        return [(int(row), int(other), float(min(1.0, cosine[row, other]))) for row, other in places]


def title_key(title: str) -> str:
    """Return a name as it is compared: folded, without signs, spaces and what stands in brackets."""
    return _GAP.sub("", _BRACKET.sub("", fold(title))) or _key(title)


def _key(text: str) -> str:
    return _GAP.sub("", fold(text))


def _best(twins: Collection[Twin]) -> tuple[Twin, ...]:
    return tuple(sorted(twins, key=lambda twin: (-twin.likeness, twin.row_number or 0, twin.posting_key or 0))[:_SHOWN])


def _equal_titles(
    keys: Sequence[str], names: Sequence[str], places: Sequence[int], *, later: bool
) -> Iterator[tuple[int, int]]:
    """Pairs of a row and an earlier (or with ``later`` any other) entry of the same name and organisation."""
    alike: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        have = alike.setdefault(key, [])
        if len(have) < _COMMON:
            have.append(place)
    for place in places:
        others = (one for one in alike[keys[place]] if one < place or (later and one > place))
        yield from islice(((place, one) for one in others if _equal(keys, names, place, one)), _SHOWN)


def _equal(keys: Sequence[str], names: Sequence[str], one: int, other: int) -> bool:
    """Whether two entries have one name and one organisation; a missing organisation may be any."""
    if keys[one] != keys[other] or not keys[one]:
        return False
    return not names[one] or not names[other] or names[one] == names[other]


class _Shapes:
    """Pairs of characters of names and texts, made when a pair is looked at closely."""

    def __init__(self, keys: Sequence[str], texts: Sequence[str]) -> None:
        self._keys, self._texts = keys, texts
        self._kept: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def likeness(self, one: int, other: int) -> float:
        """Half the name, half the text: firms put one introduction into every row, and needs share names."""
        (titles, texts), (other_titles, other_texts) = self._of(one), self._of(other)
        name = _overlap(titles, other_titles)
        if not texts or not other_texts:
            # With names alone only nearly equal ones count.
            return name - 0.2
        if name < _LEAST_NAME:
            return 0.0
        return 0.5 * name + 0.5 * _overlap(texts, other_texts)

    def _of(self, place: int) -> tuple[frozenset[str], frozenset[str]]:
        if place not in self._kept:
            self._kept[place] = _pairs(self._keys[place]), _pairs(self._texts[place])
        return self._kept[place]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 2] for start in range(len(text) - 1))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / float(np.sqrt(len(one) * len(other))) if one and other else 0.0


def _candidates(
    keys: Sequence[str], texts: Sequence[str], places: Sequence[int], *, later: bool
) -> Iterator[tuple[int, int]]:
    """Pairs of a row and an earlier (or with ``later`` any other) entry that share enough rare runs of characters."""
    if len(keys) < 2 or not places or not any((*keys, *texts)):
        return
    from scipy import sparse

    counts = _runs([f" {key} {text}" for key, text in zip(keys, texts, strict=True)])
    spread = np.asarray(counts.sum(axis=0)).ravel()
    # A run that stands in one text only joins nothing.
    useful = np.flatnonzero((spread > 1) & (spread <= max(_COMMON, 20)))
    if not len(useful):
        return
    weights = np.log(len(keys) / spread[useful]) + 1
    weighted = (counts[:, useful] @ sparse.diags(weights)).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    rare = (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ weighted).astype(np.float32).tocsr()
    turned = rare.T.tocsr()
    asked = np.asarray(places)
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        product = (rare[block] @ turned).tocoo()
        rows = block[product.row]
        near = (product.data >= _CANDIDATE) & ((product.col != rows) if later else (product.col < rows))
        likest = np.lexsort((-product.data[near], rows[near]))
        ones, others = rows[near][likest], product.col[near][likest]
        # Of a row's candidates the likest few are enough: one that is a twin is among them.
        few = np.arange(len(ones)) - np.searchsorted(ones, ones) < _LOOKED_AT
        yield from zip(ones[few].tolist(), others[few].tolist(), strict=True)


def _runs(texts: Sequence[str]) -> Any:
    """A sparse table with a row for each text and a one for each run of characters in it.

    A run is written as one number, so that a whole file is counted at once.
    """
    from scipy import sparse

    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    signs = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    owners = np.repeat(np.arange(len(texts)), lengths)
    last = max(0, len(signs) - _WIDTH + 1)
    runs = np.zeros(last, np.int64)
    for place in range(_WIDTH):
        runs = (runs << _SIGN_BITS) | signs[place : place + last]
    # A run that begins in one text and ends in the next is none.
    whole = owners[:last] == owners[len(signs) - last :]
    kinds, columns = np.unique(runs[whole], return_inverse=True)
    shape = (len(texts), len(kinds))
    table = sparse.csr_matrix((np.ones(len(columns), np.float32), (owners[:last][whole], columns)), shape)
    # Said twice is said once.
    table.data[:] = 1
    return table


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result
