"""Words that may shut competitors out or give a person away; pointed at, never decided on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marketplace.publishing.diffs import written
from marketplace.records import FIELDS, Fault, find_personal
from marketplace.records.kinds import PERSONAL
from matching import Side, fold

_LOCAL = r"(?:本地|本市|本省|本区|本县|市内|省内|区内|当地|武汉市?内?|湖北省?内?)"
_FLAGS = (
    (
        "限定地域",
        re.compile(
            rf"(?<!不)(?:仅?限|只限|限于|必须是?|须为|应为){_LOCAL}(?:注册|登记)?的?(?:企业|单位|公司|供应商|厂家)"
        ),
    ),
    ("限定地域", re.compile(rf"{_LOCAL}(?:企业|单位|公司|供应商)(?:优先|优先考虑|加分)")),
    (
        "限定注册地",
        re.compile(
            r"注册地址?(?:须|应|必须|需|要求)?(?:在|为|位于)"
            r"|[在于]\S{0,8}(?:注册|设立)(?:分公司|子公司|分支机构|独立法人)"
        ),
    ),
    (
        "指定品牌",
        re.compile(
            r"(?<!不)(?<!无)(?:指定|限定|限|须采用|必须采用|只接受|统一采用)[^，,。；;\s]{0,10}(?:品牌|型号|厂家|产品)"
            r"|(?:品牌|型号):\S+|原厂(?:授权|产品)"
        ),
    ),
    ("限定所有制", re.compile(r"(?<!不)(?:仅?限|只限|须为|必须是?)(?:国有|国企|央企|民营|内资|外资)(?:企业|单位)?")),
    ("限定规模", re.compile(r"(?:注册资(?:本|金)|营业收入|从业人员|纳税)\S{0,6}(?:不低于|不少于|≥|以上)")),
)


def fairness_hints(side: Side, values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return the passages of an opportunity that may exclude competitors, as hints that block nothing."""
    if side is Side.CAPABILITY:
        return ()
    found = []
    for spec in FIELDS[side]:
        if spec.kind in ("text", "long", "lines") and spec.name not in ("id", "publisher"):
            for kind, words in find_restrictions(written(values.get(spec.name))):
                sentence = f"“{spec.label}”中的“{words}”可能{kind}、排斥外地或其他企业，请核对公平竞争审查要求。"
                found.append(Fault(spec.name, spec.label, words, sentence, blocking=False))
    return tuple(found)


def find_restrictions(text: str) -> list[tuple[str, str]]:
    """Return kind and words of every passage that may restrict who can take part."""
    folded = fold(text)
    spans = [(match.start(), kind, match.group()) for kind, pattern in _FLAGS for match in pattern.finditer(folded)]
    return [(kind, words) for _, kind, words in sorted(spans)]


def personal_hints(side: Side, values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return the personal data in the fields that will be public, without repeating them."""
    found = []
    for spec in FIELDS[side]:
        if spec.public:
            kinds = dict.fromkeys(PERSONAL[one.kind] for one in find_personal(written(values.get(spec.name))))
            said = ((kind, f"“{spec.label}”含有{kind}，不能公开。") for kind in kinds)
            found += [Fault(spec.name, spec.label, kind, sentence, blocking=False) for kind, sentence in said]
    return tuple(found)
