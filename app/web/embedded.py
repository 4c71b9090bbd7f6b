"""The worker inside the web process, for `mergelock serve --with-worker`: gunicorn calls these hooks."""

from typing import Any

from app.pipeline.worker import Worker
from app.settings import load
from app.telemetry.logs import logger

log = logger(__name__)
_running: list[Worker] = []


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's
    """The web process is up: begin to judge."""
    started = Worker(load())
    started.start()
    _running.append(started)
    log.info("judging_in_the_web_process", sandbox=started.sandbox.name)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's
    """The web process ends: sandboxes are killed, what is unfinished is kept for the next start."""
    while _running:
        _running.pop().stop()
