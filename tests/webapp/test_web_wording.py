"""The words of the pages: written language, and one name for one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.stages import UNASSIGNED

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for folder in ("webapp/templates", "webapp/presenters", "webapp/views", "marketplace")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".html")
]
SPOKEN = ("记一笔", "急的在前", "最紧急的在前", "该谁办", "怎么算的", "怎么来的", "搁下", "先办超期", "不想再收")


def places_of(word: str) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in SOURCES if word in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("word", SPOKEN)
def test_pages_use_written_language(word: str) -> None:
    assert places_of(word) == []


def test_a_pairing_without_a_matchmaker_has_one_name_written_in_one_place() -> None:
    assert places_of(UNASSIGNED) == ["marketplace/stages.py"]
    for other in ("尚无撮合员", "没有撮合员", "还没有撮合员", "未指定撮合员"):
        assert places_of(other) == [], other


def test_downloads_name_their_form_in_one_way() -> None:
    assert places_of("（xlsx）") == ["marketplace/followup/attachments.py"], "which files may be attached"
    assert places_of("下载 Excel") == []
