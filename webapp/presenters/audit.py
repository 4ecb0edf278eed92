"""The audit log as auditors read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace import AuditEntry, AuditPage, AuditQuery
from webapp.presenters import figures
from webapp.presenters.forms import FormField
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "审计"
_FILE_FORMATS = (("csv", "导出表格（CSV）"), ("jsonl", "导出原始记录（JSON 行）"))
_SUBJECTS = {
    "account": "账号", "organisation": "单位", "posting": "清单条目", "draft": "草稿", "batch": "批次",
    "import": "导入", "import_run": "导入", "taxonomy": "分类", "audit": "审计", "claim": "认领", "setting": "设置",
    "job": "后台任务",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry; ``moment`` is Beijing time, ``detail`` are short texts ready to be shown."""

    number: int
    moment: str
    actor: str
    role: str
    action: str
    subject: str
    detail: tuple[str, ...]
    address: str
    request_id: str
    digest: str


@dataclass(frozen=True)
class AuditContext(Context):
    """One page of the log, the state of its chain, and what narrows it."""

    template: ClassVar[str] = "audit/index.html"

    notices: tuple[str, ...]
    chain: Label
    fault: str
    total: str
    digest: str
    chosen: str
    choices: tuple[tuple[str, str], ...]
    fields: tuple[FormField, ...]
    action: str
    filtered: bool
    lines: tuple[AuditLine, ...]
    older_url: str
    newest_url: str
    export_url: str
    exports: tuple[tuple[str, str], ...]


def present_audit(page: AuditPage, notices: tuple[str, ...] = ()) -> AuditContext:
    """The context of the audit page."""
    query, here = page.query, url_for("audit.index")
    number, _, digest = page.head.partition(":")
    kept: dict[str, Any] = {name: value for name, value in _asked(query).items() if value}
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(_TITLE))
    return AuditContext(
        head=Head("审计记录", "谁在什么时候做了什么，只增不改。", crumbs, "audit"),
        notices=notices,
        chain=Label("校验不通过", "poor") if page.fault else Label("校验通过", "good"),
        fault=page.fault or "",
        total=figures.count(int(number)) if number.isdigit() else "0",
        digest=digest or "无",
        chosen=query.action,
        choices=(("", "全部操作"), *page.actions),
        fields=_fields(query),
        action=here,
        filtered=bool(kept),
        lines=tuple(map(_line, page.entries)),
        older_url=url_for("audit.index", before=page.next_before, **kept) if page.next_before else "",
        newest_url=url_for("audit.index", **kept) if query.before is not None else "",
        export_url=url_for("audit.export"),
        exports=_FILE_FORMATS,
    )


def _asked(query: AuditQuery) -> dict[str, str]:
    return {"action": query.action, "actor": query.actor, "since": query.since, "until": query.until}


def _fields(query: AuditQuery) -> tuple[FormField, ...]:
    return (
        FormField("f-actor", "actor", "登录名", query.actor, max_length=64),
        FormField("f-since", "since", "起始日期", query.since, input_type="date", hint="北京时间"),
        FormField("f-until", "until", "截止日期", query.until, input_type="date", hint="北京时间，含当日"),
    )


def _line(entry: AuditEntry) -> AuditLine:
    subject = _SUBJECTS.get(entry.subject, entry.subject)
    moment = figures.moment(entry.at).removesuffix("（北京时间）")
    return AuditLine(
        entry.number, moment, entry.actor, entry.role or "—", entry.action_label,
        f"{subject} {entry.subject_key}" if entry.subject_key else subject or "—",
        tuple(f"{name}：{value}" for name, value in entry.detail), entry.address or "—", entry.request_id or "—",
        entry.digest,
    )  # fmt: skip
