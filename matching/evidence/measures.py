"""Says whether two figures measure the same kind of thing: accuracy and errors, changes and states, rates."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from matching.text.directions import AT_MOST, OPPOSITE
from matching.text.numbers import Quantity

_MONTH = 28 * 86400
# A month is 30 days here and a twelfth of a year there: 36个月 is 3年, 180天 is 6个月.
_CALENDAR_SLACK, _SLACK = 0.015, 1e-9
# What can go wrong: kind, words, and the good whose complement to 100 % it is.
_FLAWS = (
    ("wrong", re.compile("错"), re.compile("准确|正确|识别|转写|一致|吻合")),
    ("wrong", re.compile("误(?!差)|过杀|过判|虚警|假阳"), None),
    ("missed", re.compile("漏"), re.compile("检出|召回|查全|敏感|灵敏|捕获|发现")),
    ("failed", re.compile("失败"), re.compile("成功|完成")),
    ("offline", re.compile("掉线|离线|失联"), re.compile("在线")),
    ("lost", re.compile("丢包|丢失|缺失|丢帧"), re.compile("到达|送达|完整|连续|成功")),
    ("reject", re.compile("不合格|次品|废品"), re.compile("合格|良品|良率")),
    ("deviation", re.compile("误差|偏差|偏离|差异|波动|浮动|不确定度|rsd|mape|rmse"), None),
    ("harm", re.compile("故障|中断|停机|投诉|退单|流失|损耗|破损|损失"), None),
)  # fmt: skip
# 差错检出率 and 漏盖剔除 count something good after all.
_GOOD = re.compile("准确|正确|精度|识别|检出|召回|查[全准]|捕获|发现|覆盖|吻合|成功|剔除|拦截|(?<!不)合格|完成|在线")
_FALL = re.compile("(?:降低|下降|减少|缩短|节约|节省|压缩|降幅|减幅)[了约近达]?$")
_RISE = re.compile("(?:提升|提高|增加|增长|上升|增幅)[了约近达]?$")
_FALLING, _RISING = re.compile("[降减省节缩损]"), re.compile("[升增]|提高")
# A price per person is none per device; which device or which piece of work is told in too many ways.
_THINGS = ("人 人次 学生", "次 份 单 笔 件 例 条 页 字", "台 套 个 户 处 点 路 间 座 栋 所 家 站 门 终端 节点")
_CHANGING = ("percent", "times", "time")


_PAIR = re.compile(r"[a-z\u3400-\u9fff]{2}")


@lru_cache(maxsize=200_000)
def pairs_of(context: str) -> frozenset[str]:
    """Return the pairs of Han or Latin characters of a context, by which contexts are likened."""
    return frozenset(pair for i in range(len(context) - 1) if _PAIR.fullmatch(pair := context[i : i + 2]))


@lru_cache(maxsize=200_000)
def flaws_of(context: str) -> frozenset[str]:
    """Return which kinds of flaw the figure of ``context`` counts; none for a figure of something good."""
    before, _, after = context.partition("\n")
    said = before + (after if after.startswith("的") else "")
    good = max((hit.start() for hit in _GOOD.finditer(said)), default=-1)
    return frozenset(
        kind for kind, flaw, _ in _FLAWS if any(hit.start() > good or hit[0] == "不合格" for hit in flaw.finditer(said))
    )


@lru_cache(maxsize=200_000)
def change_of(context: str) -> int:
    """Return 1 where the figure of ``context`` is a rise, -1 where it is a fall, else 0."""
    before = context.partition("\n")[0]
    return -1 if _FALL.search(before) else 1 if _RISE.search(before) else 0


def alike_in_kind(wanted: Quantity, figure: Quantity) -> Quantity | None:
    """Return ``figure`` as a figure of what ``wanted`` measures, or None if it measures something else.

    An error rate of 3 % comes back as an accuracy of 97 % where an accuracy is wanted.
    """
    if figure.dimension in _CHANGING and not _same_change(wanted, figure):
        return None
    if figure.dimension != "percent":
        return figure
    needed, found = flaws_of(wanted.context), flaws_of(figure.context)
    if "±" in figure.text:
        found |= {"deviation"}
    if needed and found:
        return figure if needed & found else None
    if needed:
        return None if _GOOD.search(figure.context) else figure
    if not found or wanted.direction == AT_MOST:
        return figure
    return _complement(wanted, figure, found)


def _complement(wanted: Quantity, figure: Quantity, kinds: frozenset[str]) -> Quantity | None:
    if len(kinds) != 1:
        return None
    for kind, flaw, good in _FLAWS:
        if good and kind in kinds and flaw.search(figure.context) and good.search(wanted.context):
            return replace(figure, low=100 - figure.high, high=100 - figure.low, direction=OPPOSITE[figure.direction])
    return None


def _same_change(wanted: Quantity, figure: Quantity) -> bool:
    """Whether a change (降低30%) is asked for where one is offered, and in the same direction."""
    change = change_of(figure.context)
    if not change:
        return True
    said = wanted.context
    falls, rises = bool(_FALLING.search(said)), bool(_RISING.search(said))
    return falls if change < 0 else rises


def to_one_rate(wanted: Quantity, figure: Quantity) -> tuple[Quantity, float] | None:
    """Return ``figure`` in the period of ``wanted`` and the slack its calendar needs, or None if they differ.

    A figure without a period is no answer where one is asked for. One with a period stands as it is
    where none is asked for, but a speed is no distance and a monthly fee no price.
    """
    priced = wanted.dimension.startswith("money") and wanted.each and figure.each
    if priced and _kind_of_thing(wanted.each) != _kind_of_thing(figure.each):
        return None
    if wanted.dimension == "time" or not (wanted.per_s or figure.per_s):
        long = wanted.dimension in ("time", "cadence") and wanted.low >= _MONTH
        return figure, _CALENDAR_SLACK if long else _SLACK
    if wanted.per_s and figure.per_s:
        share = wanted.per_s / figure.per_s
        slack = _CALENDAR_SLACK if max(wanted.per_s, figure.per_s) >= _MONTH and share != 1 else _SLACK
        return replace(figure, low=figure.low * share, high=figure.high * share), slack
    if wanted.per_s:
        return None if wanted.per_sure else (figure, _SLACK)
    return None if wanted.dimension.startswith(("length", "money")) and figure.per_sure else (figure, _SLACK)


def _kind_of_thing(thing: str) -> str:
    return next((kind for kind in _THINGS if thing in kind.split()), thing)
