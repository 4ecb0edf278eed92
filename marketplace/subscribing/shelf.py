"""The room of saved searches: a list as filtered, kept under a name."""

from __future__ import annotations

from datetime import date

from marketplace import lists
from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError, RefusedError
from marketplace.finder import Finder
from marketplace.pages import ListQuery
from marketplace.records import SIDE_NAMES
from marketplace.store.database import transaction
from marketplace.store.subscriptions import (
    SavedSearchRow,
    delete_search,
    insert_search,
    load_search,
    load_searches,
    rename_search,
)
from marketplace.subscribing.pages import WEEKS, SearchPageView, Volume
from marketplace.subscribing.searches import (
    MAX_NAME,
    conditions_of,
    found_rows,
    pack_query,
    suggested_name,
    unpack_query,
)
from marketplace.subscribing.weeks import last_weeks

SUBJECT = "saved_search"
# Nobody needs more, and a program that saves without end must stop somewhere.
MAX_SEARCHES = 100


class SearchShelf:
    """Saved searches as their owner sees them; nobody sees another person's."""

    def __init__(self, keeper: DeskKeeper, finder: Finder) -> None:
        self._keeper, self._finder = keeper, finder

    def new_page(self, viewer: Viewer, query: ListQuery) -> SearchPageView:
        """Return the form that keeps a list as filtered, with a name proposed."""
        conditions = conditions_of(self._keeper.desk(), query)
        name = suggested_name(conditions, SIDE_NAMES[query.side])
        return SearchPageView(0, name, query, conditions, self._volume(query))

    def page(self, viewer: Viewer, key: int) -> SearchPageView:
        """Return one saved search. Raises NotFoundError when it is not the viewer's."""
        row = self._find(viewer, key)
        query = unpack_query(row.side, row.query)
        return SearchPageView(key, row.name, query, conditions_of(self._keeper.desk(), query), self._volume(query))

    def save(self, viewer: Viewer, query: ListQuery, name: str) -> int:
        """Keep a list as filtered under a name; return its key, of the one that is there when the same is sent twice.

        Raises RefusedError without a name, or when the name is in use for another search.
        """
        name, packed, db = _named(name), pack_query(query), self._keeper.db
        if query.order not in lists.ORDERS:
            raise RefusedError("这个列表的排序方式不存在，没有保存；请回到清单重新筛选。")
        with transaction(db):
            kept = load_searches(db, viewer.account_key)
            same = next((one for one in kept if one.name == name), None)
            if same is not None:
                if (same.side, same.query) == (query.side, packed):
                    return same.key
                raise RefusedError(f"“名称”：已经有一个叫“{name}”的搜索；请换一个名称。")
            if len(kept) >= MAX_SEARCHES:
                raise RefusedError(f"已保存 {MAX_SEARCHES} 个搜索，到了上限；请先删除不用的。")
            key = insert_search(db, viewer.account_key, query.side, name, packed)
            record_action(db, viewer, "search.saved", SUBJECT, key, 名称=name)
            return key

    def rename(self, viewer: Viewer, key: int, name: str) -> None:
        """Give a saved search another name.

        Raises NotFoundError when it is not the viewer's, RefusedError when the name is empty or in use.
        """
        name, db = _named(name), self._keeper.db
        with transaction(db):
            row = self._find(viewer, key)
            if row.name == name:
                return
            if any(one.name == name for one in load_searches(db, viewer.account_key)):
                raise RefusedError(f"“名称”：已经有一个叫“{name}”的搜索；请换一个名称。")
            rename_search(db, key, name)
            record_action(db, viewer, "search.renamed", SUBJECT, key, 原名称=row.name, 名称=name)

    def delete(self, viewer: Viewer, key: int) -> None:
        """Delete a saved search with its subscription. Raises NotFoundError when it is not the viewer's."""
        db = self._keeper.db
        with transaction(db):
            row = self._find(viewer, key)
            delete_search(db, key)
            record_action(db, viewer, "search.deleted", SUBJECT, key, 名称=row.name)

    def _volume(self, query: ListQuery) -> Volume:
        window = last_weeks(WEEKS, date.today())
        rows = found_rows(self._keeper.desk(), self._finder, query, lambda row: window.holds(row.published_on))
        return Volume(len(rows), len({row.published_on for row in rows}))

    def _find(self, viewer: Viewer, key: int) -> SavedSearchRow:
        row = load_search(self._keeper.db, key) if viewer.signed_in else None
        if row is None or row.account_key != viewer.account_key:
            raise NotFoundError("没有找到这个保存的搜索，可能已经删除。")
        return row


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise RefusedError(f"“名称”：没有填写；应为：1–{MAX_NAME} 个字。")
    if len(plain) > MAX_NAME:
        raise RefusedError(f"“名称”：有 {len(plain)} 个字；应为：1–{MAX_NAME} 个字。")
    return plain
