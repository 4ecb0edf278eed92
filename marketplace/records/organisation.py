"""The record of an organisation: the rules behind its form, in Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from marketplace.records.faults import Fault
from marketplace.records.kinds import PERSONAL, TermBook, refuse, terms
from marketplace.records.personal import find_personal
from marketplace.records.spec import FieldSpec
from marketplace.taxonomies import check_credit_code, credit_code_fault, find_division, suggest_division

KINDS = {
    "government": "政府部门",
    "institution": "事业单位",
    "soe": "国有企业",
    "enterprise": "企业",
    "university": "高校",
    "institute": "科研院所",
    "service": "服务机构",
}
SIZES = ("大型", "中型", "小型", "微型")
_SECTION = "单位信息"
_MAX_NAME, _MAX_QUALIFICATIONS = 100, 30
ORGANISATION_FIELDS = (
    FieldSpec(
        "name", "单位名称", "text", _SECTION, required=True, example="武汉楚光智感科技有限公司（示例）", note="写全称",
        max_length=_MAX_NAME,
    ),
    FieldSpec("kind", "单位类型", "choice", _SECTION, required=True, taxonomy="organisation_kind", strict=True),
    FieldSpec(
        "credit_code", "统一社会信用代码", "text", _SECTION, note="18 位；校验位不对不能保存。不清楚的可以不填",
        max_length=40,
    ),
    FieldSpec("district", "所在地区", "division", _SECTION, example="武汉市江夏区", note="写到区县；不清楚的可以不填"),
    FieldSpec("size", "规模", "choice", _SECTION, strict=True, note="按统计上大中小微型企业划分；非企业不填"),
    FieldSpec(
        "qualifications", "资质", "choices", _SECTION, taxonomy="qualification",
        note="可多选；表里没有的可请管理员在“分类与字典”里增加",
    ),
)  # fmt: skip


def _line(value: Any) -> str:
    text = " ".join(str(value or "").split())
    found = find_personal(text)
    if found:
        raise refuse(f"含有{PERSONAL[found[0].kind]}，单位信息不能有个人信息；请删去")
    return text


def _name(value: Any) -> str:
    text = _line(value)
    if not text:
        raise refuse("没有填写")
    if len(text) > _MAX_NAME:
        raise refuse(f"有 {len(text)} 个字；不超过 {_MAX_NAME} 个字")
    return text


def _kind(value: Any) -> str:
    text = _line(value)
    code = text if text in KINDS else {label: code for code, label in KINDS.items()}.get(text)
    if code is None:
        allowed = "、".join(KINDS.values())
        raise refuse(f"发现“{text[:40]}”；应为：{allowed}之一" if text else f"没有选择；应为：{allowed}之一")
    return code


def _code(value: Any) -> str:
    text = str(value or "").strip()
    fault = credit_code_fault(text) if text else None
    if fault:
        raise refuse(fault.rstrip("。"))
    return check_credit_code(text).code if text else ""


def _district(value: Any) -> str:
    text = _line(value)
    place = find_division(text) if text else None
    if place is not None:
        return place.full_name
    near = suggest_division(text) if text else None
    if text:
        hint = f"；是不是“{near}”" if near else "；应为市名或“市名＋区县名”，如武汉市江夏区，或留空"
        raise refuse(f"发现“{text[:40]}”{hint}", near)
    return ""


def _size(value: Any) -> str:
    text = _line(value)
    if text and text not in SIZES:
        raise refuse(f"发现“{text[:40]}”；应为：{'、'.join(SIZES)}之一，或留空")
    return text


def _qualifications(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    found: tuple[str, ...] = terms("qualification")(value, info)
    if len(found) > _MAX_QUALIFICATIONS:
        raise refuse(f"有 {len(found)} 项；最多 {_MAX_QUALIFICATIONS} 项")
    return found


class OrganisationRecord(BaseModel):
    """What is kept of an organisation; every text is checked and in its one form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, BeforeValidator(_name)]
    kind: Annotated[str, BeforeValidator(_kind)]
    credit_code: Annotated[str, BeforeValidator(_code)] = ""
    district: Annotated[str, BeforeValidator(_district)] = ""
    size: Annotated[str, BeforeValidator(_size)] = ""
    qualifications: Annotated[tuple[str, ...], BeforeValidator(_qualifications)] = ()


def check_organisation(
    values: Mapping[str, Any], terms: TermBook | None = None
) -> tuple[OrganisationRecord | None, tuple[Fault, ...]]:
    """Read raw values by field name into a record; return it, None when refused, and every fault found."""
    given = {spec.name: values.get(spec.name) for spec in ORGANISATION_FIELDS}
    try:
        return OrganisationRecord.model_validate(given, context={"terms": terms}), ()
    except ValidationError as error:
        labels = {spec.name: spec.label for spec in ORGANISATION_FIELDS}
        faults = []
        for one in error.errors():
            name, context = str(one["loc"][0]), one.get("ctx") or {}
            clause, found = context.get("clause", "应为可用的值"), str(given.get(name) or "")[:40]
            faults.append(Fault(name, labels[name], found, f"“{labels[name]}”：{clause}。", context.get("suggestion")))
        return None, tuple(faults)
