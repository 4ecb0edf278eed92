"""From a sheet whose columns are known to checked rows: ids settled, updates found, twins pointed out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from marketplace.imports.choosing import Chosen
from marketplace.organisations.naming import fold_name
from marketplace.publicity import is_open_word
from marketplace.records import FIELDS, Fault, TermBook, check_record
from marketplace.states import VISIBLE
from marketplace.store import Database
from marketplace.store.imports import Known, load_known
from marketplace.store.postings import load_vectors
from marketplace.workbooks.checking import BAD, GOOD, TWIN, CheckedRow, check_rows
from marketplace.workbooks.columns import ORGANISATION
from marketplace.workbooks.rows import read_rows
from marketplace.workbooks.twins import BY_ID, BY_MEANING, Entry, Twin, find_twins, near_in_meaning
from matching import Encoder, PostingVectors, Side, compose

# More rows than this are compared by meaning only when they are encoded anyway, by the import job.
MEANING_AT_ONCE = 500
_LONGEST_ID = 64
# How far a check is: rows done, rows in all, and what it is about.
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom an import is: one organisation, or with key 0 those the rows name.

    ``sees_all`` says that the importing person may learn of postings that are not public.
    """

    key: int = 0
    name: str = ""
    sees_all: bool = False


def examine(
    db: Database,
    chosen: Chosen,
    *,
    owner: Owner,
    terms: TermBook | None,
    encoder: Encoder | None = None,
    tell: Tell = lambda done, total, message: None,
) -> list[CheckedRow]:
    """Return the rows of a sheet checked by themselves, against each other and against what is stored.

    With an encoder a short file is also compared by meaning. ``tell`` hears how many rows are done.
    """
    side = chosen.guess.side
    raw = read_rows(chosen.sheet, chosen.guess, exact_lists=chosen.workbook.format == "jsonl")
    total = len(raw)
    rows = check_rows(
        raw, side, terms, organisation=owner.name, tell=lambda done: tell(done, total, "正在逐行检查")
    )  # fmt: skip
    tell(total, total, "各行已检查，正在查找重复")
    return compare(db, rows, side, owner=owner, encoder=encoder)


def compare(
    db: Database,
    rows: Sequence[CheckedRow],
    side: Side,
    *,
    owner: Owner,
    encoder: Encoder | None = None,
    only: Collection[int] | None = None,
) -> list[CheckedRow]:
    """Return checked rows with the posting each updates and the twins of the new ones.

    ``only`` limits the work to rows at these places; the others are still what they are compared with.
    """
    known = load_known(db, side)
    places = range(len(rows)) if only is None else sorted(only)
    settled = list(rows)
    by_id = {one.external_id: one for one in known}
    for place in places:
        if rows[place].state != BAD and rows[place].posting_id and rows[place].state != "skipped":
            settled[place] = _settle(rows[place], by_id, side, owner)
    seen = [one for one in known if owner.sees_all or _same(one, owner) or _public(one)]
    fresh = [place for place in places if settled[place].state in (GOOD, TWIN) and not settled[place].target]
    found = _find(settled, fresh, seen, side, narrow=only is not None)
    if encoder is not None and only is None and 0 < len(fresh) <= MEANING_AT_ONCE:
        _add_meaning(db, settled, fresh, found, seen, encoder)
    for place in fresh:
        twins = found.get(place, ())
        settled[place] = replace(settled[place], twins=twins, state=TWIN if twins else GOOD)
    return settled


def entry_of(row: CheckedRow, side: Side) -> Entry:
    """Return a row as it is compared with others."""
    text = row.values.get("background" if side is Side.OPPORTUNITY else "summary")
    items = row.values.get("requirements" if side is Side.OPPORTUNITY else "features")
    first = items[0] if isinstance(items, list | tuple) and items else items
    organisation = str(row.values.get(ORGANISATION[side]) or "")
    return Entry(None, row.row_number, row.title, organisation, str(text or first or ""))


def known_entry(known: Known) -> Entry:
    """Return a stored posting as it is compared with rows."""
    return Entry(known.key, None, known.title, known.organisation, known.text)


def whole(vectors: PostingVectors) -> np.ndarray[Any, Any]:
    """Return one vector for what a posting is about."""
    mean: np.ndarray[Any, Any] = (vectors.title + vectors.body) / np.float32(2)
    return mean


