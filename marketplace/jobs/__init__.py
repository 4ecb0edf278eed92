"""Work done aside: started in a transaction, run one at a time by the worker, followed on a page.

To start one: ``key = start_job(db, kind, title=…, arguments={…}, viewer=viewer, link="/…")`` inside the
transaction that prepares it, then ``queue_job(settings, key)`` after the commit; a job that was never
queued is found by the worker. To do one: a function ``(JobContext) -> Mapping | None`` named in ``WORK``.
"""

from marketplace.jobs.book import JobBook, JobPage
from marketplace.jobs.context import JobContext, JobStoppedError
from marketplace.jobs.running import run_job_now
from marketplace.jobs.starting import WORK, queue_job, start_job
from marketplace.jobs.state import WorkerState, worker_state
from marketplace.jobs.worker import Worker, run_worker

__all__ = [
    "WORK",
    "JobBook",
    "JobContext",
    "JobPage",
    "JobStoppedError",
    "Worker",
    "WorkerState",
    "queue_job",
    "run_job_now",
    "run_worker",
    "start_job",
    "worker_state",
]
