"""The steps of the funnel, what counts for each, and the notes that say so wherever figures leave the site."""

from __future__ import annotations

PUBLISHED, VIEWED, CONTACTED, MET, SIGNED, LANDED, RUNNING = range(7)
# Code, label and what counts; in the order a need walks them.
STEPS = {
    "published": "已发布",
    "viewed": "有人查看",
    "contacted": "已联系",
    "met": "已洽谈",
    "signed": "已签约",
    "landed": "已落地",
    "running": "运行中",
}
CODES = tuple(STEPS)
# A need without anybody at work on it is stale after so many days on the list.
STALE_DAYS = 30
NOTES = (
    "统计对象为曾公开发布的场景机会（不含已撤回的），每条只计一次，按发布日期归入统计期间；一条需求有多个对接时，以进展最远的对接为准。",
    "各步按“到达”计数：到达后一步即视为已到达前一步；10 分钟内撤销的操作不计。",
    "有人查看：有单位以外的访客或企业打开过详情页（同日多次只看首日；本单位、撮合员、审核员和管理人员打开的不计）。",
    "已联系、已洽谈、已签约以对接记录首次进入该阶段为准；签约日取合同签订日，落地日取验收日期，运行中以回访确认仍在使用为准，回访记为已停用的自回访当天起不再计入。",
    "对接率＝已联系 ÷ 已发布；签约率＝已签约 ÷ 已发布；落地率＝已落地 ÷ 已发布；上一步转化率＝本步 ÷ 上一步。",
    "中位天数：从前一个有日期的步骤到本步的自然日天数的中位数；补录造成的先后颠倒按 0 天计。",
    f"停滞：有对接超过所在阶段的时限，或公开满 {STALE_DAYS} 天仍没有进行中的对接；已落地的不计。",
    "期间发生：本步日期落在统计期间内的需求数，不论何时发布。",
    "按撮合员统计时，“已发布”为该撮合员经手的需求数，只计其经手的对接。",
)