def _settle(row: CheckedRow, by_id: Mapping[str, Known], side: Side, owner: Owner) -> CheckedRow:
    """Find the posting of the same id and organisation; another organisation's id makes room for one's own."""
    organisation = str(row.values.get(ORGANISATION[side]) or "")
    found = by_id.get(row.posting_id)
    if found is None or _mine(found, owner, organisation):
        return _updating(row, found)
    own = f"{row.posting_id[: _LONGEST_ID - 7]}-{_short(organisation)}"
    label = FIELDS[side][0].label
    sentence = f"“{label}”：“{row.posting_id}”已由另一单位使用；本条按“{own}”保存，再次导入时仍能认出。"
    hint = Fault("id", label, row.posting_id, sentence, blocking=False)
    faults = (*(fault for fault in row.faults if fault.field != "id" or fault.blocking), hint)
    return _updating(replace(row, posting_id=own, faults=faults), by_id.get(own))


def _updating(row: CheckedRow, found: Known | None) -> CheckedRow:
    if found is None:
        return replace(row, target=0)
    twin = Twin(found.key, None, found.title, found.organisation, 1.0, BY_ID)
    return replace(row, target=found.key, twins=(twin,), state=GOOD)


def _mine(known: Known, owner: Owner, organisation: str) -> bool:
    if owner.key and known.organisation_key:
        return known.organisation_key == owner.key
    return fold_name(known.organisation) == fold_name(organisation)


def _public(known: Known) -> bool:
    return known.state in VISIBLE and is_open_word(known.disclosure)


def _same(known: Known, owner: Owner) -> bool:
    return bool(owner.key) and known.organisation_key == owner.key


def _short(organisation: str) -> str:
    return hashlib.sha256(fold_name(organisation).encode()).hexdigest()[:6]


def _find(
    rows: Sequence[CheckedRow], fresh: Sequence[int], known: Sequence[Known], side: Side, *, narrow: bool
) -> dict[int, tuple[Twin, ...]]:
    """Compare by name and wording; return twins by place."""
    good = [place for place, row in enumerate(rows) if row.state in (GOOD, TWIN)]
    entries = [entry_of(rows[place], side) for place in good]
    index = {place: at for at, place in enumerate(good)}
    only = {index[place] for place in fresh} if narrow else None
    found = find_twins(entries, [known_entry(one) for one in known], only)
    wanted = set(fresh)
    return {good[at]: twins for at, twins in found.items() if good[at] in wanted}


def _add_meaning(
    db: Database,
    rows: Sequence[CheckedRow],
    fresh: Sequence[int],
    found: dict[int, tuple[Twin, ...]],
    known: Sequence[Known],
    encoder: Encoder,
) -> None:
    postings = {
        place: record.to_posting(posting_id=rows[place].posting_id)
        for place in fresh
        if (record := rows[place].record) is not None
    }
    places = list(postings)
    texts = [text for place in places for text in _two_texts(postings[place])]
    encoded = encoder.encode(texts)
    mine = (encoded[0::2] + encoded[1::2]) / np.float32(2)
    stored = {one.key: one for one in known}
    vectors = {key: own for key, own in load_vectors(db, encoder.fingerprint).items() if key in stored}
    keys = list(vectors)
    others = np.stack([whole(vectors[key]) for key in keys]) if keys else np.zeros((0, encoder.dim), np.float32)
    near: dict[int, list[Twin]] = {}
    for row, other, likeness in near_in_meaning(mine, others):
        near.setdefault(places[row], []).append(known_entry(stored[keys[other]]).twin(likeness, BY_MEANING))
    for row, other, likeness in near_in_meaning(mine, mine, triangle=True):
        entry = entry_of(rows[places[other]], postings[places[row]].side)
        near.setdefault(places[row], []).append(entry.twin(likeness, BY_MEANING))
    for place, twins in near.items():
        have = {(twin.posting_key, twin.row_number) for twin in found.get(place, ())}
        more = [twin for twin in twins if (twin.posting_key, twin.row_number) not in have]
        found[place] = (*found.get(place, ()), *sorted(more, key=lambda twin: -twin.likeness)[:3])


def _two_texts(posting: Any) -> tuple[str, str]:
    texts = compose(posting)
    return texts.title, texts.body


def recheck(side: Side, values: Mapping[str, Any], terms: TermBook | None) -> tuple[Any, tuple[Fault, ...]]:
    """Return the record of raw values and the faults that keep it out."""
    record, faults = check_record(side, values, terms)
    return record, tuple(fault for fault in faults if fault.blocking)
