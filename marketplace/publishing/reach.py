"""How far a text reaches as it stands: how many counterparts it matches, and what it may repeat."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from marketplace.access import Viewer
from marketplace.desk import Desk, DeskKeeper
from marketplace.finder import ENCODER, Finder
from marketplace.matched import MatchedPages
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import PostingRow
from marketplace.store.changes import last_change, read_value
from marketplace.store.matches import load_snapshot
from marketplace.store.postings import content_hash, load_vectors
from matching import (
    Band,
    CrossMatch,
    Encoder,
    Posting,
    PostingVectors,
    Side,
    VerdictKind,
    compose,
    encode_postings,
    fold,
    prepare,
    shared_segmenter,
)

CANDIDATES = 60
# Where nothing matches well yet, so many of those that may tell what is missing.
CLOSEST = 5
NEAREST = 12
LIKE_SHOWN = 3
# Share of common character pairs from which two texts are called alike.
ALIKE_TITLE, ALIKE_TEXT = 0.6, 0.45
# Cosine after taking away what the whole list has in common.
ALIKE_MEANING = 0.8
LOADING, NOTHING, COUNTED = "loading", "nothing", "counted"
_KEPT = 256
_DRAFT_ID = "\u0000draft"


@dataclass(frozen=True, slots=True)
class Reach:
    """How many counterparts a text matches. ``state`` is loading, nothing (to compare with) or counted.

    ``open_text`` is the requirement most often left open by the good ones, or where there are none by
    those worth a look; ``open_count`` says by how many of the ``open_of`` that were asked.
    """

    state: str
    strong: int = 0
    good: int = 0
    looked_at: int = 0
    open_text: str = ""
    open_count: int = 0
    open_of: int = 0

    @property
    def total(self) -> int:
        """Counterparts that match well or better."""
        return self.strong + self.good


@dataclass(frozen=True, slots=True)
class Likeness:
    """A published posting of the same list that says much the same."""

    key: int
    side: Side
    title: str
    organisation: str
    how: str


class Outlook:
    """Looks from a text at both lists; what was found is kept until a list changes."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder) -> None:
        self._keeper, self._settings, self._finder = keeper, settings, finder
        self._kept: OrderedDict[tuple[str, int, bool, int], tuple[Reach, tuple[Likeness, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, posting: Posting, own_key: int = 0) -> tuple[Reach, tuple[Likeness, ...]]:
        """Return reach and likenesses of a text; ``own_key`` is the posting it revises."""
        mark = (content_hash(posting), last_change(self._keeper.db), self._encoder() is not None, own_key)
        with self._lock:
            if mark in self._kept:
                self._kept.move_to_end(mark)
                return self._kept[mark]
        encoder = self._encoder()
        vectors = encode_postings([posting], encoder)[0] if encoder else None
        found = self._reach(posting, vectors), self._alike(posting, vectors, own_key)
        with self._lock:
            self._kept[mark] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _encoder(self) -> Encoder | None:
        """The encoder, when it is loaded and the one that made the stored vectors."""
        encoder = self._finder.encoder
        stored = read_value(self._keeper.db, ENCODER)
        return encoder if encoder is not None and stored in (None, encoder.fingerprint) else None

    def _reach(self, posting: Posting, vectors: PostingVectors | None) -> Reach:
        if vectors is None:
            return Reach(LOADING)
        db = self._keeper.db
        current = load_snapshot(db)
        rows = self._near(posting.side.other, posting, CANDIDATES)
        others = load_vectors(db, read_value(db, ENCODER) or "", [row.key for row in rows])
        rows = [row for row in rows if row.key in others]
        if current is None or not rows:
            return Reach(NOTHING)
        segmenter = shared_segmenter(self._settings.matching.data_dir / "lexicon")
        own = prepare([replace(posting, id=_DRAFT_ID)], [vectors], segmenter)
        there = prepare([row.posting for row in rows], [others[row.key] for row in rows], segmenter)
        needs, offers = (own, there) if posting.side is Side.OPPORTUNITY else (there, own)
        match = CrossMatch(MatchedPages.model(self._settings.matching), needs, offers, current[3])
        return _count(match, posting)

    def _near(self, side: Side, posting: Posting, limit: int) -> list[PostingRow]:
        texts = compose(posting)
        places, _ = self._finder.search(side, f"{texts.title}\n{texts.body}")
        postings = self._keeper.desk().postings
        best = sorted(places, key=lambda key: places[key])
        return [postings[key] for key in best if key in postings][:limit]

    def _alike(self, posting: Posting, vectors: PostingVectors | None, own_key: int) -> tuple[Likeness, ...]:
        if not posting.title.strip("（）未填写"):
            return ()
        desk = self._keeper.desk()
        found = {one.key: one.how for one in same_titles(desk, posting, own_key)}
        near = self._near(posting.side, posting, NEAREST)
        for row in near:
            if how := _how_alike(posting, row.posting):
                found.setdefault(row.key, how)
        for key in self._same_meaning(posting.side, vectors, near):
            found.setdefault(key, "意思相近")
        return tuple(
            _likeness(desk.postings[key], how) for key, how in found.items() if key != own_key and key in desk.postings
        )[:LIKE_SHOWN]

    def _same_meaning(self, side: Side, vectors: PostingVectors | None, rows: Sequence[PostingRow]) -> list[int]:
        current = load_snapshot(self._keeper.db)
        if vectors is None or current is None:
            return []
        stored = load_vectors(self._keeper.db, read_value(self._keeper.db, ENCODER) or "", [row.key for row in rows])
        mean = current[3].means[str(side)]["whole"]
        own = _unit(_whole(vectors) - mean)
        return [key for key, other in stored.items() if float(own @ _unit(_whole(other) - mean)) >= ALIKE_MEANING]


def seen_by(viewer: Viewer, desk: Desk, likes: Sequence[Likeness]) -> tuple[Likeness, ...]:
    """Return those that this viewer may know of: what is not 主动公开 is named to those it concerns only."""
    sight = Sight(viewer)
    return tuple(one for one in likes if one.key in desk.postings and sight.posting(desk.postings[one.key]))


def same_titles(desk: Desk, posting: Posting, own_key: int = 0) -> tuple[Likeness, ...]:
    """Return the published postings of the same list whose title is the same."""
    title = fold(posting.title)
    rows = (row for row in desk.side(posting.side) if row.key != own_key and fold(row.posting.title) == title)
    return tuple(_likeness(row, "标题相同") for row in rows)[:LIKE_SHOWN]


def _count(match: CrossMatch, posting: Posting) -> Reach:
    listed = posting.side is Side.OPPORTUNITY
    many = len(match.capability_ids if listed else match.opportunity_ids)
    pairs = [match.ranker.pair(*((0, place) if listed else (place, 0))) for place in range(many)]
    bands = Counter(pair.band for pair in pairs)
    strong, good = bands[Band.STRONG], bands[Band.GOOD]
    if not listed:
        return Reach(COUNTED, strong, good, many)
    near = [place for place, pair in enumerate(pairs) if pair.band is not Band.NONE]
    near.sort(key=lambda place: -pairs[place].score)
    asked = near[: (strong + good) or CLOSEST]
    unproven: Counter[int] = Counter()
    for place in asked:
        unproven.update(one.requirement for one in match.verdicts(0, place) if one.kind is not VerdictKind.MET)
    texts = getattr(posting, "requirements", ())
    most = min(unproven, key=lambda one: (-unproven[one], one), default=None)
    shown = texts[most] if most is not None and most < len(texts) else ""
    count = unproven[most] if shown and most is not None else 0
    return Reach(COUNTED, strong, good, many, shown, count, len(asked) if count else 0)


def _how_alike(posting: Posting, other: Posting) -> str:
    if _common(posting.title, other.title) >= ALIKE_TITLE:
        return "标题相近"
    bodies = compose(posting).body, compose(other).body
    return "文字相近" if min(map(len, bodies)) >= 20 and _common(*bodies) >= ALIKE_TEXT else ""


def _common(left: str, right: str) -> float:
    one, two = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (fold(left), fold(right)))
    return len(one & two) / len(one | two) if one and two else 0.0


def _likeness(row: PostingRow, how: str) -> Likeness:
    posting = row.posting
    organisation = str(getattr(posting, "publisher", "") or getattr(posting, "company", ""))
    return Likeness(row.key, posting.side, posting.title, organisation, how)


def _whole(vectors: PostingVectors) -> np.ndarray:
    mean: np.ndarray = (vectors.title + vectors.body) / np.float32(2)
    return mean


def _unit(row: np.ndarray) -> np.ndarray:
    unit: np.ndarray = row / max(float(np.linalg.norm(row)), 1e-9)
    return unit
