"""The only place that makes Markup: verbatim text with the given words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

_MAX_WORDS = 40


def mark(text: str, words: Iterable[str]) -> Markup:
    """``text`` escaped, with every occurrence of ``words`` (case ignored) inside <mark>."""
    wanted = sorted({word for word in words if word.strip()}, key=lambda word: (-len(word), word))
    if not wanted:
        return Markup(escape(text))
    pattern = re.compile("|".join(_whole(word) for word in wanted[:_MAX_WORDS]), re.IGNORECASE)
    pieces: list[str] = []
    end = 0
    for hit in pattern.finditer(text):
        pieces.append(str(escape(text[end : hit.start()])))
        pieces.append(f"<mark>{escape(hit.group())}</mark>")
        end = hit.end()
    pieces.append(str(escape(text[end:])))
    return Markup("".join(pieces))


def _whole(word: str) -> str:
    """A pattern for ``word`` that does not cut a figure in two: 2分钟 is not found in 12分钟."""
    before = r"(?<![\d.])" if word[0].isdigit() else ""
    after = r"(?!\.?\d)" if word[-1].isdigit() else ""
    return before + re.escape(word) + after


def paragraphs(text: str) -> tuple[str, ...]:
    """Plain text cut at its line breaks, empty lines left out."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
