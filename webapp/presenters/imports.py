"""The list of imports, the upload form, and what every step of an import shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import ROW_STATES, ImportListPage, RunView
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import SIDES, Label
from webapp.presenters.page import Context, Crumb, Head

TITLE = "导入清单"
UPLOAD, COLUMNS, CHECK, CONFIRM, RESULT = range(1, 6)
_STEPS = {UPLOAD: "上传文件", COLUMNS: "对应列", CHECK: "检查", CONFIRM: "确认", RESULT: "结果"}
_RUN_TONES = {
    "uploaded": "warn", "checking": "info", "checked": "warn", "importing": "info", "settling": "warn", "done": "good",
    "undone": "quiet", "dropped": "quiet",
}  # fmt: skip
_ROW_TONES = {
    "good": "good", "bad": "poor", "twin": "warn", "skipped": "quiet", "added": "good", "changed": "info",
    "unchanged": "quiet", "drafted": "good", "merged": "info", "passed": "quiet",
}  # fmt: skip
# How far a file may go, as the readers of files refuse it.
ACCEPTED = (
    "Excel、WPS 表格：xlsx、xls（含宏的文件也可以，宏不会运行）",
    "文本表格：csv，编码 UTF-8 或 GBK 均可",
    "Word 文档里的表格：docx",
    "本系统导出的 JSON Lines：jsonl",
)
LIMITS = (
    "一个文件最大 50 MB，每张工作表最多 50,000 行、200 列；有密码的文件请先去掉密码",
    "表头上面有标题行、单元格合并、多行表头、空白表示同上，都能识别；列名与模板不同也可以，下一步由您核对",
    "确认之前不会写入清单；导入后没有人改动过的，可以整体撤销",
)

ON_BEHALF = "您可以代各单位导入：每一行归于文件中写明的单位，没有登记的单位会新建，等单位认领。"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the wizard; ``state`` is done, now or later."""

    label: str
    url: str
    state: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One import in the list."""

    url: str
    file_name: str
    side: str
    organisation: str
    state: Label
    counts: str
    created: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go with its words."""

    label: str
    url: str


@dataclass(frozen=True)
class ImportsContext(Context):
    """The viewer's imports, newest first."""

    template: ClassVar[str] = "imports/index.html"

    lines: tuple[RunLine, ...]
    new_url: str


@dataclass(frozen=True)
class UploadContext(Context):
    """The form that takes a file."""

    template: ClassVar[str] = "imports/new.html"

    steps: tuple[Step, ...]
    faults: tuple[FaultLine, ...]
    fields: tuple[FormField, ...]
    on_behalf: str
    action: str
    templates: tuple[Link, ...]
    accepted: tuple[str, ...]
    limits: tuple[str, ...]


def present_imports(page: ImportListPage) -> ImportsContext:
    """The context of the list."""
    lines = tuple(
        RunLine(
            url_for("imports.detail", key=run.key), run.file_name, SIDES[run.side],
            run.organisation or "按文件中的单位", run_state(run), counts_text(run.counts),
            figures.moment(run.created_at),
        )
        for run in page.runs
    )  # fmt: skip
    head = Head(TITLE, "把已有的清单文件导入系统，以及此前的导入。", _crumbs(), "imports")
    return ImportsContext(head=head, lines=lines, new_url=url_for("imports.new") if page.sides else "")


def present_upload(
    page: ImportListPage, acting_for: int, typed: Mapping[str, str] | None = None, refusal: str = ""
) -> UploadContext:
    """The context of the upload form; ``typed`` and ``refusal`` are of a file that was not taken."""
    sent = typed if typed is not None else {"organisation": str(acting_for or "")}
    file = FormField("f-file", "file", "清单文件", kind="file", required=True, error=refusal)
    return UploadContext(
        head=Head("上传清单", "上传要导入的清单文件。", _crumbs("上传"), "imports"),
        steps=wizard_steps(UPLOAD),
        faults=(FaultLine(refusal, "#f-file"),) if refusal else (),
        fields=(file, *_choices(page, sent)),
        on_behalf=ON_BEHALF if page.for_any else "",
        action=url_for("imports.upload"),
        templates=tuple(
            Link(f"{label}填报模板（Excel）", url_for("outputs.template", kind=kind))
            for side, label, kind in ((side, SIDES[side], _KINDS[side]) for side in page.sides)
        ),
        accepted=ACCEPTED,
        limits=LIMITS,
    )


_KINDS = dict(zip(SIDES, ("opportunities", "capabilities"), strict=True))


def _choices(page: ImportListPage, sent: Mapping[str, str]) -> tuple[FormField, ...]:
    """The list and the organisation, where there is something to choose."""
    fields = []
    if len(page.sides) > 1:
        options = (("auto", "按表头识别"), *((str(side), f"{SIDES[side]}清单") for side in page.sides))
        fields.append(
            FormField("f-side", "side", "导入到", kind="choice", required=True, options=options,
                      chosen=(sent.get("side", "auto"),))
        )  # fmt: skip
    names = tuple((str(key), name) for key, name in page.organisations)
    if page.for_any and names:
        names = (("0", "文件中写明的单位"), *names)
    if len(names) > 1:
        chosen = sent.get("organisation") or names[0][0]
        hint = "默认是您的当前身份" if not page.for_any else ""
        fields.append(
            FormField("f-organisation", "organisation", "单位", kind="choice", required=True, options=names,
                      chosen=(chosen,), hint=hint)
        )  # fmt: skip
    return tuple(fields)


def wizard_head(run: RunView, step: int) -> Head:
    """The head of one step of an import."""
    label = _STEPS[step]
    return Head(f"{label}：{run.file_name}", f"{TITLE}，第 {step} 步：{label}。", _crumbs(run.file_name), "imports")


def wizard_steps(now: int, run: RunView | None = None) -> tuple[Step, ...]:
    """The five steps; those before the current one lead back while nothing was written."""
    back = {}
    if run is not None and run.state == "checked":
        back = {COLUMNS: "imports.columns", CHECK: "imports.check"}
    if run is not None and run.state == "settling":
        back = {CHECK: "imports.check"}
    return tuple(
        Step(
            label,
            url_for(back[place], key=run.key) if run and place in back and place < now else "",
            "done" if place < now else "now" if place == now else "later",
        )
        for place, label in _STEPS.items()
    )


def run_state(run: RunView) -> Label:
    """The state of an import in words."""
    return Label(run.state_label, _RUN_TONES.get(run.state, "quiet"))


def row_state(state: str) -> Label:
    """The state or outcome of a row in words."""
    return Label(ROW_STATES.get(state, state), _ROW_TONES.get(state, "quiet"))


def drop_note(run: RunView) -> str:
    """What giving an import up means."""
    if run.state == "settling":
        return "已经写入的条目保留，还没有决定的行不再导入。"
    return "上传的文件和在这里做的修改都会删除；清单不受影响。"


def counts_text(counts: Mapping[str, int]) -> str:
    """Rows by state in one line, in the order of the states."""
    parts = [f"{label} {figures.count(counts[state])}" for state, label in ROW_STATES.items() if counts.get(state)]
    return "，".join(parts) or "—"


def _crumbs(last: str = "") -> tuple[Crumb, ...]:
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("imports.index")), Crumb(last)) if last else (home, Crumb(TITLE))
