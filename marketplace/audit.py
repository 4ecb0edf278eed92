"""Writes down who did what, and shows it to auditors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from marketplace.access import AUDITOR, ROLES, Viewer, require
from marketplace.days import BEIJING
from marketplace.desk import DeskKeeper
from marketplace.records.personal import mask_personal
from marketplace.store import Database
from marketplace.store.audit import all_entries, append_entries, find_chain_fault, load_entries
from marketplace.store.changes import read_value

PAGE = 50
# What each action is called on the page; an action missing here cannot be recorded.
ACTIONS = {
    "account.sign_in": "登录",
    "account.sign_in_failed": "登录失败",
    "account.locked": "账号锁定",
    "account.unlocked": "解除锁定",
    "account.sign_out": "退出",
    "account.created": "新建账号",
    "account.disabled": "停用账号",
    "account.enabled": "启用账号",
    "account.password_changed": "修改密码",
    "account.password_reset": "重置密码",
    "role.granted": "授予身份",
    "role.revoked": "收回身份",
    "organisation.created": "新建单位",
    "organisation.changed": "修改单位",
    "organisation.verified": "核实单位",
    "organisation.merged": "合并单位",
    "organisation.merge_undone": "撤销合并",
    "organisation.claim_asked": "申请认领单位",
    "organisation.claim_approved": "通过认领",
    "organisation.claim_refused": "不通过认领",
    "draft.created": "新建草稿",
    "draft.discarded": "删除草稿",
    "draft.submitted": "送审",
    "draft.recalled": "撤回送审",
    "draft.returned": "退回",
    "draft.approved": "审核通过",
    "draft.secrecy_checked": "保密审查",
    "posting.published": "发布",
    "posting.recalled": "撤回发布",
    "posting.off_shelf": "下架",
    "posting.restored": "重新上架",
    "posting.confirmed": "确认有效",
    "posting.withdrawn": "撤回条目",
    "batch.published": "发布批次",
    "batch.recalled": "撤回批次",
    "import.uploaded": "上传清单",
    "import.mended": "改正待导入的内容",
    "import.started": "开始导入",
    "import.finished": "完成导入",
    "import.undone": "撤销导入",
    "import.dropped": "放弃导入",
    "job.retried": "重试任务",
    "pairing.opened": "建立对接",
    "pairing.moved": "推进对接",
    "pairing.paused": "搁置对接",
    "pairing.resumed": "恢复对接",
    "pairing.failed": "对接未成",
    "pairing.undone": "撤销对接操作",
    "pairing.assigned": "指派撮合员",
    "pairing.step": "安排下一步",
    "pairing.noted": "登记对接记录",
    "pairing.effect": "登记成效",
    "pairing.revisited": "登记回访",
    "pairing.attached": "上传对接附件",
    "intent.saved": "保存答复草稿",
    "intent.sent": "发送答复",
    "intent.revised": "修订答复",
    "intent.withdrawn": "撤回答复",
    "intent.opened": "统一打开答复",
    "intent.rules": "修改答复设置",
    "question.asked": "提问",
    "question.answered": "公布问答",
    "question.returned": "退回提问",
    "consent.asked": "提出交换联系方式",
    "consent.passed": "转达联系方式请求",
    "consent.given": "同意交换联系方式",
    "consent.declined": "不同意交换联系方式",
    "consent.withdrawn": "撤回联系方式同意",
    "contact.saved": "保存联系方式",
    "contact.revealed": "查看联系方式",
    "suggestion.dismissed": "今日暂不推荐",
    "suggestion.recalled": "恢复今日建议",
    "verdict.corrected": "更正判断",
    "verdict.withdrawn": "撤回判断更正",
    "band.overridden": "更正档次",
    "band.withdrawn": "撤回档次更正",
    "search.saved": "保存搜索",
    "search.renamed": "重命名搜索",
    "search.deleted": "删除搜索",
    "subscription.made": "订阅",
    "subscription.changed": "调整订阅",
    "subscription.stopped": "停止订阅",
    "mail.asked": "登记邮箱",
    "mail.confirmed": "确认邮箱",
    "mail.removed": "删除邮箱",
    "benchmark.year_created": "新建评选年度",
    "benchmark.year_changed": "修改评选办法",
    "benchmark.call_opened": "开启标杆申报",
    "benchmark.facts_noted": "登记落地核实情况",
    "benchmark.case_begun": "填写标杆申报",
    "benchmark.case_sent": "提交标杆申报",
    "benchmark.document_added": "上传申报材料",
    "benchmark.document_removed": "删除申报材料",
    "benchmark.case_withdrawn": "撤回标杆申报",
    "benchmark.case_returned": "退回标杆申报",
    "benchmark.formal_passed": "形式审查通过",
    "benchmark.formal_failed": "形式审查不通过",
    "benchmark.facts_passed": "数据核实通过",
    "benchmark.facts_failed": "数据核实不通过",
    "benchmark.expert_added": "列入评审专家",
    "benchmark.tie_noted": "登记隶属关系",
    "benchmark.tie_withdrawn": "撤回隶属关系",
    "benchmark.assigned": "安排评审专家",
    "benchmark.recused": "专家回避",
    "benchmark.interest_found": "发现专家应回避",
    "benchmark.interest_gone": "专家不再需要回避",
    "benchmark.released": "专家退出评审",
    "benchmark.sheet_sent": "提交评分",
    "benchmark.scoring_started": "开始专家评审",
    "benchmark.scoring_closed": "结束专家评审",
    "benchmark.scoring_extended": "延长专家评审",
    "benchmark.second_round": "开始第二轮评分",
    "benchmark.notice_published": "发布公示",
    "benchmark.objection_received": "收到异议",
    "benchmark.objections_read": "查看异议",
    "benchmark.objection_answered": "答复异议",
    "benchmark.case_removed": "取消标杆资格",
    "benchmark.frozen": "公布标杆结果",
    "benchmark.corrected": "更正标杆结果",
    "benchmark.aftermath": "登记标杆后续",
    "benchmark.exported": "导出评分",
    "taxonomy.changed": "修改分类",
    "setting.changed": "修改设置",
    "export.made": "导出",
    "feedback.given": "评价匹配",
    "feedback.withdrawn": "撤回评价",
    "audit.exported": "导出审计记录",
}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log; ``detail`` is short text by name."""

    number: int
    at: str
    actor: str
    role: str
    action: str
    action_label: str
    subject: str
    subject_key: int
    detail: tuple[tuple[str, str], ...]
    address: str
    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to show: empty texts mean everything; ``before`` continues a list.

    ``since`` and ``until`` are ISO days of Beijing time, both included.
    """

    action: str = ""
    actor: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the log, newest first; ``fault`` says where the chain breaks."""

    query: AuditQuery
    entries: tuple[AuditEntry, ...]
    next_before: int | None
    head: str
    fault: str | None
    actions: tuple[tuple[str, str], ...] = field(default_factory=tuple)


