"""The taxonomies of an installation as records, forms and editors ask them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date

from marketplace.access import ADMIN, Viewer, require
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError
from marketplace.settings import MarketSettings
from marketplace.store import Database, transaction
from marketplace.store.taxonomies import (
    all_terms,
    end_term,
    load_terms,
    save_term,
    sync_terms,
    term_counts,
    terms_version,
)
from marketplace.taxonomies import TAXONOMIES, Term, TermFinder, find_division, read_taxonomy_files, suggest_division

DIVISIONS = "divisions"
# Lists nobody edits here, each with the reason told to the administrator.
FIXED = {
    "gbt4754_2017": "这张表是国家标准 GB/T 4754-2017 的全文，只随标准整体更换，因此只供查阅，不能在这里修改。",
    DIVISIONS: "行政区划随程序提供，核对地名时直接用随附的文件，在这里修改不会起作用，因此只供查阅。",
}


class Terms:
    """The terms valid on one day; a TermBook for the records."""

    def __init__(self, lists: dict[str, list[Term]]) -> None:
        self._lists = lists
        self._finders: dict[str, TermFinder] = {}

    def find(self, taxonomy: str, text: str) -> str | None:
        """Return the label meant by ``text``, None when it names no valid term."""
        if taxonomy == DIVISIONS:
            division = find_division(text)
            return division.full_name if division else None
        term = self._finder(taxonomy).find(text)
        return term.label if term else None

    def nearest(self, taxonomy: str, text: str) -> tuple[str, ...]:
        """Return labels that look like ``text``, best first."""
        if taxonomy == DIVISIONS:
            near = suggest_division(text)
            return (near,) if near else ()
        return tuple(term.label for term in self._finder(taxonomy).nearest(text))

    def labels(self, taxonomy: str) -> tuple[str, ...]:
        """Return the valid labels in their order; none for the divisions, which are too many to offer."""
        if taxonomy == DIVISIONS:
            return ()
        return tuple(term.label for term in self._lists.get(taxonomy, ()))

    def terms(self, taxonomy: str) -> tuple[Term, ...]:
        """Return the valid terms themselves in their order."""
        return tuple(self._lists.get(taxonomy, ()))

    def _finder(self, taxonomy: str) -> TermFinder:
        if taxonomy not in self._finders:
            self._finders[taxonomy] = TermFinder(self._lists.get(taxonomy, []))
        return self._finders[taxonomy]


@dataclass(frozen=True, slots=True)
class TaxonomyLine:
    """One list in numbers; ``unverified`` counts the terms in use whose wording is still to be checked."""

    name: str
    label: str
    terms: int
    ended: int
    unverified: int
    fixed: bool


@dataclass(frozen=True, slots=True)
class TaxonomyPage:
    """One list with all its terms, ended ones too; ``fixed`` says why it cannot be edited, else it is empty."""

    name: str
    label: str
    terms: tuple[Term, ...]
    today: str
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class TermPage:
    """One term of a list to be edited, None for a new one, among all terms of its list."""

    name: str
    label: str
    term: Term | None
    terms: tuple[Term, ...]
    today: str


def load_book(db: Database, settings: MarketSettings) -> Terms:
    """Return the terms valid today; those shipped with the program where the database holds none yet."""
    today = date.today().isoformat()
    names = [name for name in TAXONOMIES if name != DIVISIONS]
    # One list edited by hand must not hide those that were never brought into the database.
    missing = set(names) - term_counts(db, today).keys()
    shipped = read_taxonomy_files(settings.matching.data_dir / "taxonomies") if missing else {}
    valid = {name: [term for term in shipped.get(name, []) if term.valid_on(today)] for name in missing}
    return Terms({name: valid[name] if name in missing else load_terms(db, name) for name in names})


def take_in_terms(db: Database, settings: MarketSettings) -> tuple[int, int]:
    """Bring the shipped taxonomies into the database; return how many terms were added and changed."""
    shipped = read_taxonomy_files(settings.matching.data_dir / "taxonomies")
    with transaction(db):
        return sync_terms(db, (term for terms in shipped.values() for term in terms))


class TermDesk:
    """Reads the taxonomies for everyone and lets the administrator edit them."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, str], Terms] | None = None

    def book(self) -> Terms:
        """Return the terms valid today, kept until someone edits them or the day ends."""
        db = self._keeper.db
        mark = (terms_version(db), date.today().isoformat())
        with self._lock:
            if self._kept is None or self._kept[0] != mark:
                self._kept = (mark, load_book(db, self._settings))
            return self._kept[1]

    def lists(self, viewer: Viewer) -> tuple[TaxonomyLine, ...]:
        """Return every list in numbers; raises ForbiddenError for everyone but the administrator."""
        require(viewer, ADMIN)
        counts = term_counts(self._keeper.db, date.today().isoformat())
        return tuple(
            TaxonomyLine(name, label, *counts.get(name, (0, 0, 0)), name in FIXED) for name, label in TAXONOMIES.items()
        )

    def page(self, viewer: Viewer, name: str) -> TaxonomyPage:
        """Return one list for its editor.

        Raises ForbiddenError for everyone but the administrator, NotFoundError for an unknown list.
        """
        label = _find_list(viewer, name)
        terms = tuple(all_terms(self._keeper.db, name))
        return TaxonomyPage(name, label, terms, date.today().isoformat(), FIXED.get(name, ""))

    def term_page(self, viewer: Viewer, name: str, code: str = "") -> TermPage:
        """Return the term of ``code`` for its form; without a code what the form of a new one needs.

        Raises ForbiddenError also for a list nobody edits, NotFoundError for an unknown list or term.
        """
        label = _find_list(viewer, name, edit=True)
        terms = tuple(all_terms(self._keeper.db, name))
        term = next((one for one in terms if one.code == code), None)
        if code and term is None:
            raise NotFoundError(f"{label}中没有代码为“{code}”的条目。")
        return TermPage(name, label, term, terms, date.today().isoformat())

    def add(self, viewer: Viewer, term: Term) -> None:
        """Add a term; raises RefusedError when its code is taken or the list would contradict itself."""
        self._save(viewer, term, new=True)

    def change(self, viewer: Viewer, term: Term) -> None:
        """Replace the term of this code, in its place; raises NotFoundError, or RefusedError as ``add`` does."""
        self._save(viewer, term, new=False)

    def _save(self, viewer: Viewer, term: Term, *, new: bool) -> None:
        label = _find_list(viewer, term.taxonomy, edit=True)
        db = self._keeper.db
        with transaction(db):
            known = any(one.code == term.code for one in all_terms(db, term.taxonomy))
            if new and known:
                raise RefusedError(f"代码“{term.code}”在{label}中已有；应换一个没有用过的代码，或修改原有条目。")
            if not new and not known:
                raise NotFoundError(f"{label}中没有代码为“{term.code}”的条目。")
            save_term(db, term)
            record_action(db, viewer, "taxonomy.changed", "taxonomy", 0, 分类=label, 代码=term.code, 名称=term.label)

    def end(self, viewer: Viewer, taxonomy: str, code: str, day: str) -> None:
        """Make ``day`` (ISO) the last day of a term; what was written with it stays."""
        label = _find_list(viewer, taxonomy, edit=True)
        db = self._keeper.db
        with transaction(db):
            end_term(db, taxonomy, code, day)
            record_action(db, viewer, "taxonomy.changed", "taxonomy", 0, 分类=label, 代码=code, 停用=day)


def _find_list(viewer: Viewer, name: str, *, edit: bool = False) -> str:
    """Return the label of a list this viewer may read, or edit."""
    require(viewer, ADMIN)
    if name not in TAXONOMIES:
        raise NotFoundError("没有这张分类表。")
    if edit and name in FIXED:
        raise ForbiddenError(FIXED[name])
    return TAXONOMIES[name]
