"""When two written names mean one organisation, and the organisation a name in a list belongs to."""

from __future__ import annotations

import re

from marketplace.records.organisation import KINDS
from marketplace.store import Database, transaction
from marketplace.store.organisations import (
    OrganisationRow,
    find_by_code,
    find_by_folded,
    give_posting,
    insert_organisation,
    orphan_postings,
    renew_desks,
    update_organisation,
)
from marketplace.taxonomies import check_credit_code, credit_code_fault, find_division
from matching import fold

_DROPPED = re.compile(r"[\s\u200b\ufeff\"'“”‘’「」『』]+")
_OPENING, _CLOSING = re.compile(r"[\[{【〔〖]"), re.compile(r"[\]}】〕〗]")
_BRACKETED = re.compile(r"\([^()]*\)")
_FORMS = re.compile(r"(?:股份有限公司|有限公司|集团公司|公司)$")
# Offices of one name stand in every district; a firm's name is given once.
_LOCAL = frozenset({"government", "institution"})


def fold_name(name: str) -> str:
    """Return the form in which two spellings of one name are equal.

    Widths, traditional writing, brackets, spaces and quotes do not count, nor 有限责任公司 for 有限公司. What
    stands in brackets does: （示例） and （集团） are part of a name.
    """
    text = _DROPPED.sub("", fold(name))
    text = _CLOSING.sub(")", _OPENING.sub("(", text))
    return text.replace("有限责任公司", "有限公司")


def bare_name(name: str) -> str:
    """Return the folded name without brackets, what is in them, and the kind of company at the end."""
    text = fold_name(name)
    bare = _BRACKETED.sub("", text)
    return _FORMS.sub("", bare) or bare or text


def place_name(text: str) -> str:
    """Return a district by its full name where it is known, else as written."""
    place = find_division(text) if text else None
    return place.full_name if place else " ".join(text.split())


def find_or_create(db: Database, name: str, *, kind: str, credit_code: str = "", district: str = "") -> int:
    """Return the key of the organisation a list means, inside a transaction; a new one is unclaimed, unverified.

    The credit code decides; then the name, unless codes contradict or, for offices, districts do. A code
    with a wrong check character is passed over. A merged organisation leads to the one that stands for it.
    """
    code = "" if not credit_code or credit_code_fault(credit_code) else check_credit_code(credit_code).code
    place = place_name(district)
    found = find_by_code(db, code) or [
        row for row in find_by_folded(db, fold_name(name)) if _agree(row, kind=kind, code=code, district=place)
    ]
    if not found:
        return insert_organisation(
            db, name=" ".join(name.split()), folded=fold_name(name), kind=kind if kind in KINDS else "",
            credit_code=code, district=place,
        )  # fmt: skip
    row = found[0]
    # What a list knows more is taken in as long as nobody answers for the organisation.
    more = {"credit_code": code, "district": place, "kind": kind if kind in KINDS else ""}
    news = {column: value for column, value in more.items() if value and not getattr(row, column)}
    if news and not (row.claimed or row.verified):
        update_organisation(db, row.key, **news)
    return row.key


def find_named(db: Database, text: str) -> list[OrganisationRow]:
    """Return the organisations that a credit code or a whole name means; several share one name at times."""
    code = "" if credit_code_fault(text) else check_credit_code(text).code
    return find_by_code(db, code) or find_by_folded(db, fold_name(text))


def backfill(db: Database) -> int:
    """Give every posting without one its organisation, in one transaction; return how many postings."""
    if not orphan_postings(db):
        return 0
    with transaction(db):
        orphans = orphan_postings(db)
        for row in orphans:
            extra = row["record"].get("extra") or {}
            code = str(extra.get("credit_code") or "") if isinstance(extra, dict) else ""
            key = find_or_create(
                db, row["organisation"] or "（未注明单位）", kind=row["organisation_type"] or "", credit_code=code,
                district=row["district"] or "",
            )  # fmt: skip
            give_posting(db, row["key"], key)
        renew_desks(db)
    return len(orphans)


def _agree(row: OrganisationRow, *, kind: str, code: str, district: str) -> bool:
    """Whether an organisation of the same name can be the one meant."""
    if code and row.credit_code and row.credit_code != code:
        return False
    if not {kind, row.kind} & _LOCAL or not district or not row.district:
        return True
    return district.startswith(row.district) or row.district.startswith(district)
