"""Takes a whole import back, while nothing has been built on it."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.errors import RefusedError
from marketplace.imports.pages import ADDED, CHANGED, DRAFTED, MERGED
from marketplace.store import Database
from marketplace.store.changes import read_value
from marketplace.store.drafts import DraftRow, delete_draft, draft_of_posting, load_drafts
from marketplace.store.imports import ImportRow, RunRow, load_import_rows, unlink_rows
from marketplace.store.restoring import forget_versions, model_before, posting_before, posting_state, put_back
from marketplace.store.versions import find_child, remove_posting
from matching import Encoder, PostingVectors, encode_postings

_MODEL = "encoder"


def find_obstacle(db: Database, run: RunRow) -> str | None:
    """Return why an import cannot be taken back, naming the first posting or draft in the way; None when it can."""
    rows = load_import_rows(db, run.key, states=(ADDED, CHANGED, DRAFTED))
    drafted = [row.posting_key for row in rows if row.state == DRAFTED]
    drafts = {draft.key: draft for draft in load_drafts(db, keys=drafted)}
    last: dict[tuple[bool, int], int] = {}
    for row in rows:
        place = (row.state == DRAFTED, row.posting_key)
        last[place] = max(last.get(place, 0), row.revision)
    for row in rows:
        if row.revision != last[row.state == DRAFTED, row.posting_key]:
            # A later row of the same file wrote this posting again; that one is asked.
            continue
        reason = _draft_obstacle(drafts.get(row.posting_key)) if row.state == DRAFTED else _posting_obstacle(db, row)
        if reason:
            return f"第 {row.row_number} 行“{row.title}”{reason}，这次导入不能整体撤销。"
    return None


def undo_rows(db: Database, run: RunRow, vectors: dict[int, tuple[PostingVectors, str]]) -> int:
    """Take back everything a run wrote, inside a transaction; return how many postings and drafts that were.

    ``vectors`` are fresh ones by posting key where the packed ones come from another encoder. Raises
    RefusedError when something was built on it.
    """
    obstacle = find_obstacle(db, run)
    if obstacle:
        raise RefusedError(obstacle)
    rows = load_import_rows(db, run.key, states=(ADDED, CHANGED, DRAFTED))
    # The last write first: a posting that two rows wrote goes back step by step.
    for row in sorted(rows, key=lambda row: row.revision, reverse=True):
        if row.state == DRAFTED:
            for draft in load_drafts(db, keys=[row.posting_key]):
                delete_draft(db, draft)
        elif row.state == ADDED:
            remove_posting(db, row.posting_key, run.side)
            forget_versions(db, row.posting_key)
        else:
            put_back(db, row.before, vectors.get(row.posting_key))
    unlink_rows(db, run.key, (ADDED, DRAFTED, MERGED))
    return len(rows)


def fresh_vectors(
    db: Database, run: RunRow, encoder: Callable[[], Encoder | None]
) -> dict[int, tuple[PostingVectors, str]]:
    """Encode anew the earlier texts whose packed vectors come from another encoder than the database's.

    Raises RefusedError when the encoder is not there.
    """
    model = read_value(db, _MODEL) or ""
    foreign = [
        row for row in load_import_rows(db, run.key, states=(CHANGED,)) if model_before(row.before) not in ("", model)
    ]
    if not foreign:
        return {}
    ready = encoder()
    if ready is None:
        raise RefusedError("匹配引擎尚未就绪，暂时不能撤销；请稍后再试。没有改动任何数据。")
    vectors = encode_postings([posting_before(row.before) for row in foreign], ready)
    return {row.posting_key: (own, ready.fingerprint) for row, own in zip(foreign, vectors, strict=True)}


def _posting_obstacle(db: Database, row: ImportRow) -> str:
    found = posting_state(db, row.posting_key)
    if found is None:
        return "写入的条目已不存在"
    if found[1] != row.revision:
        return "导入后又修改过"
    if draft_of_posting(db, row.posting_key):
        return "有修改稿正在办理"
    child = find_child(db, row.posting_key)
    return f"已有{child}" if child else ""


def _draft_obstacle(draft: DraftRow | None) -> str:
    if draft is None:
        return "送审的稿件已发布或删除"
    return "" if draft.state == "review" and draft.stamp == 1 else "送审的稿件已被办理"
