"""Finds the administrative division or functional zone that a written place name means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from marketplace.taxonomies.files import FOLDER, read_taxonomy_files
from marketplace.taxonomies.terms import Term, term_key

CIRCLE = {
    "武汉市": "420100", "黄石市": "420200", "鄂州市": "420700", "孝感市": "420900", "黄冈市": "421100",
    "咸宁市": "421200", "仙桃市": "429004", "天门市": "429006", "潜江市": "429005",
}  # fmt: skip
# Rows that only add up others: nobody writes them as a place.
_SUMS = re.compile(r"市辖区|县|.+直辖县级行政区划")
_DIRECT = "直辖县级行政区划"
_SUFFIX = re.compile(r"(?<=..)(?:地区|省|市|区|县|州|盟|旗)$")
_BRACKETED = re.compile(r"[(\[【〔].*?[)\]】〕]")
_MARKS = re.compile(r"[\W_]+")
_RANK = {"province": 0, "city": 1, "county": 2, "zone": 2}
# Two characters are too few to tell a slip of the pen from another place.
_CLOSE, _LEAST = 0.66, 3


@dataclass(frozen=True, slots=True)
class Division:
    """A place: ``level`` is province, city, county or zone (a functional zone without an official code).

    ``city`` and ``city_code`` are its city; a municipality and a unit directly under its province
    (仙桃市, 神农架林区) are their own, a province has none ("").
    """

    code: str
    name: str
    level: str
    city: str
    city_code: str
    province: str

    @property
    def full_name(self) -> str:
        """City and name as lists write them: 武汉市江夏区, 潜江市, 武汉经开区."""
        if self.level not in ("county", "zone") or self.name.startswith(_short(self.city)):
            return self.name
        return self.city + self.name

    @property
    def in_circle(self) -> bool:
        """Whether it lies in one of the nine cities."""
        return CIRCLE.get(self.city) == self.city_code


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a division; ``bare`` forms lack their suffix (江夏) and are easily mistaken."""

    division: Division
    bare: bool


class DivisionBook:
    """All divisions of a list of terms, ready for look-ups."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = {term.code: term for term in terms}
        self._by_code: dict[str, Division] = {}
        self._forms: dict[str, list[_Form]] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}
        for term in self._terms.values():
            if not _SUMS.fullmatch(term.label):
                self._add(self._division(term), term)

    def find(self, text: str) -> Division | None:
        """Return the one division whose code or name ``text`` is, with or without province, city and suffix.

        The text may be traditional or full width. A name of several places is taken only when one
        of them lies in the nine cities. A text that says more than a name (潜江市区) means none.
        """
        code = term_key(text)
        if code in self._by_code:
            return self._by_code[code]
        found = self.same_name(text)
        if len(found) > 1:
            found = [division for division in found if division.in_circle]
        return found[0] if len(found) == 1 else None

    def same_name(self, text: str) -> list[Division]:
        """Return all divisions ``text`` can mean, of the highest level only (长沙 is the city)."""
        for key in dict.fromkeys((_key(text), _key(_BRACKETED.sub("", term_key(text))))):
            found = list(dict.fromkeys(self._exact(key)))
            if found:
                top = min(_RANK[division.level] for division in found)
                return [division for division in found if _RANK[division.level] == top]
        return []

    def suggest(self, text: str) -> str | None:
        """Return the full name of the place a text probably means, None when there is no telling."""
        found = self.find(text)
        if found:
            return found.full_name
        if self.same_name(text):
            return None
        key = _key(text)
        within = self._longest(key, {"county", "zone"})
        near = within or self._nearest(key) or self._longest(key, set(_RANK))
        return near.full_name if near else None

    def by_code(self, code: str) -> Division | None:
        """Return the division of a code."""
        return self._by_code.get(term_key(code))

    def _division(self, term: Term) -> Division:
        parent = self._terms.get(term.parent or "")
        if parent is None:
            # A municipality is its own city: its districts stand under a row named 市辖区.
            own_city = term.label.endswith("市")
            return Division(
                term.code, term.label, "province", term.label if own_city else "",
                term.code if own_city else "", term.label,
            )  # fmt: skip
        above = self._terms.get(parent.parent or "")
        if above is None or parent.label.endswith(_DIRECT):
            return Division(term.code, term.label, "city", term.label, term.code, (above or parent).label)
        city = above if _SUMS.fullmatch(parent.label) else parent
        level = "county" if term.code.isdigit() else "zone"
        return Division(term.code, term.label, level, city.label, city.code, above.label)

    def _add(self, division: Division, term: Term) -> None:
        self._by_code[term_key(division.code)] = division
        names = [_key(name) for name in (term.label, *term.synonyms)]
        for name in dict.fromkeys(names):
            self._forms.setdefault(name, []).append(_Form(division, bare=False))
        for short in dict.fromkeys(map(_short, names)):
            if short not in names:
                self._forms.setdefault(short, []).append(_Form(division, bare=True))
        if _RANK[division.level] < _RANK["county"]:
            self._prefixes[division.name] = tuple(dict.fromkeys([*names, *map(_short, names)]))

    def _exact(self, key: str) -> Iterable[Division]:
        """Yield the divisions whose province, city and name, each as far as written, make up ``key``."""
        for cut in range(len(key)):
            for form in self._forms.get(key[cut:], ()):
                if self._leads_to(key[:cut], form):
                    yield form.division

    def _leads_to(self, head: str, form: _Form) -> bool:
        division = form.division
        own = division.level == "province"
        provinces = ("",) if own else ("", *self._prefixes.get(division.province, ()))
        if _RANK[division.level] < _RANK["county"]:
            return head in provinces
        cities = self._prefixes.get(division.city, ())
        if head in {province + city for province in provinces for city in cities}:
            return True
        # Without its city a bare name would too often be another word or another place.
        return head in provinces and (division.in_circle or not form.bare)

    def _longest(self, key: str, levels: set[str]) -> Division | None:
        """Return the place of these levels that the longest beginning of ``key`` names."""
        for end in range(len(key) - 1, 1, -1):
            found = self.find(key[:end])
            if found and found.level in levels:
                return found
        return None

    def _nearest(self, key: str) -> Division | None:
        """Return the place of the nine cities most like ``key``, None when two are equally like."""
        if len(key) < _LEAST:
            return None
        names = {
            _key(name): division
            for division in self._by_code.values()
            if division.in_circle
            for name in (division.name, division.full_name)
        }
        close = difflib.get_close_matches(key, names, n=2, cutoff=_CLOSE)
        likeness = [difflib.SequenceMatcher(None, name, key).ratio() for name in close]
        if not close or (len(close) > 1 and likeness[0] == likeness[1] and names[close[0]] != names[close[1]]):
            return None
        return names[close[0]]


def _key(text: str) -> str:
    return _MARKS.sub("", term_key(text))


def _short(name: str) -> str:
    return _SUFFIX.sub("", name)


@cache
def _shipped() -> DivisionBook:
    return DivisionBook(read_taxonomy_files(FOLDER)["divisions"])


def find_division(text: str) -> Division | None:
    """Return the division of the shipped list that ``text`` names, see ``DivisionBook.find``."""
    return _shipped().find(text)


def same_name_divisions(text: str) -> list[Division]:
    """Return every division of the shipped list that ``text`` can mean, to ask which is meant."""
    return _shipped().same_name(text)


def suggest_division(text: str) -> str | None:
    """Return the full name of the place ``text`` probably means, see ``DivisionBook.suggest``."""
    return _shipped().suggest(text)
