"""Cuts folded text into words; the only module that imports jieba."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jieba

from matching.text.fold import fold

_WORD = re.compile(r"[a-z0-9\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z0-9]+")
jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """Words of a text in search mode, with the field lexicon, aliases and stop words of a folder.

    The folder holds ``terms.tsv``, ``aliases.tsv`` and ``stopwords.txt``.
    """

    def __init__(self, lexicon_dir: Path) -> None:
        self._jieba = jieba.Tokenizer()
        self._jieba.initialize()
        for term, _ in read_columns(lexicon_dir / "terms.tsv"):
            # tune=True lifts the frequency just enough for the term to survive as one word.
            self._jieba.add_word(term, freq=max(self._jieba.suggest_freq(term), 50))
        self._stop = frozenset((lexicon_dir / "stopwords.txt").read_text(encoding="utf-8").split())
        pairs = {alias: canonical for canonical, alias in read_columns(lexicon_dir / "aliases.tsv")}
        self._aliases = pairs
        self._alias = _alias_pattern(pairs)

    def tokens(self, text: str) -> list[str]:
        """Return the words of ``text`` in order, aliases in their usual form, stop words dropped."""
        folded = fold(text)
        if self._alias is not None:
            folded = self._alias.sub(lambda hit: self._aliases[hit.group()], folded)
        return list(self._words(folded))

    def _words(self, folded: str) -> Iterator[str]:
        for word in self._jieba.cut_for_search(folded):
            if _WORD.search(word) and word not in self._stop:
                yield word


def _alias_pattern(pairs: dict[str, str]) -> re.Pattern[str] | None:
    if not pairs:
        return None
    parts = []
    for alias in sorted(pairs, key=lambda key: (-len(key), key)):
        escaped = re.escape(alias)
        # "ai" must not be found inside "train": Latin aliases need their own borders.
        before = r"(?<![a-z0-9])" if _LATIN.match(alias[0]) else ""
        after = r"(?![a-z0-9])" if _LATIN.match(alias[-1]) else ""
        parts.append(before + escaped + after)
    return re.compile("|".join(parts))


def read_columns(path: Path) -> list[tuple[str, str]]:
    """Return the two columns of a lexicon table without its header."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line.strip():
            left, right = line.split("\t")
            rows.append((left, right))
    return rows


@cache
def shared_segmenter(lexicon_dir: Path) -> Segmenter:
    """Return one segmenter for a folder; building one takes about a second."""
    return Segmenter(lexicon_dir)
