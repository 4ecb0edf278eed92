"""How often one address may try what costs much or could be guessed, counted across all workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import Flask, Response, request
from flask_limiter import Limiter

from marketplace.accounts import RATES_SCHEME

# View → allowed requests of one address; only sending a form counts.
LIMITS = {
    "account.enter": "20 per minute",
    "account.change_password": "20 per minute",
    "organisations.ask": "20 per hour",
    "benchmarks.object_to": "10 per hour",
    "account.keep_mail": "10 per hour",
    "account.confirm_mail": "30 per hour",
    "subscriptions.stop_signed": "60 per minute",
    "api.check": "60 per minute",
}


def set_up_limits(app: Flask, file: Path | None) -> None:
    """Count the limited views of the application in ``file``, without one in the memory of this process.

    Called after the views are registered. Counting that fails is logged and lets the request through: the
    lock on an account holds all the same.
    """
    limiter = Limiter(
        _address,
        app=app,
        storage_uri=f"{RATES_SCHEME}://{file}" if file else "memory://",
        strategy="fixed-window",
        swallow_errors=True,
    )
    for endpoint, rule in LIMITS.items():
        if endpoint in app.view_functions:
            # The decorator says that a view may answer later; ours never do.
            limited = cast(Callable[..., Response], limiter.limit(rule)(app.view_functions[endpoint]))
            app.view_functions[endpoint] = limited

    @app.after_request
    def tell_when(response: Response) -> Response:
        limit = limiter.current_limit
        if response.status_code == 429 and limit is not None:
            response.headers["Retry-After"] = str(max(1, int(limit.reset_at - time.time())))
        return response


def _address() -> str:
    return request.remote_addr or "unknown"
