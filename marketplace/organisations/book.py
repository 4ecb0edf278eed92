"""The room of organisations: their data, who speaks for them, and which are one and the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from marketplace.access import ADMIN, REVIEWER, ROLES, SECURITY, Viewer, require
from marketplace.audit import record_action
from marketplace.errors import FaultyError, RefusedError, StaleError
from marketplace.organisations.claiming import ClaimDesk
from marketplace.organisations.merging import SUBJECT, moved_count
from marketplace.organisations.naming import fold_name
from marketplace.organisations.pages import (
    MemberView,
    MergeView,
    OrganisationForm,
    OrganisationListPage,
    OrganisationPage,
    OrganisationQuery,
    PostingLine,
    view_organisation,
)
from marketplace.organisations.reach import districts_of, in_reach, reached
from marketplace.records import Fault
from marketplace.records.organisation import KINDS, ORGANISATION_FIELDS, OrganisationRecord, check_organisation
from marketplace.states import STATES as SHOWN_STATES
from marketplace.states import VISIBLE
from marketplace.store import Database, transaction
from marketplace.store.accounts import account_names, members_of
from marketplace.store.claims import open_claims
from marketplace.store.merges import merges_into
from marketplace.store.organisations import (
    STATES,
    count_postings,
    holder_of_code,
    insert_organisation,
    load_organisation,
    organisation_names,
    postings_of,
    search_organisations,
    update_organisation,
)
from marketplace.terms import load_book

PAGE = 50


class OrganisationBook(ClaimDesk):
    """Organisations of one installation, for reviewers (within their districts) and administrators."""

    def name_of(self, key: int) -> str:
        """Return the name of an organisation, empty when there is none of that key."""
        return organisation_names(self._keeper.db, [key]).get(key, "")

    def list_page(self, viewer: Viewer, query: OrganisationQuery) -> OrganisationListPage:
        """Return one page of the organisations in use; a page past the end is the last one."""
        require(viewer, REVIEWER, ADMIN, SECURITY)
        db, text = self._keeper.db, " ".join(query.text.split())
        kind, state = query.kind if query.kind in KINDS else "", query.state if query.state in STATES else ""
        wanted: dict[str, Any] = {"text": text, "folded": fold_name(text), "kind": kind, "state": state}
        wanted["districts"] = districts_of(viewer)
        _, total = search_organisations(db, **wanted, limit=0)
        pages = max(1, math.ceil(total / PAGE))
        page = min(max(1, query.page), pages)
        rows, _ = search_organisations(db, **wanted, limit=PAGE, offset=(page - 1) * PAGE)
        counts = count_postings(db, [row.key for row in rows])
        views = tuple(view_organisation(row, counts.get(row.key, 0)) for row in rows)
        asked = OrganisationQuery(text, kind, state, page)
        return OrganisationListPage(
            asked, views, total, pages, self._waiting(db, viewer),
            may_edit=viewer.has(REVIEWER, ADMIN), may_decide=viewer.has(REVIEWER),
        )  # fmt: skip

    def page(self, viewer: Viewer, key: int) -> OrganisationPage:
        """Return one organisation; for a merged one the page of the one that stands for it.

        Raises NotFoundError when there is none the viewer may see.
        """
        require(viewer, REVIEWER, ADMIN, SECURITY)
        db = self._keeper.db
        row = reached(db, viewer, key)
        lines = tuple(
            PostingLine(
                one["key"], one["kind"], one["title"], one["state"], SHOWN_STATES.get(one["state"], one["state"]),
                one["state"] in VISIBLE, bool(one["on_behalf"]),
            )
            for one in postings_of(db, row.key)
        )  # fmt: skip
        members = members_of(db, row.key)
        merges = merges_into(db, row.key)
        people = account_names(db, [*(one.account_key for one in members), *(one.account_key for one in merges)])
        merged = organisation_names(db, (one.merged_key for one in merges))
        return OrganisationPage(
            view_organisation(row, len(lines)),
            lines,
            tuple(MemberView(one.account_key, people.get(one.account_key, ""), ROLES[one.role]) for one in members),
            tuple(
                MergeView(
                    one.key, merged.get(one.merged_key, ""), one.at, people.get(one.account_key, "命令行"),
                    moved_count(one.moved),
                )
                for one in merges
            ),
            may_edit=viewer.has(REVIEWER, ADMIN),
            sees_accounts=viewer.has(ADMIN, SECURITY),
        )  # fmt: skip

    def form_page(self, viewer: Viewer, key: int = 0) -> OrganisationForm:
        """Return what the form of an organisation begins with; an empty one for key 0."""
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        known = load_book(db, self._settings).labels("qualification")
        if not key:
            return OrganisationForm(0, 0, {}, known)
        row = reached(db, viewer, key)
        values = {spec.name: getattr(row, spec.name) for spec in ORGANISATION_FIELDS}
        return OrganisationForm(row.key, row.revision, values, known)

    def create(self, viewer: Viewer, values: Mapping[str, Any]) -> int:
        """Write a new organisation from raw values by field name; return its key.

        Raises FaultyError with everything that is wrong.
        """
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        record = self._read(values)
        with transaction(db):
            _refuse_twin(db, record, 0)
            key = insert_organisation(db, **record.model_dump(), folded=fold_name(record.name))
            record_action(db, viewer, "organisation.created", SUBJECT, key, 单位=record.name, 代码=record.credit_code)
        return key

    def save(self, viewer: Viewer, key: int, values: Mapping[str, Any], revision: int) -> int:
        """Write what a form says about an organisation; return the key.

        Another credit code has to be verified again. Raises FaultyError with everything that is wrong,
        StaleError when someone saved since ``revision``.
        """
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        record = self._read(values)
        with transaction(db):
            row = reached(db, viewer, key)
            if row.revision != revision:
                raise StaleError(f"“{row.name}”刚刚被别人改过，这次没有保存；请重新打开后再改。")
            _refuse_twin(db, record, row.key)
            news = {name: value for name, value in record.model_dump().items() if getattr(row, name) != value}
            if not news:
                return row.key
            if "credit_code" in news:
                news["verified"] = False
            update_organisation(db, row.key, **news, folded=fold_name(record.name))
            labels = {spec.name: spec.label for spec in ORGANISATION_FIELDS}
            changed = "、".join(labels[name] for name in news if name in labels)
            record_action(db, viewer, "organisation.changed", SUBJECT, row.key, 单位=record.name, 改动=changed)
        return row.key

    def verify(self, viewer: Viewer, key: int) -> None:
        """Write down that someone has checked the organisation and its credit code against its papers."""
        require(viewer, REVIEWER, ADMIN)
        db = self._keeper.db
        with transaction(db):
            row = reached(db, viewer, key)
            if row.verified:
                raise RefusedError(f"“{row.name}”此前已核实，没有改动。")
            if not row.credit_code:
                raise RefusedError(f"“{row.name}”还没有统一社会信用代码，不能核实；请先补填代码。")
            update_organisation(db, row.key, verified=True)
            record_action(db, viewer, "organisation.verified", SUBJECT, row.key, 单位=row.name, 代码=row.credit_code)

    def _read(self, values: Mapping[str, Any]) -> OrganisationRecord:
        record, faults = check_organisation(values, load_book(self._keeper.db, self._settings))
        if record is None:
            raise FaultyError(faults[0].sentence, faults)
        return record

    def _waiting(self, db: Database, viewer: Viewer) -> int:
        """Return how many open claims this reviewer may decide."""
        if not viewer.has(REVIEWER):
            return 0
        rows = (load_organisation(db, one.organisation_key) for one in open_claims(db))
        return sum(row is not None and in_reach(viewer, row) for row in rows)


def _refuse_twin(db: Database, record: OrganisationRecord, key: int) -> None:
    """A credit code belongs to one organisation only."""
    holder = holder_of_code(db, record.credit_code, key)
    if holder is not None:
        says = f"代码 {record.credit_code} 已属于“{holder.name}”；如是同一单位，请用“合并”。"
        raise FaultyError(says, [Fault("credit_code", "统一社会信用代码", record.credit_code, says)])
