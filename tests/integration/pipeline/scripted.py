"""A worker process with scripted steps, for tests: `python -m tests.integration.pipeline.scripted DATABASE FOLDER`.

Each outward effect and each begin and end of a step is a line in FOLDER/log, written whole. A step waits while
FOLDER/hold-<step> is there; FOLDER/fail-<step> holds how often it still fails.
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.pipeline.engine import Engine, EngineOptions, Timing
from app.pipeline.errors import Transient
from app.pipeline.faults import RetryPolicy
from app.pipeline.lease import Lease
from app.pipeline.work import CallOff, Decide, Intent, Json, Judge, Step, StepContext, Trouble, run_key
from app.store import Store, runs
from app.store.deliveries import Delivery
from app.store.runs import NewRun, Run
from runner.errors import Cancelled

NAMES = ("fetch", "prepare", "tests", "decide", "publish")
TIMING = Timing(tick=0.1, polling=0.05, beat=0.3, sweep=0.3, dead_after=1.5, stop=5.0)
TAKINGS = 6
RETRY = RetryPolicy(tries=4, tries_unknown=2, first=0.05, most=0.1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log."""

    kind: str
    name: str
    run: int
    pid: int
    at: float


def note(folder: Path, kind: str, name: str, run: int) -> None:
    """Add a line; appends of this size are whole."""
    line = json.dumps([kind, name, run, os.getpid(), time.monotonic()]) + "\n"
    with (folder / "log").open("a", encoding="utf-8") as file:
        file.write(line)


def read(folder: Path) -> list[Line]:
    """All lines so far."""
    path = folder / "log"
    if not path.exists():
        return []
    return [Line(*json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


class Scripted:
    """The work of the tests. Payloads of deliveries say what they ask for."""

    def __init__(self, store: Store, folder: Path, names: tuple[str, ...] = NAMES) -> None:
        self._store = store
        self._folder = folder
        self._steps = tuple(Step(name, self._step(name)) for name in names)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The scripted steps."""
        return self._steps

    def handle(self, delivery: Delivery) -> tuple[Intent, ...]:
        """As the payload says."""
        self._fail("handle", delivery.id)
        asked = json.loads(delivery.payload or b"{}")
        match asked.get("do"):
            case "judge":
                head = asked["head"]
                attempt = asked.get("attempt", 1)
                repository, number = delivery.repository, delivery.number or 0
                key = run_key(repository=repository, number=number, head=head, base="b", policy="p", attempt=attempt)
                new = NewRun(key=key, repository=repository, number=number, head=head, attempt=attempt)
                return (Judge(new),)
            case "decide":
                return (Decide(asked["run"]),)
            case "close":
                return (CallOff(delivery.repository, delivery.number or 0, "closed"),)
        return ()

    def decide(self, run: Run, lease: Lease) -> None:
        """Note it."""
        self._fail("deciding", run.id)
        lease.check()
        note(self._folder, "effect", "decided", run.id)

    def waiting(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """Note it."""
        lease.check()
        note(self._folder, "waiting", trouble.step, run.id)

    def gave_up(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """Note it."""
        lease.check()
        note(self._folder, "effect", f"gave-up:{trouble.step}", run.id)

    def _step(self, name: str) -> Callable[[StepContext], Json]:
        def run(context: StepContext) -> Json:
            assert list(context.results) == [step.name for step in self._steps][: len(context.results)]
            note(self._folder, "begin", name, context.run.id)
            if (self._folder / f"die-{name}").exists():
                os.kill(os.getpid(), signal.SIGKILL)
            if (self._folder / f"leave-out-{name}").exists():
                return None
            context.keep("place", lambda: self._place(context.run.id))
            context.progress.started(name, f"{name} begins")
            context.progress.output(name, b"output of " + name.encode())
            self._fail(name, context.run.id)
            self._wait(name, context)
            if name == "decide":
                with self._store.writing() as connection:
                    runs.finish(connection, context.run.id, verdict="passed", reasons=[], result={})
            if name == "publish":
                context.lease.check()
                note(self._folder, "effect", "published", context.run.id)
            context.progress.finished(name, "done")
            note(self._folder, "end", name, context.run.id)
            return {"step": name}

        return run

    @contextlib.contextmanager
    def _place(self, run: int) -> Iterator[str]:
        note(self._folder, "made", "place", run)
        yield "place"
        note(self._folder, "left", "place", run)

    def _wait(self, name: str, context: StepContext) -> None:
        hold = self._folder / f"hold-{name}"
        while hold.exists():
            if context.cancel.wait(0.02):
                note(self._folder, "cancelled", name, context.run.id)
                raise Cancelled("called off")

    def _fail(self, name: str, run: int) -> None:
        path = self._folder / f"fail-{name}"
        if path.exists() and (left := int(path.read_text())) > 0:
            path.write_text(str(left - 1))
            note(self._folder, "failed", name, run)
            raise Transient("GitHub answered 502")


def main(database: str, folder: Path, data_dir: Path, names: tuple[str, ...], concurrency: int) -> None:
    """Run a worker until SIGTERM."""
    store = Store.open(database)
    options = EngineOptions(data_dir, "test", concurrency, TAKINGS, RETRY, TIMING)
    engine = Engine(store, Scripted(store, folder, names), options)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    engine.start()
    note(folder, "worker", engine.executor, 0)
    ended.wait()
    engine.stop()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), tuple(sys.argv[4].split(",")), int(sys.argv[5]))
