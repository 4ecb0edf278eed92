"""The second half of an import: rows are mended and decided upon, confirmed, looked at, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from marketplace.access import REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.errors import BadRequestError, ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.imports.files import drop_file
from marketplace.imports.intake import Owner
from marketplace.imports.mending import mended_detail, mended_rows
from marketplace.imports.packing import unpack_row
from marketplace.imports.pages import (
    ADDED,
    CHANGED,
    CHECKED,
    DONE,
    DRAFTS,
    DROPPED,
    IMPORTING,
    PASSED,
    PUBLISH,
    SETTLING,
    UNDONE,
    UPLOADED,
    CheckPage,
    ResultPage,
    RunView,
)
from marketplace.imports.rights import for_any, may_publish, owner_of
from marketplace.imports.undoing import find_obstacle, fresh_vectors, undo_rows
from marketplace.imports.uploading import UploadDesk, is_own
from marketplace.imports.views import rows_page, run_view
from marketplace.jobs import queue_job, start_job
from marketplace.notices import notify
from marketplace.records import SIDE_NAMES
from marketplace.regions import city_of
from marketplace.states import VISIBLE
from marketplace.store.database import now, transaction
from marketplace.store.imports import (
    ImportRow,
    RunRow,
    count_decisions,
    count_states,
    count_undecided,
    count_updates,
    decide_rows,
    load_import_row,
    load_import_rows,
    load_run,
    move_run,
    replace_rows,
    update_row,
    update_run,
)
from marketplace.store.postings import load_rows
from marketplace.store.versions import load_publications
from marketplace.workbooks.checking import BAD, GOOD, TWIN
from marketplace.workbooks.twins import DECISIONS, KEEP, MERGE, SKIP
from matching import Opportunity

CONFIRMABLE = (CHECKED, SETTLING)


class ImportDesk(UploadDesk):
    """Takes lists in, step by step; nothing is written to the marketplace before ``confirm``."""

    def run(self, viewer: Viewer, key: int) -> RunView:
        """Return one import, in whatever state it is."""
        return run_view(self._db, self._run(viewer, key))

    def check_page(self, viewer: Viewer, key: int, *, state: str = "", page: int = 1) -> CheckPage:
        """Return the checked rows, one page of those in ``state``."""
        run = self._find(viewer, key, (CHECKED, SETTLING))
        counts = count_states(self._db, key)
        rows, shown, pages = rows_page(self._db, run, counts, states=(state,) if state else (), page=page)
        updates = count_updates(self._db, key)
        undecided = count_undecided(self._db, key)
        notices = tuple(run.columns.get("notices", ()))
        return CheckPage(
            self._shown(viewer, run), notices, counts, updates, undecided, state, rows, shown, pages,
            may_publish(viewer), count_decisions(self._db, key),
        )  # fmt: skip

    def mend(self, viewer: Viewer, key: int, *, position: int, field: str, value: str, alike: bool = False) -> None:
        """Correct one cell, or with ``alike`` every cell of the column that says the same; check anew."""
        run = self._find(viewer, key, CONFIRMABLE)
        rows = mended_rows(
            self._db, key, run.side, position=position, field=field, value=value, alike=alike,
            owner=self._owner(viewer, run), terms=self._terms(), seal=self._seal,
        )  # fmt: skip
        with transaction(self._db):
            self._still(key, CONFIRMABLE)
            for before, row in rows:
                # Checking takes its time: another's correction of the same row meanwhile must not be lost.
                if load_import_row(self._db, key, row.position) != before:
                    raise StaleError(f"第 {row.row_number} 行刚刚由别人改过，这次没有保存；请看过最新内容再改。")
                update_row(self._db, row)
            # What was written stays out of the log: it may be a contact, and the log is for good.
            detail = mended_detail(rows, run.side, position=position, field=field, alike=alike)
            record_action(self._db, viewer, "import.mended", "import", key, 文件=run.file_name, **detail)

    def decide(self, viewer: Viewer, key: int, *, position: int, decision: str) -> None:
        """Say what becomes of a row that resembles another: merge, keep or skip.

        Raises RefusedError for merging into what belongs to another organisation.
        """
        run = self._find(viewer, key, CONFIRMABLE)
        with transaction(self._db):
            self._still(key, CONFIRMABLE)
            row = load_import_row(self._db, key, position)
            if row is None or row.state != TWIN:
                raise NotFoundError("这一行没有待决定的疑似重复。")
            self._require_decision(viewer, run, decision, [unpack_row(row).twins[0].posting_key])
            decide_rows(self._db, key, decision, position=position)

    def decide_all(self, viewer: Viewer, key: int, decision: str) -> int:
        """Decide alike about all rows nobody has decided about; return how many."""
        run = self._find(viewer, key, CONFIRMABLE)
        with transaction(self._db):
            self._still(key, CONFIRMABLE)
            rows = [row for row in load_import_rows(self._db, key, states=(TWIN,)) if not row.decision]
            self._require_decision(viewer, run, decision, [unpack_row(row).twins[0].posting_key for row in rows])
            return decide_rows(self._db, key, decision)

    def confirm(
        self, viewer: Viewer, key: int, *, how: str, only_good: bool = False, secrecy_checked: bool = False
    ) -> int:
        """Let the checked rows in as drafts for review, or at once; return the key of the job that does it.

        Raises RefusedError while rows are faulty (unless ``only_good``), undecided, or there is nothing to
        import; ForbiddenError when the viewer may not publish.
        """
        run = self._find(viewer, key, CONFIRMABLE)
        self._require_ready(viewer, run, how=how, only_good=only_good, secrecy_checked=secrecy_checked)
        db = self._db
        with transaction(db):
            if not move_run(db, key, CONFIRMABLE, IMPORTING):
                raise StaleError("这次导入已被确认或放弃，没有改动。")
            title = f"导入{SIDE_NAMES[run.side]}清单“{run.file_name}”"
            job = start_job(
                db, "import_rows", title=title, arguments={"import_key": key}, viewer=viewer, link=f"/imports/{key}"
            )
            update_run(db, key, job_key=job, options=run.options | {"how": how})
            detail = {"文件": run.file_name, "方式": "直接发布" if how == PUBLISH else "送审"}
            if secrecy_checked:
                detail["保密审查"] = "已按规定完成"
            record_action(db, viewer, "import.started", "import", key, **detail)
        queue_job(self._settings, job)
        return job

    def result_page(self, viewer: Viewer, key: int, *, state: str = "", page: int = 1) -> ResultPage:
        """Return what an import did, and whether it can be taken back."""
        run = self._find(viewer, key, (IMPORTING, SETTLING, DONE, UNDONE))
        counts = count_states(self._db, key)
        rows, shown, pages = rows_page(self._db, run, counts, states=(state,) if state else (), page=page)
        obstacle = find_obstacle(self._db, run) if run.state in (DONE, SETTLING) else None
        may_undo = run.state in (DONE, SETTLING) and obstacle is None
        return ResultPage(
            self._shown(viewer, run), self._hidden(run), counts, rows, shown, pages, count_undecided(self._db, key),
            may_undo, obstacle,
        )  # fmt: skip

    def undo(self, viewer: Viewer, key: int) -> int:
        """Take the whole import back; return how many postings and drafts that were.

        Raises RefusedError naming the first posting that something was built on.
        """
        run = self._find(viewer, key, (DONE, SETTLING))
        if run.options.get("how") == PUBLISH and not may_publish(viewer):
            raise ForbiddenError("这次导入已直接发布；只有审核员能撤销。")
        if run.options.get("how") == PUBLISH:
            written = load_import_rows(self._db, key, states=(ADDED, CHANGED))
            self._require_places(viewer, [row.posting_key for row in written], "不能撤销这次导入")
        encoder = self._finder.encoder if self._finder else None
        vectors = fresh_vectors(self._db, run, lambda: encoder)
        db = self._db
        with transaction(db):
            if not move_run(db, key, (DONE, SETTLING), UNDONE):
                raise StaleError("这次导入的状态刚刚改变，没有改动。")
            count = undo_rows(db, run, vectors)
            update_run(db, key, finished_at=now())
            record_action(db, viewer, "import.undone", "import", key, 文件=run.file_name, 条数=count)
            notify(
                db,
                [run.account_key],
                kind="import",
                title=f"“{run.file_name}”的导入已撤销",
                body=f"共撤回 {count} 条。",
                link=f"/imports/{key}",
                reason="这是您上传的清单。",
            )
        drop_file(self._settings, key)
        return count

    def drop(self, viewer: Viewer, key: int) -> None:
        """Give an import up before it is confirmed; what was already imported stays, undecided rows do not come in."""
        run = self._find(viewer, key, (UPLOADED, CHECKED, SETTLING))
        with transaction(self._db):
            if not move_run(self._db, key, (run.state,), DONE if run.state == SETTLING else DROPPED):
                raise StaleError("这次导入的状态刚刚改变，没有改动。")
            if run.state == SETTLING:
                for row in load_import_rows(self._db, key, states=(TWIN,)):
                    update_row(self._db, replace(row, state=PASSED, decision=SKIP))
            else:
                replace_rows(self._db, key, [])
            update_run(self._db, key, finished_at=now(), counts=count_states(self._db, key))
            record_action(self._db, viewer, "import.dropped", "import", key, 文件=run.file_name)
        if run.state != SETTLING:
            drop_file(self._settings, key)

    def _owner(self, viewer: Viewer, run: RunRow) -> Owner:
        return owner_of(self._db, viewer, run.organisation_key)

    def _still(self, key: int, states: Sequence[str]) -> None:
        """Pass when the import is still in one of the states, inside a transaction."""
        run = load_run(self._db, key)
        if run is None or run.state not in states:
            raise StaleError("这次导入已被确认或放弃，没有改动。")

    def _require_decision(self, viewer: Viewer, run: RunRow, decision: str, targets: Sequence[int | None]) -> None:
        if decision not in DECISIONS:
            raise BadRequestError(f"没有名为“{decision}”的处理方式；可选：{'、'.join(DECISIONS.values())}。")
        if decision != MERGE or for_any(viewer):
            return
        found = load_publications(self._db, keys=[key for key in targets if key])
        foreign = next((row for row in found if row.organisation_key != run.organisation_key), None)
        if foreign is not None:
            raise RefusedError(
                f"“{foreign.title}”属于别的单位，不能合并；可选择“{DECISIONS[KEEP]}”或“{DECISIONS[SKIP]}”。"
            )

    def _shown(self, viewer: Viewer, run: RunRow) -> RunView:
        return replace(run_view(self._db, run), own=is_own(viewer, run))

    def _require_ready(self, viewer: Viewer, run: RunRow, *, how: str, only_good: bool, secrecy_checked: bool) -> None:
        if how not in (PUBLISH, DRAFTS):
            raise BadRequestError("导入方式只有直接发布和送审两种。")
        counts = count_states(self._db, run.key)
        undecided = count_undecided(self._db, run.key)
        if counts.get(BAD) and not only_good:
            raise RefusedError(f"还有 {counts[BAD]} 行有问题；请先改正，或选择只导入没有问题的行。")
        if undecided:
            raise RefusedError(f"还有 {undecided} 行疑似重复没有决定；请逐行或一并选择合并、都保留或跳过。")
        if not counts.get(GOOD) and not counts.get(TWIN):
            raise RefusedError("没有可以导入的行。")
        if how == PUBLISH:
            if not may_publish(viewer):
                raise ForbiddenError("只有审核员可以直接发布；请选择送审。")
            if viewer.owns(run.organisation_key):
                raise ForbiddenError("本单位的清单不能由本单位的人直接发布；请选择送审，由其他审核员审核。")
            if not secrecy_checked:
                raise RefusedError("请先确认“已按规定完成保密审查”，再直接发布。")
            self._require_districts(viewer, run)

    def _require_districts(self, viewer: Viewer, run: RunRow) -> None:
        """A reviewer of some districts publishes for these only, and over nothing that stands elsewhere."""
        if not viewer.districts.get(REVIEWER):
            return
        rows = load_import_rows(self._db, run.key, states=(GOOD, TWIN))
        for row in rows:
            values = row.record["values"]
            place = str(values.get("district") or values.get("district_or_city") or "")
            if not viewer.serves(REVIEWER, city_of(place), place):
                where = f"第 {row.row_number} 行“{row.title}”所在的“{place or '未注明地区'}”"
                raise ForbiddenError(f"{where}不在您负责的区域，不能直接发布；请选择送审。")
        self._require_places(viewer, [key for row in rows for key in _targets(row)], "不能直接发布；请选择送审")

    def _require_places(self, viewer: Viewer, keys: Sequence[int], advice: str) -> None:
        """Pass when every posting of ``keys`` stands where the reviewer serves."""
        for row in load_rows(self._db, sorted(set(keys))):
            posting = row.posting
            place = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
            if not viewer.serves(REVIEWER, row.region, place):
                raise ForbiddenError(f"已有条目“{posting.title}”不在您负责的区域，{advice}。")

    def _hidden(self, run: RunRow) -> tuple[str, ...]:
        """Say which updated postings stay out of sight because someone took them off."""
        rows = load_import_rows(self._db, run.key, states=("changed", "unchanged"))
        found = load_publications(self._db, keys=[row.posting_key for row in rows])
        hidden = [row.title for row in found if row.state not in VISIBLE]
        if not hidden:
            return ()
        shown = "、".join(f"“{title}”" for title in hidden[:5]) + ("等" if len(hidden) > 5 else "")
        return (f"{len(hidden)} 条此前已撤回或下架，导入没有改变这一点：{shown}。",)


def _targets(row: ImportRow) -> tuple[int, ...]:
    """The stored postings that a row would write over: of its number, or the one it is merged into."""
    merged = unpack_row(row).twins[:1] if row.decision == MERGE else ()
    return tuple(key for key in (int(row.record.get("target") or 0), *(one.posting_key or 0 for one in merged)) if key)
