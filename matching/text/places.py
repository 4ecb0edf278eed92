"""Takes the names of places out of what is compared, so that being from somewhere moves no score."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from matching.records import Capability, Posting
from matching.text.fold import fold
from matching.text.organisations import companies, led_by

_TABLE = Path(__file__).resolve().parents[2] / "data" / "lexicon" / "places.tsv"
# What stands in a place's or an organisation's stead: plain words that say nothing about which.
PLACE, ORGANISATION = "本地", "本单位"
# Stands for the end of a line, at which a name ends, too; nobody writes this character.
_LINE = "\ue000"
_SAMPLE = re.compile(r"\(示例\)")
# A name shorter than this may be an everyday word.
_SHORTEST_NAME = 4
# Province, city, district and what lies in it, with room: without a bound a long run of names is walked
# through again from each of its places.
_RUN = 6


# Part of a place's name behind a listed one; alone it is a word like any other. A lake goes with the place it is
# called after (大冶湖), unless the word goes on (湖北, 湖泊, 湖区).
_LAKE = "(?:湖(?![北南泊区]))?"
_ZONE = (
    "(?:(?:国家级)?(?:临空港|临空)?(?:经济技术|经济|高新技术产业|高新技术|高新)?(?:开发区|经开区|高新区)"
    "|临空经济区|临空港|州(?!市))?"
)


@cache
def _place() -> str:
    """The pattern of a run of names, as 武汉市江岸区 is one place, with the zone it ends in (咸宁市高新区)."""
    rows = [row.split("\t") for row in _TABLE.read_text(encoding="utf-8").splitlines()[1:] if row]
    names = {fold(name): "".join(unless).split("、") for name, _, *unless in rows}
    ordered = sorted(names, key=lambda name: (-len(name), name))
    one = "|".join(_unless_going_on(name, names[name]) for name in ordered)
    # Looking at the first character spares most positions of a text the walk through six hundred names.
    return f"(?>(?=[{''.join(sorted({name[0] for name in names}))}])(?:{one}){{1,{_RUN}}}{_LAKE}{_ZONE})"


def _unless_going_on(name: str, words: list[str]) -> str:
    """A name where none of its longer everyday words begins: 大连 but not in 大连接."""
    longer = [re.escape(word) for word in words if word.startswith(name)]
    return (f"(?!{'|'.join(longer)})" if longer else "") + re.escape(name)


@cache
def _everyday() -> str:
    """The everyday words that begin before the name they hold: 复合肥, 完成都."""
    rows = [row.split("\t") for row in _TABLE.read_text(encoding="utf-8").splitlines()[1:] if row]
    words = {word for name, _, *unless in rows for word in "".join(unless).split("、") if word.find(name) > 0}
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


@cache
def _named() -> re.Pattern[str]:
    return re.compile(f"(?P<kept>{_everyday()})|(?P<place>{_place()})")


def without_names(text: str, own: tuple[str, ...] = ()) -> str:
    """Return the folded text with places and organisations, the ones in ``own`` among them, as plain words.

    Only what is encoded and segmented goes through here; what is quoted stays verbatim.
    """
    # Folding would join the last word of a title with the name the story begins with.
    folded = fold(text.replace("\n", _LINE))
    for name in own:
        folded = folded.replace(name, ORGANISATION)
    for pattern in (led_by(_place()), companies()):
        folded = pattern.sub(ORGANISATION, folded)
    masked = _without_places(folded, PLACE)
    return fold(masked.replace(_LINE, "\n")) if _LINE in masked else masked


def _without_places(folded: str, instead: str) -> str:
    return _named().sub(lambda hit: hit["kept"] or instead, folded)


def without_places(text: str) -> str:
    """Return the folded text with nothing where a listed place was named, as 武汉楚光智感 becomes 楚光智感."""
    return _without_places(fold(text), "")


def own_names(posting: Posting) -> tuple[str, ...]:
    """Return the forms under which a posting's text may name its own organisation, longest first."""
    name = fold(posting.company if isinstance(posting, Capability) else posting.publisher)
    forms = {name, _SAMPLE.sub("", name)}
    return tuple(sorted((form for form in forms if len(form) >= _SHORTEST_NAME), key=lambda form: (-len(form), form)))
