"""The reviewers' queue: what waits, which file it came with, and what stands out in each text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.access import Viewer
from marketplace.desk import Desk
from marketplace.publishing.checking import check_draft
from marketplace.publishing.deciding import refusal_of
from marketplace.publishing.diffs import written
from marketplace.publishing.fairness import personal_hints
from marketplace.publishing.lines import draft_lines
from marketplace.publishing.pages import DraftLine, ImportGroup, QueueLine, QueuePage, ReviewQuery
from marketplace.publishing.quality import check_quality
from marketplace.publishing.reading import ASSIGNED, read_so_far
from marketplace.publishing.rights import is_author, may_review
from marketplace.publishing.states import IN_QUEUE, WAITING
from marketplace.publishing.together import MOST
from marketplace.records import FIELDS, TermBook
from marketplace.store import Database
from marketplace.store.drafts import DraftRow, import_files, load_drafts
from matching import Side, fold

PAGE = MOST
_NO_FILE = "导入的清单"


def queue_page(
    db: Database, desk: Desk, viewer: Viewer, query: ReviewQuery, terms: TermBook, *, two_step: bool
) -> QueuePage:
    """Return one page of the texts of the viewer's districts; a page past the end is the last."""
    served = [row for row in load_drafts(db, states=IN_QUEUE) if may_review(db, viewer, row)]
    kept = _kept(db, served, query)
    pages = max(1, math.ceil(len(kept) / PAGE))
    page = min(max(1, query.page), pages)
    shown = kept[(page - 1) * PAGE : page * PAGE]
    titles = _Titles(desk, served)
    lines = tuple(
        _line(db, viewer, row, line, terms, titles) for row, line in zip(shown, draft_lines(db, shown), strict=True)
    )
    counts = Counter(row.state for row in served)
    return QueuePage(query, lines, counts, _groups(db, served), len(kept), page, pages, two_step)


def _kept(db: Database, rows: Sequence[DraftRow], query: ReviewQuery) -> list[DraftRow]:
    states = WAITING if not query.state else (query.state,)
    kept = [
        row for row in rows
        if row.state in states and query.side in (None, row.side) and query.import_key in (None, row.import_key)
    ]  # fmt: skip
    if not query.text.strip():
        return kept
    words = fold(query.text)
    named = zip(kept, draft_lines(db, kept), strict=True)
    return [row for row, line in named if words in fold(f"{line.title} {line.organisation_name}")]


def _groups(db: Database, rows: Sequence[DraftRow]) -> tuple[ImportGroup, ...]:
    """The imports with their waiting texts, newest first."""
    waiting = Counter(row.import_key for row in rows if row.import_key and row.state in WAITING)
    keys = sorted({row.import_key for row in rows} - {0}, reverse=True)
    names = import_files(db, keys)
    return tuple(ImportGroup(key, names.get(key) or _NO_FILE, waiting[key]) for key in keys)


class _Titles:
    """How often a title stands in the public lists and in the queue, however it is written."""

    def __init__(self, desk: Desk, rows: Sequence[DraftRow]) -> None:
        self._public: dict[Side, dict[str, list[int]]] = {}
        self._desk = desk
        self._waiting = Counter((row.side, fold(row.title)) for row in rows)

    def same(self, row: DraftRow) -> tuple[int, int]:
        """Published postings and other texts of the queue with the title of a text."""
        title = fold(row.title)
        if not title:
            return 0, 0
        published = [key for key in self._of(row.side).get(title, ()) if key != row.posting_key]
        return len(published), self._waiting[row.side, title] - 1

    def _of(self, side: Side) -> Mapping[str, list[int]]:
        if side not in self._public:
            found: dict[str, list[int]] = {}
            for row in self._desk.side(side):
                found.setdefault(fold(row.posting.title), []).append(row.key)
            self._public[side] = found
        return self._public[side]


def _line(db: Database, viewer: Viewer, row: DraftRow, line: DraftLine, terms: TermBook, titles: _Titles) -> QueueLine:
    record, faults = check_draft(db, row, terms)
    soft = (fault for fault in faults if not fault.blocking)
    published, waiting = titles.same(row)
    refusal = refusal_of(viewer, row)
    return QueueLine(
        line=line,
        stamp=row.stamp,
        score=check_quality(record or read_so_far(row.side, row.values, terms)).score,
        own=is_author(viewer, row),
        text=_text(row.side, row.values),
        faults=tuple(fault for fault in faults if fault.blocking),
        hints=(*soft, *personal_hints(row.side, row.values)),
        same_published=published,
        same_waiting=waiting,
        refusal=refusal,
        passable=not refusal and record is not None and row.state in WAITING,
    )


def _text(side: Side, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the public will read, field by field, as it was typed; the title stands in the line itself."""
    specs = (spec for spec in FIELDS[side] if spec.public and spec.name not in (*ASSIGNED, "title"))
    found = ((spec.label, written(values.get(spec.name))) for spec in specs)
    return tuple((label, words) for label, words in found if words)
