"""Writes planned rows inside one transaction: postings or drafts, contacts, versions, and each row's outcome."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from marketplace.access import Viewer
from marketplace.imports.packing import faults_in
from marketplace.imports.pages import ADDED, CHANGED, DRAFTED, MERGED, PASSED, UNCHANGED
from marketplace.imports.planning import Plan
from marketplace.organisations.naming import find_or_create
from marketplace.records import Fault
from marketplace.sealing import Sealer
from marketplace.store import Database
from marketplace.store.contacts import load_contacts, save_contact
from marketplace.store.database import now
from marketplace.store.drafts import draft_of_posting, insert_draft
from marketplace.store.imports import ImportRow, RunRow, update_row
from marketplace.store.restoring import pack_before, put_posting
from marketplace.store.versions import add_version, last_version, set_publication
from marketplace.workbooks.checking import BAD, publisher_kind
from marketplace.workbooks.columns import ORGANISATION
from matching import PostingVectors

POSTING = "posting"


@dataclass(slots=True)
class RowWriter:
    """Writes for one run on behalf of one person."""

    db: Database
    run: RunRow
    viewer: Viewer
    sealer: Sealer

    def refuse(self, plan: Plan) -> None:
        """Mark rows as faulty: together with what is stored they make no record."""
        for row in (plan.unit.row, *plan.unit.merged):
            more = [asdict(fault) for fault in plan.faults if fault not in faults_in(row.problems)]
            update_row(self.db, replace(row, state=BAD, problems=[*row.problems, *more]))

    def publish(self, plan: Plan, vectors: PostingVectors | None, model: str) -> None:
        """Put a posting into the marketplace, or its new text; nothing moves when it already says so."""
        posting, stored = plan.posting, plan.stored
        assert posting is not None
        sealed = self._newest_seal(plan)
        if plan.unchanged and stored is not None and not self._contact_differs(stored.key, sealed):
            self._close(plan, UNCHANGED, stored.key, "", stored.revision)
            return
        before = pack_before(self.db, stored.key) if stored else ""
        organisation = stored.organisation_key if stored and stored.organisation_key else self._organisation(plan)
        revision = stored.revision if stored else 0
        key = stored.key if stored else 0
        if vectors is not None:
            if stored and not last_version(self.db, stored.key):
                # What was published before versions were kept is the first one.
                add_version(self.db, stored.key, stored.posting, account_key=0, batch_key=0, note="导入前的内容")
            key, revision = put_posting(self.db, posting, vectors, model)
            note = f"导入 {self.run.file_name}"
            add_version(self.db, key, posting, account_key=self.viewer.account_key, batch_key=0, note=note)
        if stored:
            set_publication(self.db, key, organisation_key=organisation)
        else:
            on_behalf = int(not self.viewer.owns(organisation))
            set_publication(self.db, key, organisation_key=organisation, on_behalf=on_behalf, published_at=now(),
                            author_key=self.viewer.account_key)  # fmt: skip
        self._save_contact(plan, key, sealed)
        self._close(plan, CHANGED if stored else ADDED, key, before, revision)

    def draft(self, plan: Plan) -> None:
        """Hand a row in for review; a posting that someone is already revising is left to them."""
        stored = plan.stored
        if plan.unchanged and stored is not None:
            self._close(plan, UNCHANGED, stored.key, "", stored.revision)
            return
        if stored is not None and draft_of_posting(self.db, stored.key):
            sentence = f"“{stored.posting.title}”已有修改稿正在办理；本行没有导入。"
            self._close(plan, PASSED, 0, "", 0, Fault("", "", "", sentence, blocking=False))
            return
        organisation = stored.organisation_key if stored and stored.organisation_key else self._organisation(plan)
        values = {name: value for name, value in plan.values.items() if name != "id"}
        posting_id = stored.posting.id if stored else str(plan.unit.row.record["id"])
        key = insert_draft(
            self.db,
            side=self.run.side,
            values=values | {"id": posting_id},
            external_id=posting_id,
            posting_key=stored.key if stored else 0,
            organisation_key=organisation,
            sealed=self._newest_seal(plan),
            author_key=self.viewer.account_key,
            import_key=self.run.key,
            on_behalf=not self.viewer.owns(organisation),
            state="review",
        )
        self._close(plan, DRAFTED, key, "", 1)

    def pass_over(self, row: ImportRow) -> None:
        """Mark a row that is not to come in."""
        update_row(self.db, replace(row, state=PASSED))

    def _close(self, plan: Plan, outcome: str, key: int, before: str, revision: int, said: Fault | None = None) -> None:
        row = plan.unit.row
        problems = [*row.problems, asdict(said)] if said else row.problems
        done = replace(row, state=outcome, posting_key=key, before=before, revision=revision, problems=problems)
        update_row(self.db, done)
        for merged in plan.unit.merged:
            update_row(self.db, replace(merged, state=MERGED, posting_key=key, revision=revision))

    def _organisation(self, plan: Plan) -> int:
        """The organisation of the run, else the one the row names, made when it is new."""
        if self.run.organisation_key:
            return self.run.organisation_key
        record = plan.record
        assert record is not None
        return find_or_create(
            self.db,
            getattr(record, ORGANISATION[self.run.side]),
            kind=publisher_kind(record),
            credit_code=str(getattr(record, "credit_code", "") or ""),
            district=str(getattr(record, "district", "") or getattr(record, "district_or_city", "") or ""),
        )

    def _newest_seal(self, plan: Plan) -> str:
        seals = [row.sealed for row in (plan.unit.row, *plan.unit.merged) if row.sealed]
        return seals[-1] if seals else ""

    def _contact_differs(self, key: int, sealed: str) -> bool:
        if not sealed:
            return False
        _, old = load_contacts(self.db, POSTING, [key]).get(key, ("", ""))
        return self._opened(old) != self._opened(sealed)

    def _opened(self, sealed: str) -> object:
        return json.loads(self.sealer.open(sealed) or "{}")

    def _save_contact(self, plan: Plan, key: int, sealed: str) -> None:
        phone = str(getattr(plan.record, "office_phone", "") or "")
        old_phone, old = load_contacts(self.db, POSTING, [key]).get(key, ("", ""))
        if (phone or old_phone, sealed or old) != (old_phone, old):
            save_contact(self.db, POSTING, key, phone or old_phone, sealed or old)