def record_action(
    db: Database, viewer: Viewer, action: str, subject: str = "", subject_key: int = 0, **detail: Any
) -> int:
    """Write an entry inside the caller's transaction; return its number.

    ``detail`` is kept with personal data masked. Raises KeyError for an action that has no name.
    """
    return record_actions(db, viewer, action, subject, {subject_key: detail})


def record_actions(
    db: Database, viewer: Viewer, action: str, subject: str, details: Mapping[int, Mapping[str, Any]]
) -> int:
    """Write an entry for each subject, in as many statements as one takes; return the number of the last.

    ``details`` are by the subjects' keys and kept as ``record_action`` keeps them. Raises KeyError as it does.
    """
    if action not in ACTIONS:
        raise KeyError(action)
    plain = {
        "account_key": viewer.account_key,
        "actor": viewer.login or viewer.name,
        "role": "、".join(ROLES[role] for role in ROLES if role in viewer.roles),
        "action": action,
        "subject": subject,
        "address": viewer.address,
        "request_id": viewer.request_id,
    }
    entries = []
    for key, detail in details.items():
        kept = {name: mask_personal(str(value)) for name, value in detail.items() if value not in (None, "")}
        entries.append(plain | {"subject_key": key, "detail": json.dumps(kept, ensure_ascii=False)})
    return append_entries(db, entries)


class AuditTrail:
    """The log as auditors, and for their own acts the security officer, may read it."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, query: AuditQuery) -> AuditPage:
        """Return one page of entries, newest first, with the state of the chain.

        Raises ForbiddenError for everyone but auditors.
        """
        require(viewer, AUDITOR)
        db = self._keeper.db
        since, until = _moment(query.since, time.min), _moment(query.until, time.max)
        asked = {"action": query.action, "actor": query.actor, "since": since, "until": until}
        where = {name: value for name, value in asked.items() if value}
        rows = load_entries(db, where, before=query.before, limit=PAGE + 1)
        shown = rows[:PAGE]
        more = shown[-1]["seq"] if len(rows) > PAGE else None
        head = read_value(db, "audit_head") or ""
        return AuditPage(
            query, tuple(map(_entry, shown)), more, head, find_chain_fault(db), tuple(ACTIONS.items())
        )  # fmt: skip

    def export(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Return the whole log in order; the export itself is recorded by the caller's transaction.

        Raises ForbiddenError for everyone but auditors.
        """
        require(viewer, AUDITOR)
        return list(all_entries(self._keeper.db))


def _moment(day: str, hour: time) -> str:
    """Return an hour of a day in Beijing as times are stored, empty for no day."""
    if day < "1000":
        return day and f"{day}T00:00:00Z"  # the calendar's first hours have no earlier ones
    return datetime.combine(date.fromisoformat(day), hour, BEIJING).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        row["seq"], row["at"], row["actor"], row["role"], row["action"], ACTIONS.get(row["action"], row["action"]),
        row["subject"], row["subject_key"], tuple((name, str(value)) for name, value in row["detail"].items()),
        row["address"], row["request_id"], row["digest"],
    )  # fmt: skip
