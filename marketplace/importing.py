"""Takes a checked file into the database: unchanged lines are skipped, the rest goes in by chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.benchmarks import find_fault, keep_noted
from marketplace.errors import RefusedError
from marketplace.flagging import refresh_flags
from marketplace.states import STATES, WITHDRAWN
from marketplace.store.database import Database, transaction
from marketplace.store.landings import find_landing, find_landing_keys, save_landing
from marketplace.store.postings import content_hash, find_keys, save_posting, stored_hashes
from matching import Encoder, Posting, Reading, Side, encode_postings, read_objects

CHUNK = 20


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many postings were new, changed, unchanged, and which stay withdrawn."""

    added: int
    changed: int
    unchanged: int
    still_withdrawn: tuple[str, ...]

    @property
    def touched(self) -> int:
        """Postings written."""
        return self.added + self.changed


def import_postings(
    db: Database, reading: Reading, encoder: Callable[[], Encoder], say: Callable[[str], None]
) -> ImportResult:
    """Write the postings of a file that passed its checks.

    Each chunk is one transaction and is reported once it is safely stored; after a break the same
    command finishes without doubles. The encoder is only loaded when something has changed.
    """
    _check_states(reading)
    known = stored_hashes(db, reading.side, [posting.id for posting in reading.postings])
    fresh = [one for one in reading.postings if one.id not in known or known[one.id][1] != content_hash(one)]
    kept = tuple(one.id for one in reading.postings if one.id in known and known[one.id][2] == WITHDRAWN)
    added = sum(posting.id not in known for posting in fresh)
    done = 0
    for chunk in _chunks(fresh):
        model = encoder()
        vectors = encode_postings(chunk, model)
        with transaction(db):
            for posting, own in zip(chunk, vectors, strict=True):
                save_posting(db, posting, own, model.fingerprint)
        done += len(chunk)
        say(f"已保存 {done}/{len(fresh)}：{'、'.join(posting.id for posting in chunk)}")
    return ImportResult(added, len(fresh) - added, len(reading.postings) - len(fresh), kept)


def _chunks(postings: Sequence[Posting]) -> Iterator[Sequence[Posting]]:
    for start in range(0, len(postings), CHUNK):
        yield postings[start : start + CHUNK]


def _check_states(reading: Reading) -> None:
    for posting in reading.postings:
        state = posting.listing.state
        if state is not None and state not in STATES:
            allowed = "、".join(f"{code}（{label}）" for code, label in STATES.items())
            raise RefusedError(
                f"编号“{posting.id}”字段“state”：发现“{state}”；应为：{allowed}，或留空。没有写入任何数据。"
            )


def looks_like_landings(objects: Sequence[tuple[int, dict[str, Any]]]) -> bool:
    """Whether a file holds landed pairs rather than postings."""
    return all({"opportunity_id", "capability_id", "accepted_on"} <= raw.keys() for _, raw in objects)


def import_landings(db: Database, path: Path) -> int:
    """Write landed pairs whose postings are known, and keep what was noted of them here; all or nothing of the file.

    Raises RefusedError naming the line, and InputError when the file is no JSON.
    """
    prepared = []
    seen: dict[str, int] = {}
    for number, raw in read_objects(path):
        fault = find_fault(raw)
        if fault is not None:
            field, allowed = fault
            raise RefusedError(f"{path} 第 {number} 行 字段“{field}”：缺失或有误；应为：{allowed}。没有写入任何数据。")
        if raw["id"] in seen:
            raise RefusedError(
                f"{path} 第 {number} 行 字段“id”：“{raw['id']}”与第 {seen[raw['id']]} 行重复；"
                "应为：文件内不重复的编号。没有写入任何数据。"
            )
        seen[raw["id"]] = number
        opportunity = _posting_key(db, path, number, raw["opportunity_id"], Side.OPPORTUNITY)
        capability = _posting_key(db, path, number, raw["capability_id"], Side.CAPABILITY)
        prepared.append((raw, opportunity, capability))
    with transaction(db):
        pairs = find_landing_keys(db, list(seen))
        for raw, opportunity, capability in prepared:
            # What was checked about one pair says nothing of another that takes its number.
            same = pairs.get(raw["id"]) == (opportunity, capability)
            known = find_landing(db, raw["id"]) if same else None
            save_landing(db, keep_noted(raw, known), opportunity, capability)
        refresh_flags(db, [raw["id"] for raw, _, _ in prepared])
    return len(prepared)


def _posting_key(db: Database, path: Path, number: int, posting_id: str, side: Side) -> int:
    found = find_keys(db, posting_id, side)
    if not found:
        name = "场景机会" if side is Side.OPPORTUNITY else "场景能力"
        raise RefusedError(f"{path} 第 {number} 行：没有编号为“{posting_id}”的{name}；请先导入清单。没有写入任何数据。")
    return found[0][0]
