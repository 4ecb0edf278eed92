"""Reads whether the words around a figure make it a floor, a ceiling or neither."""

from __future__ import annotations

import re

from matching.text.numerals import NUMERAL

AT_LEAST, AT_MOST, PLAIN = "≥", "≤", ""
OPPOSITE = {AT_LEAST: AT_MOST, AT_MOST: AT_LEAST, PLAIN: PLAIN}

_NOT = "(?:不得?|不会|不应|不宜|不能|不可|没有?|未|未能|从未)"
_MAX_BEFORE = (
    rf"≤|<|{_NOT}(?:超过|超出|超|高于|大于|多于|长于|晚于|突破|破)|不到|不足|未到|没到|未满|不满"
    r"|小于等于|小于|低于|少于|短于|早于|至多|最多|不[^,;。:、()\d]{1,4}超过?|控制[在到]|(?:压缩|压|缩短|缩|降低|降|减少|减)[至到]"
)
_MIN_BEFORE = (
    rf"≥|>|{_NOT}(?:低于|少于|小于|短于|早于)|不下|至少|大于等于|大于|超过|超出?|高于|多于|长于|(?<![下到送抵])达到?"
    r"|(?:提升|提高|升|增加|增|上升)[至到]"
)
# 优于1毫米 is a ceiling, 优于95% a floor; 不慢于每周一次 is a floor of the frequency.
_BETTER_BEFORE = rf"优于|好于|快于|{_NOT}(?:慢于|劣于|差于)"
_BETWEEN = rf"(?:每(?:{NUMERAL})?[^,;。:、()\d]{{1,8}}|约|近|为|在|于|有|了|仅)?\s*(?:约|近|正负|±)?\s*"
_BEFORE = re.compile(
    rf"(?:(?P<max>{_MAX_BEFORE})|(?P<min>{_MIN_BEFORE})|(?P<better>{_BETTER_BEFORE}))\s*{_BETWEEN}$"
    r"|(?P<far>至少)[^,;。:、()\d≥≤<>]{1,6}$"
    rf"|(?P<farmin>{_NOT}(?:低于|少于|小于)[^,;。:、()\d]{{1,10}}的?)$"
    rf"|(?P<farmax>{_NOT}(?:超过|高于|大于)[^,;。:、()\d]{{1,10}}的?|(?<!不)(?:低于|小于)[^,;。:、()\d]{{1,10}}的)$"
    r"|(?P<plain>约|近|为|在|于|正负|±)\s*$"
)
_AFTER = re.compile(
    r"\s*(?:(?P<min>及?以上|起(?![飞降重]))|(?P<max>及?以内|之内|及?以下|之下|内(?![存部容置外网径窥饰])))"
)
_LOOK_BACK = 20
# Of these more is better; of the rest (time, length, temperature …) less.
_MORE_IS_BETTER = ("percent", "count", "rate", "frames", "times", "grade", "bytes", "frequency")
_EXACT = re.compile("精度|精确|分辨|误差|偏差|偏移|最小|可检出|下限")
_SMALL_IS_EXACT = ("length", "time", "temperature", "angle", "area", "mass")
_CROSSED = re.compile(r"(?:超过?|超出|大于|高于|达到?|≥|>)\D{0,2}$")
_TRIGGERED = re.compile(
    r"[a-z]*(?:前|时|(?:就|即|则|自动|立即|者|的)?(?:报警|告警|预警|提示|提醒|切断|断电|停机|升级|抬升|推送|触发)"
    r"|或[^,;。]{1,14}[报告]警)"
)
_FOUND = re.compile("检出|发现|可辨|判[释读]|捕获|缺陷|空洞|裂|泄漏|图斑|颗粒|划伤|气泡|缩孔|凹陷|鼓包|脱粘|毛刺|漏")
_FAR = re.compile("距离|深度|半径|航程|范围|里程|射程|量程|长度")
_FOUND_FROM = ("length", "area", "mass")
_REACHED = re.compile("探测|跟踪|覆盖|半径|范围|听得|看得|可视|通信|埋深")
# 半径5公里内不得有污染源 keeps something away; how far anything reaches it does not say.
_KEPT_OFF = re.compile("不得|不准|不允许|禁止|严禁|避开")


def direction_before(text: str, start: int) -> tuple[str | None, int]:
    """Return the kind of the words that end at ``start`` (min, max, better, far, plain) and where they begin."""
    begin = max(0, start - _LOOK_BACK)
    hit = _BEFORE.search(text[begin:start])
    if hit is None:
        return None, start
    return hit.lastgroup, start if hit.lastgroup == "far" else begin + hit.start()


def direction_after(text: str, end: int) -> tuple[str | None, int]:
    """Return the kind of the words that start at ``end`` (min, max) and where they finish."""
    hit = _AFTER.match(text, end)
    return (hit.lastgroup, hit.end()) if hit else (None, end)


def is_trigger(before: str | None, said: str, following: str) -> bool:
    """Return whether a figure only says when something happens (超过5分钟报警, 达到20%前), which promises nothing."""
    if before != "min" or not _CROSSED.search(said):
        return False
    return _TRIGGERED.match(following) is not None


def direction_of(before: str | None, after: str | None, dimension: str, said: str, following: str) -> str:
    """Return the direction of a figure that stands between ``said`` (with the words of direction) and ``following``."""
    if before in ("farmax", "farmin") and not (said.endswith("的") or dimension == "percent"):
        before = None
    if before in ("max", "farmax"):
        return AT_MOST
    if before == "better":
        return AT_LEAST if dimension.startswith(_MORE_IS_BETTER) else AT_MOST
    if after == "max" and before is None and dimension == "length" and _REACHED.search(said + following):
        if _KEPT_OFF.search(following):
            return PLAIN
        # 5千米内探测 and 2千米内听得清 tell how far, unless an error is spoken of.
        return AT_MOST if _EXACT.search(said) else AT_LEAST
    if after == "max":
        return AT_MOST
    if not after and before not in ("min", "far", "farmin"):
        return PLAIN
    reached = re.search(r"达到?\D{0,2}$", said) and _EXACT.search(said)
    if dimension in _SMALL_IS_EXACT and (reached or re.search(r"(?:精度|分辨[率力])[^,;。\d]{0,5}$", said)):
        # 分辨率达0.1mm, 精度不低于0.1mm: finer is better.
        return AT_MOST
    if dimension in _FOUND_FROM and _FOUND.search(said + following) and not _FAR.search(said):
        # 0.2mm以上的裂缝可检出: so is what finds smaller ones.
        return AT_MOST
    return AT_LEAST
