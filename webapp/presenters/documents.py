"""Documents of an application: what the year asks for, what was attached, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace.followup import ALLOWED
from marketplace.selection import OTHER, DocumentLine
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FormField, errors_by_field


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file with where to read it, and where to take it off while that may be done."""

    name: str
    about: str
    url: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its files."""

    label: str
    missing: bool
    files: tuple[FileRow, ...]


def present_documents(lines: Sequence[DocumentLine], key: int, *, editable: bool = False) -> tuple[DocumentRow, ...]:
    """The documents of a case as lines."""
    return tuple(
        DocumentRow(
            line.document, line.missing,
            tuple(
                FileRow(
                    one.name, f"{figures.size(one.size)}，{figures.moment(one.at)}",
                    url_for("applications.document", key=key, document=one.key),
                    url_for("applications.remove_document", key=key, document=one.key) if editable else "",
                )
                for one in line.files
            ),
        )
        for line in lines
    )  # fmt: skip


def missing_sentence(lines: Sequence[DocumentLine]) -> str:
    """Which documents are missing, empty when none is."""
    gone = [line.document for line in lines if line.missing]
    return f"缺 {len(gone)} 项材料：{'、'.join(gone)}。" if gone else ""


def document_fields(lines: Sequence[DocumentLine], faults: Sequence[FaultLike] = ()) -> tuple[FormField, ...]:
    """The fields by which a document is attached; what is missing comes first."""
    errors = errors_by_field(faults)
    asked = sorted((line for line in lines if line.asked), key=lambda line: not line.missing)
    options = tuple((name, name) for name in (*(line.document for line in asked), OTHER))
    return (
        FormField("f-document", "document", "材料", kind="choice", required=True, options=options,
                  error=errors.get("document", "")),
        FormField("f-files", "files", "附件", kind="file", required=True, hint=f"{ALLOWED}；一个申报最多 30 个",
                  error=errors.get("files", "")),
    )  # fmt: skip
