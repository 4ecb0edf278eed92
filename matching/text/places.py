"""Takes the names of places out of what is compared, so that being from somewhere moves no score."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from matching.records import Capability, Posting
from matching.text.fold import fold

_TABLE = Path(__file__).resolve().parents[2] / "data" / "lexicon" / "places.tsv"
# What stands in a place's or an organisation's stead: plain words that say nothing about which.
PLACE, ORGANISATION = "本地", "本单位"
_SAMPLE = re.compile(r"\(示例\)")
# A name shorter than this may be an everyday word.
_SHORTEST_NAME = 4


# Part of a place's name behind a listed one; alone it is a word like any other.
_ZONE = "(?:(?:国家级)?(?:临空港|经济技术|经济|高新技术产业|高新技术)?(?:开发区|经开区|高新区)|州(?!市))?"


@cache
def _places() -> re.Pattern[str]:
    """A run of names, as 武汉市江岸区 is one place, with the zone it ends in (咸宁市高新区); longer names first."""
    rows = _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    names = sorted((fold(row.split("\t")[0]) for row in rows if row), key=lambda name: (-len(name), name))
    return re.compile(f"(?:{'|'.join(map(re.escape, names))})+{_ZONE}")


def without_names(text: str, own: tuple[str, ...] = ()) -> str:
    """Return the folded text with listed places, and the organisations named in ``own``, as plain words.

    Only what is encoded and segmented goes through here; what is quoted stays verbatim.
    """
    folded = fold(text)
    for name in own:
        folded = folded.replace(name, ORGANISATION)
    return _places().sub(PLACE, folded)


def without_places(text: str) -> str:
    """Return the folded text with nothing where a listed place was named, as 武汉楚光智感 becomes 楚光智感."""
    return _places().sub("", fold(text))


def own_names(posting: Posting) -> tuple[str, ...]:
    """Return the forms under which a posting's text may name its own organisation, longest first."""
    name = fold(posting.company if isinstance(posting, Capability) else posting.publisher)
    forms = {name, _SAMPLE.sub("", name)}
    return tuple(sorted((form for form in forms if len(form) >= _SHORTEST_NAME), key=lambda form: (-len(form), form)))
