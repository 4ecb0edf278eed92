"""The live index follows a change log and fuses words with meaning."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from doubles import HashingEncoder

from matching import LiveIndex, SearchRow, Segmenter, new_vector_index
from matching.indexes.live import MEANING_DEPTH


class Feed:
    """A change log as another process would write it."""

    def __init__(self, segmenter: Segmenter) -> None:
        self.encoder, self.segmenter = HashingEncoder(), segmenter
        self.version, self.log, self.asked, self.broken = 0, [], 0, False
        self.rows: dict[int, SearchRow] = {}

    def put(self, key: int, text: str) -> None:
        self._write(SearchRow(key, self.encoder.encode([text])[0], self.segmenter.tokens(text)))

    def remove(self, key: int) -> None:
        self._write(SearchRow(key, None, None))

    def _write(self, row: SearchRow) -> None:
        self.rows[row.key] = row
        self.log.append(row.key)
        self.version += 1

    def changes(self, since: int) -> tuple[int, Iterable[SearchRow]]:
        self.asked += 1
        if self.broken:
            raise OSError("the disk is away")
        return len(self.log), [self.rows[key] for key in dict.fromkeys(self.log[since:])]

    def index(self) -> LiveIndex:
        return LiveIndex(new_vector_index(self.encoder.dim), lambda: self.version, self.changes)

    def keys(self, live: LiveIndex, text: str, *, meaning: bool = False, limit: int = 100) -> list[int]:
        vector = self.encoder.encode([text])[0] if meaning else None
        return [hit.key for hit in live.search(self.segmenter.tokens(text), vector, limit)]


@pytest.fixture
def feed(segmenter: Segmenter) -> Feed:
    made = Feed(segmenter)
    made.put(1, "窨井盖移位自动告警")
    made.put(2, "污水处理厂曝气节能")
    made.put(3, "湖泊蓝藻遥感监测")
    return made


def test_changes_are_seen_at_the_next_search(feed: Feed) -> None:
    live = feed.index()
    assert feed.keys(live, "蓝藻") == [3]
    feed.put(4, "水库蓝藻打捞船")
    assert set(feed.keys(live, "蓝藻")) == {3, 4}
    assert (live.count(), live.seen) == (4, 4)


def test_changed_text_is_found_by_its_new_words_only(feed: Feed) -> None:
    live = feed.index()
    assert feed.keys(live, "曝气") == [2]
    feed.put(2, "医院能耗托管")
    assert (feed.keys(live, "曝气"), feed.keys(live, "能耗"), live.count()) == ([], [2], 3)


def test_withdrawn_posting_is_gone_and_can_come_back(feed: Feed) -> None:
    live = feed.index()
    feed.remove(3)
    assert feed.keys(live, "蓝藻") == []
    assert 3 not in feed.keys(live, "蓝藻", meaning=True)
    feed.put(3, "湖泊蓝藻遥感监测")
    assert feed.keys(live, "蓝藻") == [3]


def test_removing_what_never_was_changes_nothing(feed: Feed) -> None:
    live = feed.index()
    feed.remove(99)
    assert live.catch_up() == 4
    assert live.count() == 3


def test_nothing_is_asked_while_the_version_stands(feed: Feed) -> None:
    live = feed.index()
    assert live.catch_up() == 3
    for _ in range(3):
        feed.keys(live, "蓝藻")
    assert (live.catch_up(), feed.asked) == (0, 1)


def test_version_may_move_without_changes_of_ours(feed: Feed) -> None:
    live = feed.index()
    live.catch_up()
    feed.version += 1
    assert (live.catch_up(), live.count(), feed.asked) == (0, 3, 2)


def test_failed_reading_is_made_up_for(feed: Feed) -> None:
    live = feed.index()
    live.catch_up()
    feed.put(4, "水库蓝藻打捞船")
    feed.broken = True
    with pytest.raises(OSError, match="away"):
        live.catch_up()
    feed.broken = False
    assert set(feed.keys(live, "蓝藻")) == {3, 4}


def test_empty_feed(segmenter: Segmenter) -> None:
    empty = Feed(segmenter)
    assert empty.keys(empty.index(), "蓝藻", meaning=True) == []


def test_words_typed_come_before_what_only_means_the_same(feed: Feed) -> None:
    feed.put(4, "监测")
    assert feed.keys(feed.index(), "蓝藻监测", meaning=True)[0] == 3
    assert set(feed.keys(feed.index(), "蓝藻", meaning=True)) == {1, 2, 3, 4}


def test_only_the_nearest_few_are_found_by_meaning(feed: Feed) -> None:
    for key in range(10, 60):
        feed.put(key, f"第{key}项试点")
    assert len(feed.keys(feed.index(), "无人机", meaning=True)) == MEANING_DEPTH


def test_equal_hits_come_by_key_and_limit_holds(segmenter: Segmenter) -> None:
    feed = Feed(segmenter)
    for key in (8, 2, 5):
        feed.put(key, "窨井盖移位自动告警")
    live = feed.index()
    assert [hit.key for hit in live.search([], feed.encoder.encode(["井盖"])[0], 2)] == [2, 5]
    assert live.search([], None) == []


def test_late_index_equals_one_that_followed(feed: Feed) -> None:
    early = feed.index()
    early.catch_up()
    feed.put(2, "医院能耗托管")
    feed.remove(1)
    feed.put(7, "窨井盖巡检")
    for query in ("井盖", "能耗", "蓝藻监测", "水"):
        row = feed.encoder.encode([query])[0]
        words = feed.segmenter.tokens(query)
        after = [np.round(hit, 6).tolist() for hit in early.search(words, row)]
        assert after == [np.round(hit, 6).tolist() for hit in feed.index().search(words, row)]
