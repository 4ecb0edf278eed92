"""Reads and writes contacts: the office phone in the open, everything personal sealed."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.store.database import Database, now

_CHUNK = 500


def save_contact(db: Database, subject: str, key: int, office_phone: str, sealed: str) -> None:
    """Write the contact of one subject inside a transaction."""
    values = {"office_phone": office_phone, "sealed": sealed, "updated_at": now()}
    done = db.conn.execute(
        "update contact set office_phone = ?, sealed = ?, updated_at = ? where subject = ? and subject_key = ?",
        [*values.values(), subject, key],
    )
    if not done.rowcount:
        db.table("contact").insert(values | {"subject": subject, "subject_key": key})


def load_contacts(db: Database, subject: str, keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return office phone and seal by subject key."""
    found = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        where = f"subject = ? and subject_key in ({marks})"
        for row in db.table("contact").rows_where(where, [subject, *part]):
            found[row["subject_key"]] = (row["office_phone"] or "", row["sealed"] or "")
    return found


def drop_contact(db: Database, subject: str, key: int) -> None:
    """Delete the contact of one subject inside a transaction."""
    db.table("contact").delete_where("subject = ? and subject_key = ?", [subject, key])
