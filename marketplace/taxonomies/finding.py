"""Finds the term that a written text means, and the nearest ones when it means none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from marketplace.taxonomies.terms import Term, term_key

_CLOSE = 0.5


class TermFinder:
    """The terms of one list, ready for many look-ups."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_code: dict[str, Term] = {}
        self._by_name: dict[str, list[Term]] = {}
        for term in terms:
            self._by_code[term.code] = term
            for name in dict.fromkeys(map(term_key, (term.label, *term.synonyms))):
                self._by_name.setdefault(name, []).append(term)
        self._folded_codes = {term_key(code): term for code, term in self._by_code.items()}

    def find(self, text: str) -> Term | None:
        """Return the term whose code, label or synonym ``text`` is, whatever its script and width.

        A label shared by a term and its own sub-terms means the highest of them; one shared by
        terms of different branches means none.
        """
        key = term_key(text)
        found = self._folded_codes.get(key)
        return found or self._topmost(self._by_name.get(key, []))

    def nearest(self, text: str, n: int = 3) -> list[Term]:
        """Return up to ``n`` terms whose label or synonym looks most like ``text``, best first."""
        if n < 1:
            return []
        # A term may be hit by its label and by synonyms, so more names than terms are asked for.
        names = difflib.get_close_matches(term_key(text), self._by_name, n=n * 4, cutoff=_CLOSE)
        terms = dict.fromkeys(term for name in names for term in self._by_name[name])
        return list(terms)[:n]

    def _topmost(self, terms: list[Term]) -> Term | None:
        tops = [term for term in terms if not any(other in self._ancestors(term) for other in terms)]
        return tops[0] if len(tops) == 1 else None

    def _ancestors(self, term: Term) -> list[Term]:
        found: list[Term] = []
        while term.parent in self._by_code and self._by_code[term.parent] not in found:
            term = self._by_code[term.parent]
            found.append(term)
        return found


def find_term(terms: Iterable[Term], text: str) -> Term | None:
    """Return the one term that ``text`` means, or None; for many texts keep a ``TermFinder``."""
    return TermFinder(terms).find(text)


def nearest_terms(terms: Iterable[Term], text: str, n: int = 3) -> list[Term]:
    """Return up to ``n`` terms to suggest for a text that means none, best first."""
    return TermFinder(terms).nearest(text, n)
