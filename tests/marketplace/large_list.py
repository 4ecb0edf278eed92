"""Makes a long list of opportunities as an office would send it: many good rows, and known bad ones and copies.

Long lists have short rows: a sentence or two and up to three requirements. The words are those of the
sample lists, put together anew; the same seed gives the same list.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import matching

SAMPLES = Path(matching.__file__).resolve().parents[1] / "data" / "samples"
HEAD = (
    "编号", "场景名称", "发布单位", "单位类型", "所在区域", "领域", "背景与问题", "需求条目", "预算（万元）",
    "截止日期", "联系方式",
)  # fmt: skip
TITLE, BACKGROUND, ITEMS, MONEY, DAY = 1, 6, 7, 8, 9
OFFICES = (
    "城市管理执法局", "水务和湖泊局", "交通运输局", "应急管理局", "卫生健康局", "教育局", "农业农村局", "自然资源局",
    "生态环境局", "数据局", "文化和旅游局", "市场监督管理局",
)  # fmt: skip
MONEYS = ("120", "300-500万元", "1.44亿元", "面议", "８０", "100万元以内", "")
DAYS = ("2027-06-30", "2027年底", "24个月", "2027年6月底", "")
HEADER_ROWS = 1
BAD_EVERY, COPY_EVERY = 80, 100


def _no_title(row: list[str]) -> str:
    row[TITLE] = ""
    return "title"


def _unclear_money(row: list[str]) -> str:
    row[MONEY] = "若干"
    return "budget"


def _no_such_day(row: list[str]) -> str:
    row[DAY] = "2027-02-30"
    return "deadline"


def _mobile_number(row: list[str]) -> str:
    row[BACKGROUND] += "详询 13800000000。"
    return "background"


def _unknown_type(row: list[str]) -> str:
    row[3] = "其他类型"
    return "publisher_type"


def _too_many_items(row: list[str]) -> str:
    row[ITEMS] = "\n".join(f"{number}. 第{number}项指标达到要求" for number in range(1, 26))
    return "requirements"


SPOILERS: tuple[Callable[[list[str]], str], ...] = (
    _no_title, _unclear_money, _no_such_day, _mobile_number, _unknown_type, _too_many_items,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LargeList:
    """A list and what must become of it, by the row numbers a spreadsheet program shows.

    ``good`` are the ids of the rows that come in, ``bad`` the faulty field by row number, ``copies`` the
    row number of the original by that of its copy.
    """

    rows: tuple[tuple[str, ...], ...]
    good: tuple[str, ...]
    bad: dict[int, str]
    copies: dict[int, int]

    def write(self, path: Path) -> Path:
        """Write the list as xlsx or csv, after the ending of ``path``; return it."""
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([HEAD, *self.rows])
            return path
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("清单")
        for row in (HEAD, *self.rows):
            sheet.append(row)
        book.save(path)
        return path


class _Words:
    """Titles, sentences and requirements of the sample lists, to be put together anew."""

    def __init__(self, dice: random.Random) -> None:
        needs, offers = _sample("opportunities"), _sample("capabilities")
        self._dice = dice
        self.districts = sorted({need["district"] for need in needs})
        self.domains = sorted({need["domain"] for need in needs})
        self._sentences = sorted({*_sentences(needs, "background"), *_sentences(offers, "summary")})
        self._items = sorted({item for row in needs for item in row["requirements"]} | {
            item for row in offers for item in row["features"]
        })  # fmt: skip
        titles = _apart(sorted({row["title"] for row in (*needs, *offers)}))
        self._pairs = [(one, other) for one in titles for other in titles if one != other]
        dice.shuffle(self._pairs)
        self._said: dict[str, set[str]] = {title: set() for title in titles}

    def story(self) -> tuple[str, str]:
        """A name that no other row has, and a sentence or two; needs that share half a name share no sentence."""
        one, other = self._pairs.pop()
        said = self._said[one] | self._said[other]
        chosen: list[str] = []
        count = self._dice.randint(1, 2)
        while len(chosen) < count:
            sentence = self._dice.choice(self._sentences)
            if sentence not in said:
                chosen.append(sentence)
                said.add(sentence)
        for title in (one, other):
            self._said[title].update(chosen)
        return f"{one}与{other}", "。".join(chosen) + "。"

    def items(self) -> str:
        """One to three numbered requirements, one a line."""
        chosen = self._dice.sample(self._items, self._dice.randint(1, 3))
        return "\n".join(f"{number}. {item}" for number, item in enumerate(chosen, 1))


def make_large_list(count: int, *, seed: int = 20261122) -> LargeList:
    """Return a list of ``count`` rows."""
    dice = random.Random(seed)
    words = _Words(dice)
    rows: list[tuple[str, ...]] = []
    good: list[str] = []
    bad: dict[int, str] = {}
    copies: dict[int, int] = {}
    originals: list[int] = []
    for number in range(HEADER_ROWS + 1, count + HEADER_ROWS + 1):
        row = _row(words, dice, number)
        if number % BAD_EVERY == 0:
            bad[number] = SPOILERS[len(bad) % len(SPOILERS)](row)
        elif number % COPY_EVERY == COPY_EVERY // 2 + 1 and originals:
            # Each original is copied once, a long way up the list or just above.
            copies[number] = originals.pop(dice.randrange(len(originals)))
            original = rows[copies[number] - HEADER_ROWS - 1]
            row = [row[0], *original[1:]]
            if len(copies) % 2:
                # The same need in slightly other words.
                row[TITLE], row[BACKGROUND] = f"{row[TITLE]}项目", row[BACKGROUND].replace("，", "、")
        else:
            good.append(row[0])
            originals.append(number)
        rows.append(tuple(row))
    return LargeList(tuple(rows), tuple(good), bad, copies)


def _row(words: _Words, dice: random.Random, number: int) -> list[str]:
    district = dice.choice(words.districts)
    office = f"{district}{dice.choice(OFFICES)}（示例）"
    title, background = words.story()
    return [
        f"DL-{number:06d}", title, office, "政府部门", district, dice.choice(words.domains), background, words.items(),
        dice.choice(MONEYS), dice.choice(DAYS), f"综合科 027-{dice.randrange(10**8):08d}",
    ]  # fmt: skip


def _sample(name: str) -> list[dict[str, str]]:
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _sentences(rows: list[dict[str, str]], name: str) -> Iterator[str]:
    for row in rows:
        yield from (part.strip() for part in row[name].split("。") if len(part.strip()) > 5)


def _apart(titles: list[str]) -> list[str]:
    """Names of which none resembles another."""
    kept: dict[str, set[str]] = {}
    for title in titles:
        own = {title[start : start + 2] for start in range(len(title) - 1)}
        if all(len(own & other) < 0.4 * min(len(own), len(other)) for other in kept.values()):
            kept[title] = own
    return list(kept)
