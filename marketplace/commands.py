"""What each command does, on top of the store and the engine."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from marketplace.access import OPERATOR
from marketplace.accounts.commands import run_account
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import MarketError, NotFoundError, RefusedError
from marketplace.exporting import export_list
from marketplace.finder import DIMENSION, ENCODER, ENCODER_NAME, Finder
from marketplace.flagging import refresh_stale_flags
from marketplace.followup.attachments import missing_attachments
from marketplace.importing import import_landings, import_postings, looks_like_landings
from marketplace.imports.command import WorkbookOptions, is_exchange_file, take_workbook
from marketplace.insight.training import export_training
from marketplace.jobs import run_worker
from marketplace.matchkeeper import MatchKeeper
from marketplace.organisations import backfill
from marketplace.reporting import status_page
from marketplace.selection.freezing import find_guard_faults, find_result_faults
from marketplace.selection.rounds import import_rounds, looks_like_rounds
from marketplace.settings import MarketSettings
from marketplace.states import PUBLISHED, WITHDRAWN
from marketplace.store import Database
from marketplace.store.benchmark_cases import objection_files
from marketplace.store.benchmark_files import case_file_names
from marketplace.store.changes import last_change, read_value, write_value
from marketplace.store.database import count_rows, open_database, transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.maintenance import backup_database, find_faults, restore_database
from marketplace.store.matches import forget
from marketplace.store.pairing_events import stored_names
from marketplace.store.postings import find_keys, holds_other_vectors, load_rows, outdated_rows, save_vectors, set_state
from marketplace.terms import take_in_terms
from matching import Encoder, Engine, MatchingError, Side, encode_postings, load_encoder, read_objects, read_postings

Say = Callable[[str], None]
SIDES = {"opportunities": Side.OPPORTUNITY, "capabilities": Side.CAPABILITY}
NAMES = {Side.OPPORTUNITY: "场景机会", Side.CAPABILITY: "场景能力"}
_CHUNK = 20


def run(options: argparse.Namespace, settings: MarketSettings, say: Say) -> int:
    """Run the command that was parsed; return its exit code."""
    if options.command == "restore":
        # The database may be missing or damaged: nothing may try to open it before.
        kept = restore_database(options.file, settings.database)
        say(f"已从 {options.file} 恢复" + (f"；原数据库另存为 {kept}" if kept else ""))
        return 0
    workshop = Workshop(settings, say)
    match options.command:
        case "init":
            added, changed = take_in_terms(workshop.db, settings)
            refresh_stale_flags(workshop.db)
            say(f"分类与字典：新增 {added} 条，更新 {changed} 条；归入单位的条目 {backfill(workshop.db)} 条")
            say(f"数据库已就绪：{settings.database}（最新变更号 {last_change(workshop.db)}）")
        case "import":
            return _import(workshop, options)
        case "withdraw":
            workshop.withdraw(options.id, SIDES.get(options.kind or ""), options.undo)
        case "export" | "training-export":
            _export(workshop, options)
        case "match":
            workshop.match()
        case "work":
            say("后台任务进程已启动。")
            run_worker(workshop)
        case "status":
            workshop.status()
        case "backup":
            backup_database(workshop.db, options.file)
            say(f"已备份到 {options.file}")
        case "check":
            return workshop.check()
        case "account":
            return run_account(options, settings, say)
    return 0


def _export(workshop: Workshop, options: argparse.Namespace) -> None:
    """Write a list, or what use has taught, to a file."""
    if options.command == "export":
        count = export_list(workshop.db, SIDES[options.kind], options.format, options.out)
        workshop.say(f"已导出 {count} 条到 {options.out}")
        return
    done = export_training(workshop.db, options.out)
    pairs = "，".join(f"{grade} {number}" for grade, number in done.pairs.items())
    workshop.say(f"已导出 {done.groups} 组到 {options.out}（{pairs}）；没有归类的 {done.left_out} 对未写入")
    workshop.say(f"各来源的数量见 {done.manifest}")


def _import(workshop: Workshop, options: argparse.Namespace) -> int:
    """Take an exchange file as ever; any other file is read as a workbook."""
    if options.kind in ("landings", "rounds") or is_exchange_file(options.file):
        workshop.take(options.file, options.kind)
        return 0
    asked = WorkbookOptions(SIDES.get(options.kind or ""), options.sheet, options.good_rows, options.keep_twins)
    return take_workbook(workshop, options.file, asked)


class Workshop:
    """A database and, once something needs it, the engine."""

    def __init__(self, settings: MarketSettings, say: Say, encoder: Encoder | None = None) -> None:
        self.settings, self.say = settings, say
        self.db: Database = open_database(settings.database)
        self._encoder = encoder

    def encoder(self, *, renew: bool = False) -> Encoder:
        """Return the encoder, loading it on first use; note in the database which one it is.

        Raises RefusedError when stored vectors come from another one, unless they are to be renewed.
        """
        if self._encoder is None:
            self._encoder = load_encoder(self.settings.matching)
        if not renew and holds_other_vectors(self.db, self._encoder.fingerprint):
            raise RefusedError(
                "库中向量由另一个编码模型生成，不能与现在的混用；请先运行 python -m marketplace match 重新编码。"
                "没有写入任何数据。"
            )
        if read_value(self.db, ENCODER) != self._encoder.fingerprint:
            with transaction(self.db):
                write_value(self.db, ENCODER, self._encoder.fingerprint)
                write_value(self.db, ENCODER_NAME, self._encoder.name)
                write_value(self.db, DIMENSION, str(self._encoder.dim))
        return self._encoder

    def take(self, path: Path, kind: str | None) -> None:
        """Import a file and bring the matches up to date."""
        if kind == "landings" or (kind is None and looks_like_landings(read_objects(path))):
            self.say(f"已导入落地案例 {import_landings(self.db, path)} 条")
            return
        if kind == "rounds" or (kind is None and looks_like_rounds(read_objects(path))):
            years = import_rounds(self.db, path)
            told = "、".join(map(str, years)) or "无（已有的年度不变）"
            self.say(f"已导入评选年度：{told}")
            return
        reading = read_postings(path, SIDES.get(kind or ""))
        for notice in reading.notices:
            self.say("提示：" + notice)
        result = import_postings(self.db, reading, self.encoder, self.say)
        if result.touched:
            # Every posting belongs to an organisation, so that its people find it when they sign in.
            backfill(self.db)
            with transaction(self.db):
                record_action(
                    self.db, OPERATOR, "import.finished", "import", 0,
                    文件=path.name, 新增=result.added, 更新=result.changed,
                )  # fmt: skip
        self.say(f"{NAMES[reading.side]}：新增 {result.added}，更新 {result.changed}，未变 {result.unchanged}")
        if result.still_withdrawn:
            self.say(
                f"提示：{'、'.join(result.still_withdrawn)} 此前已人工撤回，保持撤回；如需公开请用 withdraw --undo。"
            )
        if last_change(self.db) > int(read_value(self.db, "matched_through") or 0):
            scored = self._keeper().run(self.say)
            self.say(f"匹配已更新：重新计算 {scored} 条")

    def withdraw(self, posting_id: str, side: Side | None, undo: bool) -> None:
        """Take a posting off every list and match at once, or bring it back."""
        found = find_keys(self.db, posting_id, side)
        if not found:
            raise NotFoundError(f"没有编号为“{posting_id}”的机会或能力。")
        if len(found) > 1:
            raise RefusedError(f"两份清单都有编号“{posting_id}”；请加 --kind opportunities 或 --kind capabilities。")
        key, own, state = found[0]
        if undo:
            self._bring_back(posting_id, key, own, state)
            return
        if state == WITHDRAWN:
            self.say(f"“{posting_id}”此前已撤回，没有改动。")
            return
        with transaction(self.db):
            current = last_change(self.db) == int(read_value(self.db, "matched_through") or 0)
            set_state(self.db, key, own, WITHDRAWN, None, "")
            record_action(self.db, OPERATOR, "posting.withdrawn", "posting", key, 编号=posting_id)
            broken_teams = forget(self.db, key, own)
            if current and not broken_teams:
                write_value(self.db, "matched_through", str(last_change(self.db)))
        self.say(f"已撤回{NAMES[own]}“{posting_id}”，不再出现在清单和匹配中。")
        if broken_teams:
            self._compose_teams_anew()

    def _compose_teams_anew(self) -> None:
        """Renew the teams that lost a member; a missing encoder must not make a withdrawal fail."""
        try:
            self._keeper().run(self.say)
        except (MarketError, MatchingError) as error:
            self.say(f"提示：含有该条目的联合体建议已隐藏，待下次匹配时更新（{error}）")

    def _bring_back(self, posting_id: str, key: int, side: Side, state: str) -> None:
        if state != WITHDRAWN:
            raise RefusedError(f"“{posting_id}”没有撤回，无需恢复。")
        model = self.encoder()
        vectors = encode_postings([load_rows(self.db, [key])[0].posting], model)[0]
        with transaction(self.db):
            set_state(self.db, key, side, PUBLISHED, vectors, model.fingerprint)
            record_action(self.db, OPERATOR, "posting.restored", "posting", key, 编号=posting_id)
        self._keeper().run(self.say)
        self.say(f"已恢复{NAMES[side]}“{posting_id}”。")

    def match(self) -> None:
        """Encode what the current encoder has not encoded, measure anew and score everything."""
        model = self.encoder(renew=True)
        rows = outdated_rows(self.db, model.fingerprint)
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            vectors = encode_postings([row.posting for row in chunk], model)
            with transaction(self.db):
                for row, own in zip(chunk, vectors, strict=True):
                    save_vectors(self.db, row, own, model.fingerprint)
            self.say(f"已编码 {start + len(chunk)}/{len(rows)}")
        scored = self._keeper().run(self.say, renew=True)
        self.say(f"匹配完成：{scored} 条清单，{count_rows(self.db, 'match')} 对")

    def status(self) -> None:
        """Print what the status page shows."""
        keeper = DeskKeeper(self.settings)
        page = status_page(self.db, self.settings, Finder(self.settings, keeper), keeper.desk())
        self.say(f"编码模型：{page.encoder}（指纹 {page.fingerprint or '无'}）")
        self.say(
            f"机会 {page.opportunities} 条，能力 {page.capabilities} 条，向量 {page.vectors} 组，匹配 {page.matches} 对"
        )
        self.say(f"最新变更 {page.changes}，已匹配到 {page.matched_through}")
        self.say(f"统计快照 {page.snapshot_number}（{page.snapshot_created or '无'}）")
        worker = f"在运行（{page.worker_beat}）" if page.worker_alive else "没有运行"
        self.say(
            f"后台任务进程 {worker}，排队 {page.jobs_queued} 项，处理中 {page.jobs_running} 项；"
            f"有效期检查 {page.fresh_at or '无'}"
        )
        for problem in page.problems:
            self.say("注意：" + problem)

    def check(self) -> int:
        """Print every fault found; return 1 when there is one."""
        faults = find_faults(self.db) + find_office_faults(self.db)
        faults += missing_attachments(
            self.settings, stored_names(self.db) | objection_files(self.db) | case_file_names(self.db)
        )
        faults += find_result_faults(self.db) + find_guard_faults(self.db)
        for fault in faults:
            self.say("错误：" + fault)
        self.say("检查完成：" + (f"{len(faults)} 处错误" if faults else "没有发现错误"))
        return 1 if faults else 0

    def _keeper(self) -> MatchKeeper:
        return MatchKeeper(self.db, Engine.open(self.settings.matching, self.encoder()))
