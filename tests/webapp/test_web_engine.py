"""The market is opened late, once per process, and warmed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_market import FakeMarket

from marketplace import MarketError
from webapp import WebSettings, create_app, warm
from webapp.engine import MarketHolder


class Opener:
    """Counts how often a market is opened."""

    def __init__(self) -> None:
        self.opened: list[FakeMarket] = []
        self.gate = threading.Barrier(4, timeout=5)

    def __call__(self) -> FakeMarket:
        self.opened.append(FakeMarket(empty=True))
        return self.opened[-1]


def test_four_threads_open_one_market() -> None:
    opener = Opener()
    holder = MarketHolder(opener)  # type: ignore[arg-type]

    def get(_: int) -> object:
        opener.gate.wait()
        return holder.get()

    with ThreadPoolExecutor(4) as pool:
        found = set(map(id, pool.map(get, range(4))))
    assert len(found) == len(opener.opened) == 1
    assert opener.opened[0].warmed == 1


def test_another_process_opens_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener()
    holder = MarketHolder(opener)  # type: ignore[arg-type]
    first = holder.get()
    monkeypatch.setattr("webapp.engine.os.getpid", lambda: -1)
    assert holder.get() is not first


def test_making_the_app_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener()
    monkeypatch.setattr("webapp.application.open_market", lambda _settings: opener())
    app = create_app(WebSettings())
    assert opener.opened == []
    warm(app)
    assert len(opener.opened) == 1


def test_a_failed_warming_does_not_stop_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_settings: object) -> None:
        raise MarketError("没有数据库。")

    monkeypatch.setattr("webapp.application.open_market", refuse)
    warm(create_app(WebSettings()))
