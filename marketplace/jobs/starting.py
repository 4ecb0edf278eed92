"""Starts jobs: the row in the caller's transaction, the place in the queue after it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marketplace.access import Viewer
from marketplace.jobs.queue import JobQueue
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.jobs import insert_job

log = logging.getLogger(__name__)
# Where each kind of work is done; looked up when it is run, so that packages do not import in circles.
WORK = {
    "check_rows": "marketplace.imports.checking_job:check_rows",
    "import_rows": "marketplace.imports.job:import_rows",
    "publish_batch": "marketplace.publishing.job:publish_batch",
    "restore_posting": "marketplace.freshness:restore_posting",
    "keep_fresh": "marketplace.freshness:keep_fresh",
    "renew_matches": "marketplace.jobs.renewal:renew_matches",
    "open_answers": "marketplace.answers.job:open_answers",
    "make_digests": "marketplace.subscribing.digest:make_digests",
    "tell_at_once": "marketplace.subscribing.at_once:tell_at_once",
    "send_mail": "marketplace.subscribing.sending:send_mail",
}


def start_job(
    db: Database, kind: str, *, title: str, arguments: Mapping[str, Any], viewer: Viewer, link: str = ""
) -> int:
    """Write a job inside the caller's transaction; return its key, to be queued after the commit.

    ``arguments`` must go into JSON; ``link`` is the path of the page where the person goes on when it has ended.
    Raises KeyError for a kind nobody does.
    """
    if kind not in WORK:
        raise KeyError(kind)
    kept = {"given": dict(arguments), "viewer": _kept(viewer), "link": link}
    return insert_job(db, kind, title=title, arguments=kept, account_key=viewer.account_key)


def queue_job(settings: MarketSettings, key: int) -> None:
    """Tell the worker of a job whose row is committed; never fails: a job not queued is found a little later."""
    try:
        with contextlib.closing(JobQueue(settings.queue)) as queue:
            queue.put(key)
    except Exception:
        log.exception("job %s could not be queued; the worker finds it by itself", key)


def _kept(viewer: Viewer) -> dict[str, Any]:
    """The person as a job needs them later: rights are those held when it was started."""
    values = asdict(viewer)
    for name in ("roles", "publisher_of", "company_of"):
        values[name] = sorted(values[name])
    return values | {"districts": {role: list(places) for role, places in viewer.districts.items()}}


def viewer_of(kept: Mapping[str, Any]) -> Viewer:
    """Return the person who started a job, with the rights held then."""
    sets = {name: frozenset(kept[name]) for name in ("roles", "publisher_of", "company_of")}
    places = {role: tuple(found) for role, found in kept["districts"].items()}
    return Viewer(**{**kept, **sets, "districts": places})
