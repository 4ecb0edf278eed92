"""The inbox of one person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from marketplace.access import Viewer
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError
from marketplace.notices.telling import CHOSEN, KINDS, how_to_stop
from marketplace.store.database import transaction
from marketplace.store.notices import count_notices, count_unread, find_notice, load_notices, mark_read

PAGE = 20


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice; ``reason`` says why this person gets it, ``stop`` how to end that, or why it does not end.

    ``link`` is a path on this site or empty; ``chosen`` is what the person subscribed to.
    """

    key: int
    kind: str
    kind_label: str
    title: str
    body: str
    link: str
    reason: str
    created_at: str
    read: bool
    stop: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of an inbox, unread notices first; ``page`` counts from 1."""

    notices: tuple[NoticeView, ...]
    unread: int
    total: int
    page: int
    pages: int


class NoticeBook:
    """Notices as their receiver reads them; nobody sees another person's."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def inbox(self, viewer: Viewer, page: int = 1) -> InboxPage:
        """Return one page of the viewer's notices; a page past the end is the last one."""
        db, account = self._keeper.db, viewer.account_key
        total = count_notices(db, account) if viewer.signed_in else 0
        pages = max(1, math.ceil(total / PAGE))
        shown = min(max(1, page), pages)
        rows = load_notices(db, account, limit=PAGE, offset=(shown - 1) * PAGE) if total else []
        return InboxPage(tuple(map(_view, rows)), self.unread(viewer), total, shown, pages)

    def unread(self, viewer: Viewer) -> int:
        """Return how many notices the viewer has not read."""
        return count_unread(self._keeper.db, viewer.account_key) if viewer.signed_in else 0

    def read(self, viewer: Viewer, key: int) -> NoticeView:
        """Mark one notice as read and return it.

        Raises NotFoundError when it is not the viewer's.
        """
        db = self._keeper.db
        row = find_notice(db, viewer.account_key, key) if viewer.signed_in else None
        if row is None:
            raise NotFoundError("没有找到这条消息，可能是链接有误。")
        with transaction(db):
            mark_read(db, viewer.account_key, key)
        return _view(row | {"read_at": row["read_at"] or "now"})

    def read_all(self, viewer: Viewer) -> int:
        """Mark every notice of the viewer as read; return how many were unread."""
        if not viewer.signed_in:
            return 0
        db = self._keeper.db
        with transaction(db):
            return mark_read(db, viewer.account_key)


def _view(row: dict[str, Any]) -> NoticeView:
    return NoticeView(
        row["key"], row["kind"], KINDS.get(row["kind"], "通知"), row["title"], row["body"] or "", row["link"] or "",
        row["reason"], row["created_at"], row["read_at"] is not None,
        how_to_stop(row["kind"]), row["kind"] in CHOSEN,
    )  # fmt: skip
