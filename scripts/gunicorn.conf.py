"""Gunicorn settings: two light workers of four threads; each opens the market after the fork."""

from __future__ import annotations

import os
import time

from gunicorn.workers.base import Worker

# Today is the day in Beijing wherever the server stands; written so, it needs no table of zones.
os.environ["TZ"] = "CST-8"
time.tzset()

# Change any of these with GUNICORN_CMD_ARGS or on the command line.
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
# Never True: the encoder must not be loaded before the fork.
preload_app = False
# Two servers of one user would otherwise take the same socket.
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    """Open the market in the new worker, so that its encoder loads before the first visitor asks."""
    from webapp import warm

    warm(worker.wsgi)
