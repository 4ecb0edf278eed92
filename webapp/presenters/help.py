"""How matching works, what the words mean, and the statements a public site owes its readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import ROLES
from webapp.presenters import labels
from webapp.presenters.page import Context, Crumb, Head

# What each role does, in words for the offices; the names are those of the accounts.
_DUTIES = {
    "publisher": "填写、导入和维护本单位的场景机会，看本单位机会的匹配结果。",
    "company": "填写、导入和维护本单位的场景能力，看与本单位有关的匹配结果。",
    "matchmaker": "查看所负责区域的全部匹配，在撮合工作台按今日建议联系双方、推进对接，核实后更正系统判断，"
    "按月办理待撮合清单；查看受保护的联系方式须写明原因。",
    "reviewer": "审核所负责地区的清单，发布批次，可代未开通账号的单位填写。",
    "expert": "年度标杆评审使用；评审开始前没有要办的事。",
    "admin": "新建和停用账号，维护分类与字典。",
    "security": "授予和收回身份，重置密码，解除锁定。",
    "auditor": "查看和导出审计记录，不办理业务。",
}
_STEPS = (
    labels.Label("草稿", "quiet", "自动保存，只有本单位看得到。"),
    labels.Label("待审", "info", "送审后不能改；需要改时先撤回送审。"),
    labels.Label("退回", "warn", "审核员写明原因，改好后再送审。"),
    labels.Label("审核通过", "good", "保密审查已完成，等待单独发布或编入批次。"),
    labels.Label("已发布", "good", "对外公开，进入匹配。"),
    labels.Label("下架", "quiet", "不再公开，也不再匹配；可以重新上架。"),
    labels.Label("撤回", "quiet", "收回这一条，原来的网址显示“已撤下”。"),
)


@dataclass(frozen=True, slots=True)
class Duty:
    """A role and what its holders do."""

    role: str
    words: str


@dataclass(frozen=True)
class HelpContext(Context):
    """The words explained on the help page."""

    template: ClassVar[str] = "help/index.html"

    bands: tuple[labels.Label, ...]
    verdicts: tuple[labels.Label, ...]
    steps: tuple[labels.Label, ...]
    duties: tuple[Duty, ...]
    import_url: str
    sign_in_url: str


def present_help() -> HelpContext:
    """The context of the help page."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("使用说明"))
    return HelpContext(
        head=Head("使用说明", "匹配怎样得出、用语的含义、清单的导入与发布、无障碍和隐私说明。", crumbs, "help"),
        bands=tuple(labels.BANDS.values()),
        verdicts=tuple(labels.VERDICTS.values()),
        steps=_STEPS,
        duties=tuple(Duty(ROLES[role], words) for role, words in _DUTIES.items()),
        import_url=url_for("imports.index"),
        sign_in_url=url_for("account.sign_in"),
    )
