"""The taxonomies, one list of terms, and the form of one term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from flask import url_for

from marketplace import TaxonomyLine, TaxonomyPage, Term, TermPage
from matching import fold
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.paging import Paging, paging

PAGE = 50
_TITLE = "分类与字典"
_VERIFIED = {True: Label("已核", "good"), False: Label("名称待核", "warn")}
_VALID, _LATER, _ENDED = Label("有效", "info"), Label("未生效", "warn"), Label("已停用", "quiet")


@dataclass(frozen=True, slots=True)
class TaxonomyRow:
    """One list in numbers; ``unverified`` and ``ended`` are empty when there are none."""

    name: str
    label: str
    url: str
    terms: str
    unverified: str
    ended: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term; a list nobody edits has no ``edit_url``."""

    anchor: str
    code: str
    label: str
    parent: str
    synonyms: str
    state: Label
    valid_from: str
    valid_to: str
    verified: Label
    note: str
    edit_url: str


@dataclass(frozen=True)
class TaxonomyIndexContext(Context):
    """Every list."""

    template: ClassVar[str] = "taxonomies/index.html"

    rows: tuple[TaxonomyRow, ...]
    empty: bool


@dataclass(frozen=True)
class TaxonomyContext(Context):
    """One list; ``fixed`` says why nobody edits it here, ``parents`` and ``synonyms`` whether any term has them."""

    template: ClassVar[str] = "taxonomies/detail.html"

    label: str
    fixed: str
    new_url: str
    action: str
    text: str
    searchable: bool
    total_text: str
    parents: bool
    synonyms: bool
    rows: tuple[TermRow, ...]
    paging: Paging | None


@dataclass(frozen=True)
class TermContext(Context):
    """The form of one term; ``end_field`` is there while the term has no last day."""

    template: ClassVar[str] = "taxonomies/term.html"

    title: str
    faults: tuple[FaultLine, ...]
    code: str
    fields: tuple[FormField, ...]
    action: str
    end_field: FormField | None
    end_url: str
    back_url: str


def present_taxonomies(lines: Sequence[TaxonomyLine]) -> TaxonomyIndexContext:
    """The context of the lists."""
    return TaxonomyIndexContext(
        head=Head(_TITLE, "表单、导入和筛选所用的分类表。", _crumbs(), "taxonomies"),
        rows=tuple(
            TaxonomyRow(
                line.name,
                line.label,
                url_for("taxonomies.detail", name=line.name),
                figures.count(line.terms),
                figures.count(line.unverified) if line.unverified else "",
                figures.count(line.ended) if line.ended else "",
                line.fixed,
            )
            for line in lines
        ),
        empty=not any(line.terms for line in lines),
    )


