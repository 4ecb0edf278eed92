"""Contacts of organisations and postings: masked for everyone, revealed one by one, each time on record."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from marketplace.access import MATCHMAKER, REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError
from marketplace.records.personal import mask_personal, read_contact, read_office_phone
from marketplace.records.values import UnreadableError
from marketplace.sealing import Sealer
from marketplace.settings import MarketSettings
from marketplace.store import Database, PostingRow
from marketplace.store.contacts import load_contacts, save_contact
from marketplace.store.database import transaction
from marketplace.store.postings import load_rows

POSTING, ORGANISATION = "posting", "organisation"


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as it may be shown to one viewer.

    ``masked`` hides person, mobile and e-mail; ``revealable`` says that this viewer may ask for them;
    ``revealed`` holds them in the answer to that. ``fault`` says what the request lacked.
    """

    office_phone: str
    masked: str
    revealable: bool
    revealed: str = ""
    title: str = ""
    fault: str = ""


class ContactBook:
    """Keeps contacts sealed and opens them only for those who may, leaving an audit entry each time."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper = keeper
        self.sealer = Sealer(settings.keys_dir)

    def seal_cell(self, text: str) -> tuple[str, str]:
        """Return the office phone and the sealed rest of a 联系方式 cell as written."""
        parts = read_contact(text)
        person = {"person": parts.person, "mobile": parts.mobile, "email": parts.email, "rest": parts.rest}
        kept = {name: value for name, value in person.items() if value}
        try:
            phone = read_office_phone(parts.office_phone)
        except UnreadableError:
            # A number that is no complete land line stays with what is protected.
            phone, kept["rest"] = "", " ".join(filter(None, [parts.office_phone, parts.rest]))
        return phone, self.sealer.seal(json.dumps(kept, ensure_ascii=False)) if kept else ""

    def save(self, db: Database, viewer: Viewer, subject: str, key: int, *, office_phone: str, sealed: str) -> None:
        """Write a contact inside the caller's transaction, with its audit entry."""
        save_contact(db, subject, key, office_phone, sealed)
        record_action(db, viewer, "contact.saved", subject, key)

    def written(self, sealed: str) -> str:
        """Return a sealed contact as its owner wrote it, for the owner's own form."""
        parts = json.loads(self.sealer.open(sealed) or "{}")
        return " ".join(parts[name] for name in ("person", "mobile", "email", "rest") if parts.get(name))

    def of_posting(self, viewer: Viewer, key: int) -> ContactView:
        """Return the masked contact of a posting as this viewer may see it.

        Raises NotFoundError for those who may not ask for it.
        """
        phone, sealed, title = self._asked(viewer, key)
        return ContactView(phone, self.masked(sealed), True, title=title)

    def reveal(self, viewer: Viewer, key: int, reason: str) -> ContactView:
        """Return the protected contact of a posting and record who saw it and why.

        Without a reason nothing is revealed. Raises NotFoundError for those who may not ask.
        """
        if not reason.strip():
            return replace(self.of_posting(viewer, key), fault="请写明查看联系方式的事由。")
        phone, sealed, title = self._asked(viewer, key)
        with transaction(self._keeper.db) as db:
            record_action(db, viewer, "contact.revealed", POSTING, key, 事由=reason)
        return ContactView(phone, "", True, self._labelled(sealed), title)

    def revealable(self, viewer: Viewer, row: PostingRow) -> bool:
        """Whether there is a protected contact that this viewer may ask for."""
        if not self._may_reveal(viewer, row):
            return False
        return bool(load_contacts(self._keeper.db, POSTING, [row.key]).get(row.key, ("", ""))[1])

    def _asked(self, viewer: Viewer, key: int) -> tuple[str, str, str]:
        """Return office phone, seal and title of a posting whose contact this viewer may ask for."""
        rows = load_rows(self._keeper.db, [key])
        phone, sealed = load_contacts(self._keeper.db, POSTING, [key]).get(key, ("", ""))
        if not rows or not sealed or not self._may_reveal(viewer, rows[0]):
            raise NotFoundError("没有可以查看的联系方式。")
        return phone, sealed, rows[0].posting.title

    def labelled(self, sealed: str) -> str:
        """Return a sealed contact in full with its labels; whoever shows it records that."""
        return self._labelled(sealed)

    def masked(self, sealed: str) -> str:
        """Return a sealed contact with person, mobile and e-mail covered."""
        return mask_personal(self._labelled(sealed, rest=False))

    def _labelled(self, sealed: str, *, rest: bool = True) -> str:
        parts = json.loads(self.sealer.open(sealed) or "{}")
        labels = [("person", "联系人："), ("mobile", "手机："), ("email", "邮箱："), *([("rest", "")] if rest else [])]
        return "；".join(label + parts[name] for name, label in labels if parts.get(name))

    def _may_reveal(self, viewer: Viewer, row: PostingRow) -> bool:
        """The organisation itself, and matchmakers and reviewers of the district."""
        if not viewer.signed_in:
            return False
        district = getattr(row.posting, "district", "") or getattr(row.posting, "district_or_city", "")
        served = any(viewer.serves(role, row.region, district) for role in (MATCHMAKER, REVIEWER))
        return served or viewer.owns(row.organisation_key)
