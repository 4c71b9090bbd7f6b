"""A worker: claims deliveries and runs, keeps its heartbeat, calls off what was superseded, replaces the dead."""

import hashlib
import os
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS

from app.pipeline import durable, handover, housekeeping, identity
from app.pipeline.faults import RetryPolicy
from app.pipeline.judging import Judging
from app.pipeline.work import Json, Trouble, Work
from app.store import Store, runs, schema, workers
from app.store.runs import RunStatus
from app.telemetry.logs import logger

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a worker looks, in seconds. A worker silent for `dead_after` loses its runs to others."""

    tick: float = 0.25
    polling: float = 0.05
    beat: float = 2.0
    sweep: float = 3.0
    dead_after: float = 15.0
    stop: float = 10.0
    tidy: float = 3600.0


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What a worker is told. `version` is the program's."""

    data_dir: Path
    version: str
    concurrency: int = 2
    takings: int = 20  # a run that takes its worker down with it each time must end
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timing: Timing = field(default_factory=Timing)


class Engine:
    """One worker; one for each process, because DBOS has one."""

    def __init__(self, store: Store, work: Work, options: EngineOptions) -> None:
        self._store = store
        self._work = work
        self._options = options
        self._url = store.engine.url.render_as_string(hide_password=False)
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="mergelock-watch", daemon=True)
        self._identity: identity.Identity | None = None
        self._judging: Judging | None = None

    @property
    def executor(self) -> str:
        """This worker's name, stable over restarts."""
        return self._held.name

    @property
    def steps_version(self) -> str:
        """What checkpoints belong to: another release, or other steps, start unfinished runs from their first step."""
        parts = "\0".join((self._options.version, *(step.name for step in self._work.steps)))
        return f"steps-{hashlib.sha256(parts.encode()).hexdigest()[:12]}"

    def start(self) -> None:
        """Bring the database up to date, take back what an earlier life left, and begin to claim work.

        Raises:
            SecondWorker: SQLite, and another worker has it.
        """
        database = sa.make_url(self._url).database
        alone = Path(database).absolute() if self._url.startswith("sqlite") and database else None
        self._identity = identity.take(self._options.data_dir, alone_on=alone)
        schema.upgrade(self._store.engine)
        durable.migrate(self._url)
        client = durable.client(self._url)
        self._judging = Judging(
            self._store,
            self._work,
            executor=self.executor,
            client=client,
            retry=self._options.retry,
            stopping=self._stopping,
        )
        moved = self._register(alone=alone is not None)
        durable.register_queues(client, concurrency=self._options.concurrency, polling=self._options.timing.polling)
        self._launch(self._judging)
        self._watcher.start()
        log.info("worker_started", executor=self.executor, steps=self.steps_version, taken_back=len(moved))

    def stop(self) -> None:
        """End in order: sandboxes killed, unfinished runs given back to the queues."""
        self._stopping.set()
        self._abandon_all()
        deadline = time.monotonic() + self._options.timing.stop
        while self._at_work.executions.all() and time.monotonic() < deadline:
            time.sleep(0.02)  # the pace of looking; threads that do not heed the event are left behind at the deadline
        DBOS.destroy(destroy_registry=True)
        self._watcher.join(self._options.timing.stop)
        handover.leave(self._store, self.executor, self.steps_version)
        self._held.release()
        log.info("worker_stopped")

    @property
    def _held(self) -> identity.Identity:
        if self._identity is None:
            raise RuntimeError("the worker was not started")
        return self._identity

    @property
    def _at_work(self) -> Judging:
        if self._judging is None:
            raise RuntimeError("the worker was not started")
        return self._judging

    def _launch(self, judging: Judging) -> None:
        DBOS(config=durable.configuration(self._url, executor=self.executor, version=self.steps_version))

        def do(name: str, function: Callable[[], Json]) -> Json:
            return DBOS.run_step({"name": name}, function)

        @DBOS.workflow(name=durable.JUDGE, max_recovery_attempts=self._options.takings)
        def judge(run_id: int) -> str:
            return judging.judge(run_id, do)

        @DBOS.workflow(name=durable.HANDLE)
        def handle(delivery_id: int) -> str:
            return judging.handle(delivery_id, do)

        @DBOS.workflow(name=durable.DECIDE)
        def decide(run_id: int) -> str:
            return judging.decide(run_id, do)

        @DBOS.workflow(name=durable.TELL)
        def tell(run_id: int, step: str, text: str, tries: int) -> str:
            return judging.tell(run_id, Trouble(step, text, tries, None), do)

        DBOS.launch()
        # After a roll-back the newer version would stay the latest, and what carries no version would wait for it.
        DBOS.set_latest_application_version(self.steps_version)

    def _register(self, *, alone: bool) -> list[str]:
        about: dict[str, str | int] = {"pid": os.getpid(), "host": platform.node(), "version": self._options.version}
        return handover.begin(self._store, self.executor, self.steps_version, alone=alone, describe=about)

    def _abandon_all(self) -> None:
        for execution in self._at_work.executions.all():
            execution.abandon()

    def _watch(self) -> None:
        timing = self._options.timing
        beat_due = sweep_due = tidy_due = time.monotonic()
        while not self._stopping.wait(timing.tick):
            now = time.monotonic()
            try:
                if now >= beat_due:
                    self._beat()
                    beat_due = now + timing.beat
                self._call_off_ended()
                for execution in self._at_work.executions.all():
                    execution.progress.flush()
                if now >= sweep_due:
                    self._sweep()
                    sweep_due = now + timing.sweep
                if now >= tidy_due:
                    housekeeping.tidy(self._store)
                    tidy_due = now + timing.tidy
            except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the watch
                log.warning("watch_failed", error=str(error)[:500])

    def _beat(self) -> None:
        with self._store.writing() as connection:
            alive = workers.beat(connection, self.executor)
        if not alive:
            log.warning("taken_for_dead", executor=self.executor)
            self._abandon_all()
            self._register(alone=False)

    def _call_off_ended(self) -> None:
        """Set the cancel event of each run here that was superseded or called off, by whichever process."""
        executions = self._at_work.executions.all()
        if not executions:
            return
        with self._store.reading() as connection:
            for execution in executions:
                if runs.status(connection, execution.run_id) in {RunStatus.SUPERSEDED, RunStatus.CANCELLED}:
                    execution.cancel.set()

    def _sweep(self) -> None:
        moved = handover.sweep(self._store, self.steps_version, dead_after=self._options.timing.dead_after)
        if moved:
            log.warning("took_over_from_the_dead", workflows=len(moved))
        self._at_work.give_up_stranded()
