"""Gathers approved texts into numbered batches, publishes them and takes publications back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.access import REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.jobs import queue_job, start_job
from marketplace.notices import accounts_of, notify
from marketplace.publishing.clock import recall_until
from marketplace.publishing.lines import draft_lines
from marketplace.publishing.pages import BatchLine, BatchList, BatchMember, BatchPage, NewBatch
from marketplace.publishing.publication import take_back
from marketplace.publishing.rights import may_review, readable_posting, served_draft
from marketplace.publishing.states import (
    APPROVED,
    BATCH_STATES,
    CLOSED,
    DRAFT_STATES,
    OPEN,
    PUBLISHED,
    PUBLISHING,
    RECALLED,
)
from marketplace.records import SIDE_NAMES, batch_label, read_batch
from marketplace.settings import MarketSettings
from marketplace.states import STATES, VISIBLE
from marketplace.store import Database
from marketplace.store.database import now, transaction
from marketplace.store.drafts import DraftRow, load_drafts
from marketplace.store.postings import load_rows
from marketplace.store.versions import (
    BatchRow,
    PublicationRow,
    highest_batch,
    imported_batches,
    insert_batch,
    job_of_batch,
    load_batches,
    load_publications,
    update_batch,
)
from marketplace.terms import TermDesk
from matching import Opportunity, Side

MAX_NUMBER = 999


@dataclass(frozen=True, slots=True)
class BatchForm:
    """What is said about a new batch."""

    side: Side
    number: int
    issuer: str
    document_number: str = ""
    disclosure: str = OPEN


class BatchDesk:
    """Publishes what reviewers have approved, in batches or one by one."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings, self._rules = keeper, settings, settings.publishing
        self._terms = TermDesk(keeper, settings)

    def list_page(self, viewer: Viewer) -> BatchList:
        """Return all batches and how many approved texts of the reviewer's districts wait for one."""
        require(viewer, REVIEWER)
        ready = {side: len(self._ready(viewer, side)) for side in Side}
        return BatchList(tuple(map(self._line, load_batches(self._keeper.db))), ready)

    def new_page(self, viewer: Viewer, side: Side) -> NewBatch:
        """Return what a new batch of a list could hold."""
        require(viewer, REVIEWER)
        db = self._keeper.db
        number = self._next_number(side)
        return NewBatch(
            side, number, _name(number), draft_lines(db, self._ready(viewer, side)), self._disclosures()
        )  # fmt: skip

    def page(self, viewer: Viewer, key: int) -> BatchPage:
        """Return one batch with its postings.

        Raises NotFoundError when there is none.
        """
        require(viewer, REVIEWER)
        batch = self._find(key)
        rows = load_rows(self._keeper.db, [row.key for row in load_publications(self._keeper.db, batch_key=key)])
        members = [
            BatchMember(
                row.key, row.posting.title,
                row.posting.publisher if isinstance(row.posting, Opportunity) else row.posting.company,
                row.posting.listing.index_number or "", row.state, STATES.get(row.state, row.state),
            )
            for row in rows
        ]  # fmt: skip
        ordered = tuple(sorted(members, key=lambda one: one.index_number))
        return BatchPage(self._line(batch), ordered, job_of_batch(self._keeper.db, key))

    def publish(self, viewer: Viewer, form: BatchForm, draft_keys: Sequence[int]) -> tuple[int, int]:
        """Open a batch and start publishing the drafts; return the keys of batch and job.

        The number of a batch that was taken back may be used again. Raises RefusedError saying what is
        wrong with the form or which draft is not approved, NotFoundError for a draft of other districts.
        """
        require(viewer, REVIEWER)
        db = self._keeper.db
        draft_keys = list(dict.fromkeys(draft_keys))
        self._check(form, draft_keys)
        for key in draft_keys:
            row = served_draft(db, viewer, key)
            _require_approved(row)
            if row.side is not form.side:
                raise RefusedError(f"“{row.title}”是{SIDE_NAMES[row.side]}，不能编入{SIDE_NAMES[form.side]}的批次。")
        with transaction(db):
            batch_key = self._open(db, viewer, form)
            name = f"{SIDE_NAMES[form.side]}{_name(form.number)}"
            arguments = {"batch_key": batch_key, "draft_keys": list(draft_keys)}
            job = self._start(db, viewer, f"发布{name}", arguments, f"/batches/{batch_key}")
        queue_job(self._settings, job)
        return batch_key, job

    def publish_one(self, viewer: Viewer, draft_key: int) -> int:
        """Start publishing one approved draft without a batch; return the job's key."""
        require(viewer, REVIEWER)
        db = self._keeper.db
        row = served_draft(db, viewer, draft_key)
        _require_approved(row)
        with transaction(db):
            job = self._start(db, viewer, f"发布“{row.title}”", {"draft_keys": [draft_key]}, "/review")
        queue_job(self._settings, job)
        return job

    def recall(self, viewer: Viewer, key: int) -> int:
        """Take a whole batch back within the first minutes; return how many postings that were.

        Raises RefusedError when it is too late or something was built on one of them, ForbiddenError when one
        lies outside the reviewer's districts.
        """
        require(viewer, REVIEWER)
        db = self._keeper.db
        batch = self._find(key)
        if batch.state != PUBLISHED or not recall_until(batch.published_at, self._rules.recall_minutes):
            raise RefusedError(f"{batch.name}{self._too_late()}")
        members = load_publications(db, batch_key=key)
        for row in load_rows(db, [one.key for one in members]):
            posting = row.posting
            place = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
            if not viewer.serves(REVIEWER, row.region, place):
                raise ForbiddenError(f"{batch.name}中的“{posting.title}”不在您负责的区域，不能撤回这一批。")
        self._take_back(viewer, members, batch)
        return len(members)

    def recall_posting(self, viewer: Viewer, key: int) -> None:
        """Take one publication back within the first minutes: its organisation, or a reviewer of its district.

        Raises NotFoundError for everyone else, RefusedError when it is too late.
        """
        db = self._keeper.db
        readable_posting(db, viewer, key)
        row = load_publications(db, keys=[key])[0]
        if row.state not in VISIBLE or not recall_until(row.published_at, self._rules.recall_minutes):
            raise RefusedError(f"“{row.title}”{self._too_late()}")
        self._take_back(viewer, [row], None)

    def _take_back(self, viewer: Viewer, rows: Sequence[PublicationRow], batch: BatchRow | None) -> None:
        db = self._keeper.db
        jobs = []
        with transaction(db):
            if batch is not None and self._find(batch.key).state != PUBLISHED:
                raise StaleError(f"{batch.name}刚刚已由别人撤回，这次没有改动。")
            for row in rows:
                # Two may press at once: only what still stands as it was read is taken back, and once.
                fresh = load_publications(db, keys=[row.key])
                if not fresh or fresh[0].published_at != row.published_at:
                    raise StaleError(f"“{row.title}”的发布刚刚已有变化，这次没有改动。")
                if take_back(db, viewer, row):
                    title, given = f"恢复“{row.title}”的上一版", {"posting_key": row.key}
                    job = start_job(db, "restore_posting", title=title, arguments=given, viewer=viewer, link="/my")
                    jobs.append(job)
                others = {row.author_key, *accounts_of(db, row.organisation_key)} - {0, viewer.account_key}
                notify(
                    db, sorted(others), kind="publishing", title=f"“{row.title}”的发布已撤回", link="/my",
                    reason="您填写了这条内容，或是其单位的成员。",
                )  # fmt: skip
            if batch is not None:
                update_batch(db, batch.key, state=RECALLED, recalled_at=now())
                record_action(db, viewer, "batch.recalled", "batch", batch.key, 批次=batch.name, 条数=len(rows))
        for job in jobs:
            queue_job(self._settings, job)

    def _too_late(self) -> str:
        return f"发布已超过 {self._rules.recall_minutes} 分钟或不在公开清单中，不能撤回发布；如需停止公开，请下架。"

    def _check(self, form: BatchForm, draft_keys: Sequence[int]) -> None:
        if not draft_keys:
            raise RefusedError("请至少勾选一条待发布的内容。")
        if not 1 <= form.number <= MAX_NUMBER:
            raise RefusedError(f"“批次号”：发现“{form.number}”；应为：1–{MAX_NUMBER} 的整数。")
        if not form.issuer.strip():
            raise RefusedError("“发布机构”：没有填写。")
        if form.disclosure not in self._disclosures():
            allowed = "、".join(self._disclosures())
            raise RefusedError(f"“公开属性”：发现“{form.disclosure}”；应为：{allowed}之一。")

    def _disclosures(self) -> tuple[str, ...]:
        return tuple(label for label in self._terms.book().labels("disclosure") if label != CLOSED) or (OPEN,)

    def _next_number(self, side: Side) -> int:
        """The number after the highest, or the highest itself when that batch was taken back.

        Numbers that imported postings carry for this year are passed over: two batches would look like one.
        """
        db = self._keeper.db
        highest = highest_batch(db, side)
        last = load_batches(db, side=side, number=highest) if highest else []
        free = highest if last and last[0].state == RECALLED else highest + 1
        taken = (name for text in imported_batches(db, side) if (name := read_batch(text)))
        return max(free, *(name.number + 1 for name in taken if name.year in (0, date.today().year)), 0)

    def _open(self, db: Database, viewer: Viewer, form: BatchForm) -> int:
        found = load_batches(db, side=form.side, number=form.number)
        if found and found[0].state != RECALLED:
            free = self._next_number(form.side)
            raise RefusedError(f"{SIDE_NAMES[form.side]}{found[0].name}已经存在；下一个可用的批次号是 {free}。")
        values: dict[str, Any] = {
            "name": _name(form.number), "issuer": form.issuer.strip(), "document_number": form.document_number.strip(),
            "disclosure": form.disclosure, "state": PUBLISHING, "account_key": viewer.account_key,
            "published_on": "", "published_at": "", "recalled_at": "",
        }  # fmt: skip
        if found:
            update_batch(db, found[0].key, **values)
            return found[0].key
        return insert_batch(db, form.side, form.number, values)

    def _start(self, db: Database, viewer: Viewer, title: str, arguments: dict[str, Any], link: str) -> int:
        given = arguments | {"valid_months": self._rules.valid_months}
        return start_job(db, "publish_batch", title=title, arguments=given, viewer=viewer, link=link)

    def _ready(self, viewer: Viewer, side: Side) -> list[DraftRow]:
        db = self._keeper.db
        return [row for row in load_drafts(db, states=[APPROVED]) if row.side is side and may_review(db, viewer, row)]

    def _find(self, key: int) -> BatchRow:
        found = load_batches(self._keeper.db, key=key)
        if not found:
            raise NotFoundError("没有这个批次，可能是链接有误。")
        return found[0]

    def _line(self, batch: BatchRow) -> BatchLine:
        open_until = recall_until(batch.published_at, self._rules.recall_minutes) if batch.state == PUBLISHED else ""
        return BatchLine(
            batch.key, batch.side, batch.number, batch.name, batch.issuer, batch.document_number, batch.disclosure,
            batch.state, BATCH_STATES.get(batch.state, batch.state), batch.published_on,
            len(load_publications(self._keeper.db, batch_key=batch.key)), open_until,
        )  # fmt: skip


def _name(number: int) -> str:
    return batch_label(number, date.today().year)


def _require_approved(row: DraftRow) -> None:
    if row.state != APPROVED:
        raise RefusedError(f"“{row.title}”的状态是“{DRAFT_STATES[row.state]}”，不能发布；只有审核通过的可以。")
