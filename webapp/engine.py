"""Opens the market once in each worker process, after the fork, and hands it to the views."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from marketplace import Market

_KEY = "scenematch_market"


class MarketHolder:
    """Keeps the market of this process; opens it at the first call and again after a fork."""

    def __init__(self, opener: Callable[[], Market]) -> None:
        self._opener = opener
        self._market: Market | None = None
        self._process = 0
        self._lock = threading.Lock()

    def get(self) -> Market:
        """The open market; its encoder starts loading in the background when it is opened."""
        market = self._market
        if market is not None and self._process == os.getpid():
            return market
        with self._lock:
            if self._market is None or self._process != os.getpid():
                self._market = self._opener()
                self._process = os.getpid()
                self._market.warm_up()
            return self._market


def hold_market(app: Flask, opener: Callable[[], Market]) -> None:
    """Give the application its market holder; nothing is opened yet."""
    app.extensions[_KEY] = MarketHolder(opener)


def get_market() -> Market:
    """The market of the running worker."""
    return cast(MarketHolder, current_app.extensions[_KEY]).get()


def warm(app: Flask) -> None:
    """Open the market of a new worker ahead of the first request; a failure is logged and retried then."""
    try:
        with app.app_context():
            get_market()
    except Exception:
        app.logger.exception("the market could not be opened; the next request tries again")
