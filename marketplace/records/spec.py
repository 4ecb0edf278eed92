"""What is said about a field of a record, and the fields both lists share."""

from __future__ import annotations

from dataclasses import dataclass

# Kinds: text, long, lines, money, day, choice, choices, whole, division, phone, switch, cases, protected.


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. ``synonyms`` are further headers offices use; ``taxonomy`` names the allowed terms.

    ``strict`` says that only terms of the taxonomy are allowed; ``public`` that it may be shown to anyone.
    """

    name: str
    label: str
    kind: str
    section: str
    required: bool = False
    taxonomy: str = ""
    strict: bool = False
    synonyms: tuple[str, ...] = ()
    example: str = ""
    note: str = ""
    public: bool = True
    max_length: int = 200


BASIC, NEED, TERMS, PROOF, LISTING, CONTACT = "基本信息", "需求", "预算与时间", "依据", "清单信息", "联系方式"
LONG = 10_000

LISTING_FIELDS = (
    FieldSpec("year", "年度", "whole", LISTING, synonyms=("年份", "所属年度"), example="2026", note="四位年份"),
    FieldSpec(
        "batch",
        "批次",
        "text",
        LISTING,
        synonyms=("发布批次", "清单批次"),
        example="2026年第1批",
        note="发布时由系统编排，可不填",
        max_length=40,
    ),
    FieldSpec(
        "index_number",
        "索引号",
        "text",
        LISTING,
        synonyms=("信息索引号",),
        example="SM-JH-2026-001-0001",
        note="发布时由系统编排，可不填",
        max_length=64,
    ),
    FieldSpec(
        "valid_until",
        "有效期至",
        "day",
        LISTING,
        synonyms=("有效期", "有效期限", "截止有效期"),
        example="2027-06-30",
        note="到期不续自动下架；可写“长期”",
    ),
    FieldSpec(
        "last_confirmed",
        "最近确认",
        "day",
        LISTING,
        synonyms=("最近确认日期", "更新日期", "确认日期"),
        example="2026-11-01",
        note="单位最近一次确认内容仍然有效的日期",
    ),
    FieldSpec(
        "disclosure",
        "公开属性",
        "choice",
        LISTING,
        taxonomy="disclosure",
        strict=True,
        synonyms=("公开类别", "公开方式"),
        example="主动公开",
        note="不填按主动公开",
    ),
)
CONTACT_FIELDS = (
    FieldSpec(
        "office_phone",
        "办公电话",
        "phone",
        CONTACT,
        synonyms=("联系电话", "办公室电话", "座机", "咨询电话", "单位电话"),
        example="027-00000000",
        note="只写固定电话，将公开；手机号填在受保护的联系方式里",
    ),
    FieldSpec(
        "contact",
        "联系方式（受保护）",
        "protected",
        CONTACT,
        public=False,
        synonyms=(
            "联系方式",
            "联系人",
            "联系人及电话",
            "联系人/电话",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "邮箱",
            "电子邮箱",
            "电子邮件",
            "联系人姓名",
            "负责人",
            "场景全周期落地跟进人",
        ),
        note="姓名、手机号、邮箱加密保存，不公开、不导出",
        max_length=300,
    ),
)
