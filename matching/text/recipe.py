"""Turns a posting into the texts that are encoded and quoted; a change here raises the version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.records import Opportunity, Passage, Posting

RECIPE_VERSION = 4
MAX_SENTENCE = 120
_END = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_CLAUSE = re.compile(r"(?:[^，,、]|(?<=\d),(?=\d))+[，,、]*")


@dataclass(frozen=True, slots=True)
class PostingTexts:
    """The texts of one posting: its title, its body in one piece and its quotable passages.

    An opportunity's passages are what must be served (requirements, or the sentences of the
    background where none are listed); a capability's are what may prove it.
    """

    title: str
    body: str
    passages: tuple[Passage, ...]


def compose(posting: Posting) -> PostingTexts:
    """Return the texts of ``posting`` as written; folding happens when they are encoded."""
    if isinstance(posting, Opportunity):
        body = "\n".join(filter(None, (posting.background, *posting.requirements)))
        passages = tuple(
            Passage("requirement", index, text) for index, text in enumerate(posting.requirements) if text
        ) or tuple(Passage("background", None, text) for text in sentences(posting.background))
        if not passages:
            passages = (Passage("title", None, posting.title),)
    else:
        body = "\n".join(filter(None, (posting.summary, *posting.features)))
        passages = (
            *_listed("feature", posting.features),
            *(Passage("summary", None, text) for text in sentences(posting.summary)),
            *_listed("case", posting.cases),
            Passage("title", None, posting.title),
        )
    return PostingTexts(posting.title, body or posting.title, passages)


def _listed(source: str, texts: tuple[str, ...]) -> list[Passage]:
    """Passages of numbered texts; one longer than a sentence is quoted sentence by sentence."""
    return [
        Passage(source, index, piece)
        for index, text in enumerate(texts)
        if text
        for piece in ([text] if len(text) <= MAX_SENTENCE else sentences(text))
    ]


def sentences(text: str) -> list[str]:
    """Cut ``text`` into verbatim sentences; long ones again at commas, then hard at the limit."""
    found = []
    for match in _END.finditer(text):
        sentence = match.group().strip()
        if len(sentence) <= MAX_SENTENCE:
            found.append(sentence)
        else:
            found.extend(_cut_long(sentence))
    return [piece for piece in found if piece]


def _cut_long(sentence: str) -> list[str]:
    pieces: list[str] = []
    current = ""
    for match in _CLAUSE.finditer(sentence):
        clause = match.group()
        if current and len(current) + len(clause) > MAX_SENTENCE:
            pieces.append(current)
            current = ""
        current += clause
    pieces.append(current)
    return [
        piece[start : start + MAX_SENTENCE].strip() for piece in pieces for start in range(0, len(piece), MAX_SENTENCE)
    ]
