"""Time-ordered integer keys made by the application, 63 bits wide."""

from __future__ import annotations

import threading
import time

_COUNTER_BITS = 20
_lock = threading.Lock()
_last = 0


def new_key() -> int:
    """Return a key greater than every key this process made before.

    The upper 43 bits are milliseconds since 1970, the lower 20 count within one; two processes
    that hit the same millisecond are told apart by the store, which hands out only free ones.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1_000_000 << _COUNTER_BITS)
        return _last
