"""Folds every text the same way at index and query time."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from opencc import OpenCC

_SPACE = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LEXICON = Path(__file__).resolve().parents[2] / "data" / "lexicon"
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
# Unit forms that NFKC leaves apart though they mean one thing.
_UNITS = {
    "℃": "°c", "摄氏度": "°c", "％": "%", "百分之": "%之", "㎡": "平方米", "m²": "平方米", "㎥": "立方米",
    "m³": "立方米", "公里": "千米", "公分": "厘米", "公尺": "米", "公斤": "千克", "毫秒": "ms",
    "≧": "≥", "≦": "≤", "⩾": "≥", "⩽": "≤", ">=": "≥", "<=": "≤", "～": "~", "〜": "~", "﹣": "-",
}  # fmt: skip
_UNIT = re.compile("|".join(re.escape(key) for key in sorted(_UNITS, key=len, reverse=True)))


_ROUNDS = 8


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@cache
def _regional(traditional: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    """Pattern and table of regional words; for text in traditional writing also the short ones.

    A short word may stand inside another by chance (方程式 holds 程式), so it is replaced only
    in traditional text and never inside the words of its third column.
    """
    table = {row[0]: row[1] for row in _rows(_LEXICON / "regional.tsv")}
    if traditional:
        for word, mainland, *unless in _rows(_LEXICON / "regional_traditional.tsv"):
            table[word] = mainland
            table.update({longer: longer for longer in "".join(unless).split("、") if longer})
    keys = sorted(table, key=lambda key: (-len(key), key))
    return re.compile("|".join(map(re.escape, keys))), table


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:] if line]


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Return the comparable form: NFKC, simplified, mainland words, lower case, one unit form.

    Folding again changes nothing. OpenCC's own word table (tw2sp) is not used: it also rewrites
    words that mainland text means as they stand (文件 → 文档, 程序 → 进程). The curated table
    holds only safe pairs.
    """
    # Half a character, left by a torn copy, is no text and would stop the converter.
    folded = _fold_once(_SURROGATE.sub("", text))
    # A closed gap can bring a unit or word together (公 里 → 公里 → 千米); each round shortens or settles.
    for _ in range(_ROUNDS):
        again = _fold_once(folded)
        if again == folded:
            break
        folded = again
    return folded


def _fold_once(text: str) -> str:
    text = _UNIT.sub(lambda hit: _UNITS[hit.group()], text)
    text = unicodedata.normalize("NFKC", text)
    text = _UNIT.sub(lambda hit: _UNITS[hit.group()], text)
    simplified = _to_simplified().convert(text)
    pattern, table = _regional(simplified != text)
    text = pattern.sub(lambda hit: table[hit.group()], simplified)
    text = _SPACE.sub(" ", text).strip().lower()
    return _BETWEEN_HAN.sub("", text)
