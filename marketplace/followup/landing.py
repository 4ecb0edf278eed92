"""Keeps the landing that benchmarks read in step with its pairing."""

from __future__ import annotations

from typing import Any

from marketplace.flagging import refresh_flags
from marketplace.followup.rights import Seen
from marketplace.store import Database
from marketplace.store.benchmark_flags import landings_of_capabilities
from marketplace.store.landings import drop_landing, find_landing, find_landing_keys, save_landing


def landing_id(pairing_key: int) -> str:
    """Return the id of a pairing's landing, of its own kind so that an imported file does not meet it."""
    return f"DJ-{pairing_key}"


def write_landing(db: Database, seen: Seen, *, user_report: str = "") -> None:
    """Write the landing of a pairing inside a transaction, keeping what others noted in it."""
    row, known = seen.row, find_landing(db, landing_id(seen.row.key))
    raw: dict[str, Any] = dict(known or {})
    raw |= {
        "id": landing_id(row.key), "opportunity_id": seen.need.posting.id, "capability_id": seen.offer.posting.id,
        "signed_on": row.signed_on or None, "accepted_on": row.accepted_on, "contract_wan": row.amount_wan,
        "revisit_on": row.use_confirmed_on or None, "effects": _effects(seen),
    }  # fmt: skip
    if user_report:
        unit = getattr(seen.need.posting, "publisher", "")
        raw["user_report"] = {"unit": unit, "date": row.accepted_on, "text": user_report}
    save_landing(db, raw, row.opportunity_key, row.capability_key)
    refresh_flags(db, [raw["id"]])


def take_landing_back(db: Database, pairing_key: int) -> None:
    """Remove the landing of a pairing inside a transaction."""
    keys = find_landing_keys(db, [landing_id(pairing_key)])
    drop_landing(db, landing_id(pairing_key))
    refresh_flags(db, [landing_id(pairing_key), *landings_of_capabilities(db, (offer for _, offer in keys.values()))])


def _effects(seen: Seen) -> list[dict[str, Any]]:
    planned = {one["name"]: one for one in seen.row.planned_effect}
    real = {one["name"]: one for one in seen.row.real_effect}
    found = []
    for name in dict.fromkeys([*planned, *real]):
        one = real.get(name) or planned[name]
        found.append(
            {"name": name, "unit": one.get("unit", ""), "planned": planned.get(name, {}).get("value"),
             "measured": real.get(name, {}).get("value"), "higher_is_better": not one.get("lower", False),
             "method": None}
        )  # fmt: skip
    return found
