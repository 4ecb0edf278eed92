"""Makes one organisation of two and, when that was wrong, two of one again."""

from __future__ import annotations

from marketplace.access import ADMIN, REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError
from marketplace.organisations.lookalikes import find_pairs
from marketplace.organisations.naming import find_named
from marketplace.organisations.pages import Lookalike, view_organisation
from marketplace.organisations.reach import in_reach, reached
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.store import transaction
from marketplace.store.merges import (
    close_merge,
    insert_merge,
    load_merge,
    move_back,
    move_belongings,
    undone_pairs,
)
from marketplace.store.organisations import (
    OrganisationRow,
    count_postings,
    live_organisations,
    renew_desks,
    update_organisation,
)

SUBJECT = "organisation"
MAX_LOOKALIKES = 100


class MergeDesk:
    """Merges organisations for reviewers and administrators; each merge can be undone."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def lookalikes(self, viewer: Viewer) -> tuple[Lookalike, ...]:
        """Return pairs that may be one organisation, most alike first; pairs taken apart before are left out."""
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        rows = [row for row in live_organisations(db) if in_reach(viewer, row)]
        apart = undone_pairs(db)
        pairs = [pair for pair in find_pairs(rows) if frozenset((pair[0].key, pair[1].key)) not in apart]
        shown = pairs[:MAX_LOOKALIKES]
        counts = count_postings(db, sorted({row.key for pair in shown for row in pair[:2]}))
        found = []
        for one, other, why, likeness in shown:
            first, second = sorted((one, other), key=lambda row: (-_weight(row, counts), row.key))
            views = [view_organisation(row, counts.get(row.key, 0)) for row in (first, second)]
            found.append(Lookalike(views[0], views[1], why, likeness))
        return tuple(found)

    def merge_named(self, viewer: Viewer, kept: int, other: str) -> int:
        """Merge the organisation of a name or credit code into ``kept``; return the key of the merge.

        Raises FaultyError (field other) when the text does not mean exactly one organisation.
        """
        require(viewer, REVIEWER, ADMIN)
        found = [row for row in find_named(self._keeper.db, other) if in_reach(viewer, row) and row.key != kept]
        if len(found) != 1:
            short = other.strip()[:40]
            says = (
                f"有 {len(found)} 个单位叫“{short}”；请改填统一社会信用代码。"
                if found
                else f"没有找到另一个名为“{short}”的单位；请填单位全称或统一社会信用代码。"
            )
            raise FaultyError(says, [Fault("other", "要并入的单位", short, says)])
        return self.merge(viewer, kept, found[0].key)

    def merge(self, viewer: Viewer, kept: int, merged: int) -> int:
        """Move everything of ``merged`` to ``kept``, whose links it leads to from now on; return the key of the merge.

        Raises RefusedError when one of them is merged already or their credit codes differ.
        """
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        with transaction(db):
            one, other = reached(db, viewer, kept, exact=True), reached(db, viewer, merged, exact=True)
            _refuse_unfit(one, other)
            moved = move_belongings(db, merged, kept)
            moved["kept"] = news = _news(one, other)
            update_organisation(db, kept, **{column: after for column, (_, after) in news.items()})
            update_organisation(db, merged, merged_into=kept)
            key = insert_merge(db, kept, merged, moved, viewer.account_key)
            renew_desks(db)
            record_action(
                db, viewer, "organisation.merged", SUBJECT, kept, 保留=one.name, 并入=other.name,
                移动=_moved_words(moved),
            )  # fmt: skip
        return key

    def undo_merge(self, viewer: Viewer, key: int) -> int:
        """Give the merged organisation back what it had; return the key of the one that was kept.

        Raises NotFoundError for an unknown merge, RefusedError when it was undone or overtaken by a later one.
        """
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        with transaction(db):
            merge = load_merge(db, key)
            if merge is None:
                raise NotFoundError("没有找到这次合并，可能是链接有误。")
            kept = reached(db, viewer, merge.kept_key, exact=True)
            merged = reached(db, viewer, merge.merged_key, exact=True)
            if merge.undone_at:
                raise RefusedError("这次合并已经撤销，没有改动。")
            if kept.merged_into:
                raise RefusedError(f"“{kept.name}”后来又并入了别的单位；请先撤销后来那次合并。")
            move_back(db, merge.moved, merged.key, kept.key)
            back = {
                column: before
                for column, (before, after) in merge.moved["kept"].items()
                # What someone has changed since is not taken back.
                if getattr(kept, column) == after
            }
            update_organisation(db, kept.key, **back)
            update_organisation(db, merged.key, merged_into=0)
            close_merge(db, key)
            renew_desks(db)
            record_action(
                db, viewer, "organisation.merge_undone", SUBJECT, kept.key, 保留=kept.name, 恢复=merged.name,
                移动=_moved_words(merge.moved),
            )  # fmt: skip
        return kept.key


def _weight(row: OrganisationRow, counts: dict[int, int]) -> int:
    """Who has more to it: an account behind it, a checked code, postings."""
    return 1000 * row.claimed + 500 * row.verified + 100 * bool(row.credit_code) + min(99, counts.get(row.key, 0))


def _refuse_unfit(kept: OrganisationRow, merged: OrganisationRow) -> None:
    if kept.key == merged.key:
        raise RefusedError("不能把单位并入它自己；请选择另一个单位。")
    for row in (kept, merged):
        if row.merged_into:
            raise RefusedError(f"“{row.name}”已并入别的单位，不能再合并。")
    if kept.credit_code and merged.credit_code and kept.credit_code != merged.credit_code:
        raise RefusedError(f"“{kept.name}”与“{merged.name}”的统一社会信用代码不同，是两个单位，不能合并。")


def _news(kept: OrganisationRow, merged: OrganisationRow) -> dict[str, tuple[object, object]]:
    """Return what the kept organisation learns from the other: column → (before, after)."""
    news: dict[str, tuple[object, object]] = {
        column: (getattr(kept, column), getattr(merged, column))
        for column in ("credit_code", "district", "kind", "size")
        if not getattr(kept, column) and getattr(merged, column)
    }
    if merged.claimed and not kept.claimed:
        news["claimed"] = (False, True)
    return news


def _moved_words(moved: dict[str, object]) -> str:
    names = {"posting": "条目", "draft": "草稿", "membership": "成员", "import_run": "导入", "claim": "认领申请"}
    counts = ((label, moved[name]) for name, label in names.items())
    words = [f"{label} {len(found)}" for label, found in counts if isinstance(found, list) and found]
    return "、".join(words) or "无"


def moved_count(moved: dict[str, object]) -> int:
    """Return how many postings a merge moved."""
    postings = moved.get("posting")
    return len(postings) if isinstance(postings, list) else 0
