"""The states of a year and of a case, and what each is called."""

from __future__ import annotations

# A year, in the order it goes; its sheet is locked from ``open`` on.
DRAFT, OPEN, SCORING, RANKED, NOTICE, FROZEN = "draft", "open", "scoring", "ranked", "notice", "frozen"
YEAR_STATES = {
    DRAFT: "编制中",
    OPEN: "申报与审查",
    SCORING: "专家评审",
    RANKED: "排序待公示",
    NOTICE: "公示中",
    FROZEN: "已公布",
}
# A case: ``begun`` is seen by its own organisation alone.
BEGUN, SENT, RETURNED, FORMAL, CHECKED = "begun", "sent", "sent_back", "formal", "checked"
REFUSED, WITHDRAWN, REMOVED = "refused", "case_withdrawn", "removed"
CASE_STATES = {
    BEGUN: "填写中",
    SENT: "待形式审查",
    RETURNED: "退回补正",
    FORMAL: "待数据核实",
    CHECKED: "待评审",
    REFUSED: "审查未通过",
    WITHDRAWN: "已撤回申报",
    REMOVED: "已取消资格",
}
# What a case still goes through.
LIVE = (BEGUN, SENT, RETURNED, FORMAL, CHECKED)
WAYS = {"self_applied": "自荐", "recommended": "部门推荐"}
ASSIGNED, RECUSED = "assigned", "recused"
# Why an expert stands aside: said by the expert, or found in the records.
GROUNDS = {
    "declared": "专家声明",
    "same_organisation": "与任一方同一单位",
    "same_group": "与任一方同一集团或上级",
    "was_matchmaker": "曾是该对接的撮合员",
    "released": "退出本案评审",
}
CASE_ACTIONS = {
    "case_begun": "开始申报",
    "case_sent": "提交申报",
    "case_withdrawn": "撤回申报",
    "case_returned": "退回补正",
    "formal_passed": "形式审查通过",
    "formal_failed": "形式审查不通过",
    "facts_passed": "数据核实通过",
    "facts_failed": "数据核实不通过",
    "second_round": "开始第二轮评分",
    "case_removed": "取消资格",
}
AFTERMATHS = {"revisited": "回访", "stripped": "摘牌"}