def present_taxonomy(page: TaxonomyPage, text: str, number: int) -> TaxonomyContext:
    """The context of one list: its terms that hold ``text``, page ``number`` of them or the last one."""
    names = {term.code: term.label for term in page.terms}
    found = [term for term in page.terms if _holds(term, names, fold(text))]
    pages = max(1, -(-len(found) // PAGE))
    number = min(number, pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    address = partial(url_for, "taxonomies.detail", name=page.name, q=text or None)
    return TaxonomyContext(
        head=Head(page.label, f"{page.label}的全部条目。", _crumbs((page.label, None)), "taxonomies"),
        label=page.label,
        fixed=page.fixed,
        new_url="" if page.fixed else url_for("taxonomies.new", name=page.name),
        action=url_for("taxonomies.detail", name=page.name),
        text=text,
        searchable=bool(text) or len(page.terms) > PAGE,
        total_text=f"共 {figures.count(len(found))} 条" + (f"，第 {number} / {pages} 页" if pages > 1 else ""),
        parents=any(term.parent for term in page.terms),
        synonyms=any(term.synonyms for term in page.terms),
        rows=tuple(_row(page, term, names) for term in shown),
        paging=paging(lambda place: address(page=place if place > 1 else None), number, pages),
    )


def present_term(page: TermPage, typed: Mapping[str, str] | None = None, refusal: str = "") -> TermContext:
    """The context of a term's form: what is stored, or what was ``typed`` with why it was refused."""
    term, sent = page.term, typed or {}
    heading = f"修改“{term.label}”" if term else "新增条目"
    # There are two forms on the page: the one that was not sent shows what is stored.
    ending = "day" in sent
    values = _stored(term) if ending or not sent else {**sent, "verified": sent.get("verified", "")}
    end_field = FormField(
        "f-day", "day", "停用日期", sent.get("day", page.today), required=True, max_length=20, example=page.today,
        hint="这一天仍可用，次日起表单和导入不再接受；已经用了它的清单不变", error=refusal if ending else "",
    )  # fmt: skip
    here = {"name": page.name, "code": term.code} if term else {"name": page.name}
    lists = url_for("taxonomies.detail", name=page.name)
    return TermContext(
        head=Head(heading, f"{page.label}：{heading}。", _crumbs((page.label, lists), (heading, None)), "taxonomies"),
        title=f"{page.label}：{heading}",
        faults=(FaultLine(refusal, "#f-day" if ending else "#main"),) if refusal else (),
        code=term.code if term else "",
        fields=_fields(page, values),
        action=url_for("taxonomies.change" if term else "taxonomies.add", _external=False, **here),
        end_field=end_field if term and not term.valid_to else None,
        end_url=url_for("taxonomies.end", _external=False, **here) if term else "",
        back_url=lists,
    )


def _crumbs(*steps: tuple[str, str | None]) -> tuple[Crumb, ...]:
    lists = url_for("taxonomies.index") if steps else None
    return (Crumb("首页", url_for("home.index")), Crumb(_TITLE, lists), *(Crumb(label, url) for label, url in steps))


def _holds(term: Term, names: Mapping[str, str], wanted: str) -> bool:
    above = names.get(term.parent or "", "")
    return not wanted or wanted in fold("\n".join((term.code, term.label, *term.synonyms, term.note, above)))


def _row(page: TaxonomyPage, term: Term, names: Mapping[str, str]) -> TermRow:
    ended = bool(term.valid_to and term.valid_to < page.today)
    return TermRow(
        anchor=f"t-{term.code}",
        code=term.code,
        label=term.label,
        parent=names.get(term.parent or "", ""),
        synonyms="；".join(term.synonyms),
        state=_VALID if term.valid_on(page.today) else _ENDED if ended else _LATER,
        valid_from=term.valid_from or "",
        valid_to=term.valid_to or "",
        verified=_VERIFIED[term.verified],
        note=term.note,
        edit_url="" if page.fixed else url_for("taxonomies.edit", name=page.name, code=term.code),
    )


def _stored(term: Term | None) -> dict[str, str]:
    if term is None:
        return {}
    return {
        "code": term.code, "label": term.label, "parent": term.parent or "", "synonyms": "\n".join(term.synonyms),
        "valid_from": term.valid_from or "", "valid_to": term.valid_to or "",
        "verified": "1" if term.verified else "", "note": term.note,
    }  # fmt: skip


def _fields(page: TermPage, values: Mapping[str, str]) -> tuple[FormField, ...]:
    def one(name: str, label: str, **more: object) -> FormField:
        return FormField(f"f-{name}", name, label, values.get(name, ""), **more)  # type: ignore[arg-type]

    term = page.term
    above = tuple((other.code, f"{other.label}（{other.code}）") for other in page.terms if other is not term)
    code = one("code", "代码", required=True, hint="用字母、数字、下划线、点或短横线；保存后不能改", example="deep_sea",
               max_length=64)  # fmt: skip
    last = one("valid_to", "停用日期", hint="清空后这个条目恢复使用", example=page.today, max_length=20)
    return (
        *(() if term else (code,)),
        one("label", "名称", required=True, hint="表单里显示、清单里保存的名称"),
        one("parent", "上级", kind="choice", options=above, chosen=(values.get("parent", ""),)),
        one(
            "synonyms",
            "同义词",
            kind="area",
            rows=4,
            hint="一行一个；只写同一事物的其他叫法，繁体、全角和大小写不必另写",
        ),
        one("valid_from", "生效日期", hint="留空为一直有效", example=page.today, max_length=20),
        *((last,) if term and term.valid_to else ()),
        one("verified", "名称已与正式文件核对", kind="tick", hint="未核对的条目在列表中标为“名称待核”"),
        one("note", "备注", kind="area", rows=3),
    )
