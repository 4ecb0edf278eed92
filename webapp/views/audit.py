"""The audit log: filters, paging, the state of the chain, and its export; for auditors only."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from marketplace import AuditQuery
from webapp.converters import MAX_KEY
from webapp.engine import get_market
from webapp.guards import roles
from webapp.presenters.audit import present_audit
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")
GUARDS = {"index": roles("auditor"), "export": roles("auditor")}
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
_NAMES = {"since": "起始日期", "until": "截止日期"}


@blueprint.get("")
def index() -> str:
    """One page of entries, newest first."""
    query, notices = parse_audit(request.args)
    return render(present_audit(get_market().audit.page(get_viewer(), query), notices))


@blueprint.post("/export")
def export() -> Response:
    """The whole log as a file; the export is itself on record, so it is asked for by a form."""
    file_format = request.form.get("format", "")
    content = get_market().audit.download(get_viewer(), file_format)
    name = f"audit-{date.today():%Y%m%d}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=_TYPES[file_format], headers=headers)


def parse_audit(args: MultiDict[str, str]) -> tuple[AuditQuery, tuple[str, ...]]:
    """What is asked for, and what of it was dropped because it is no date."""
    days, notices = {}, []
    for name, label in _NAMES.items():
        text = clean_text(args.get(name, "")).text
        try:
            days[name] = date.fromisoformat(text).isoformat() if text else ""
        except ValueError:
            days[name] = ""
            notices.append(f"{label}写的是“{text}”，不是日期，已忽略；应为 2026-01-31 这样的日期。")
    before = args.get("before", "")
    after = min(int(before[:19]), MAX_KEY) if before.isascii() and before.isdigit() else None
    action, actor = (clean_text(args.get(name, "")).text for name in ("action", "actor"))
    return AuditQuery(action, actor, **days, before=after), tuple(notices)
