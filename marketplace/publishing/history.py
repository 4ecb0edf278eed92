"""Every published text of a posting, and two of them compared."""

from __future__ import annotations

from marketplace.access import Viewer
from marketplace.errors import NotFoundError
from marketplace.publishing.diffs import FieldChange, field_changes, values_of
from marketplace.publishing.lines import SYSTEM, review_notes
from marketplace.publishing.pages import HistoryPage, VersionLine
from marketplace.publishing.rights import readable_posting
from marketplace.store import Database
from marketplace.store.drafts import account_names
from marketplace.store.versions import VersionRow, load_batches, load_versions


def history_page(db: Database, viewer: Viewer, posting_key: int, before: int, after: int) -> HistoryPage:
    """Return the history of a posting for its organisation or a reviewer of its district.

    Raises NotFoundError for everyone else, and for a version that does not exist.
    """
    row = readable_posting(db, viewer, posting_key)
    versions = load_versions(db, posting_key, row.posting.side)
    numbers = [version.number for version in versions]
    newer = after or (numbers[0] if numbers else 0)
    older = before or next((number for number in numbers if number < newer), newer)
    by_number = {version.number: version for version in versions}
    if versions and not {older, newer} <= by_number.keys():
        raise NotFoundError("没有这个版本，可能是链接有误。")
    changes: tuple[FieldChange, ...] = ()
    if versions:
        left, right = values_of(by_number[older].posting), values_of(by_number[newer].posting)
        changes = field_changes(row.posting.side, left, right)
    return HistoryPage(
        posting_key, row.posting.side, row.posting.title, _lines(db, versions), older, newer, changes,
        review_notes(db, posting_key=posting_key), row.posting,
    )  # fmt: skip


def _lines(db: Database, versions: list[VersionRow]) -> tuple[VersionLine, ...]:
    names = account_names(db, {version.account_key for version in versions})
    batches = {batch.key: batch.name for batch in load_batches(db)} if versions else {}
    return tuple(
        VersionLine(
            version.number, version.at, names.get(version.account_key, SYSTEM), version.note,
            batches.get(version.batch_key, ""),
        )
        for version in versions
    )  # fmt: skip
