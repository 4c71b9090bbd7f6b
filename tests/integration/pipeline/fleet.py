"""Worker processes under test: started, killed, paused; and what they did."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from app.pipeline import durable
from app.pipeline.intake import Enqueuer
from app.store import Store, runs, schema
from app.store.deliveries import NewDelivery
from app.store.runs import Run, RunStatus
from tests.integration.pipeline.scripted import NAMES, Line, read
from tests.waiting import until


class Fleet:
    """A database, and worker processes on it."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.store = Store.open(database)
        schema.upgrade(self.store.engine)
        durable.migrate(database)
        self.intake = Enqueuer(self.store)
        self.workers: list[subprocess.Popen[bytes]] = []

    def worker(
        self, place: str = "one", *, names: tuple[str, ...] = NAMES, concurrency: int = 2, wait: bool = True
    ) -> "subprocess.Popen[bytes]":
        """Start a worker. `place` names its data folder: the same place is the same worker again."""
        seen = sum(line.kind == "worker" for line in self.log())
        arguments = [self.database, str(self.folder), str(self.folder / place), ",".join(names), str(concurrency)]
        output = (self.folder / f"output-{len(self.workers)}").open("wb")
        with output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.pipeline.scripted", *arguments], stdout=output, stderr=output
            )
        self.workers.append(process)
        if wait:
            until(
                lambda: sum(line.kind == "worker" for line in self.log()) > seen or process.poll() is not None,
                seconds=30,
                what="the worker is up",
            )
            assert process.poll() is None, self.output()
        return process

    def deliver(self, do: str, *, number: int = 1, guid: str = "", **asked: object) -> int | None:
        """A delivery comes in."""
        new = NewDelivery(
            guid=guid or uuid.uuid4().hex,
            event="pull_request",
            action="synchronize",
            repository="o/r",
            number=number,
            installation=1,
            headers={},
            payload=json.dumps({"do": do, **asked}).encode(),
        )
        return self.intake.accept(new)

    def hold(self, *steps: str) -> None:
        """Let these steps wait when they are reached."""
        for step in steps:
            (self.folder / f"hold-{step}").touch()

    def release(self, *steps: str) -> None:
        """Let them go on."""
        for step in steps:
            (self.folder / f"hold-{step}").unlink(missing_ok=True)

    def fail(self, step: str, times: int) -> None:
        """Let a step fail so often."""
        (self.folder / f"fail-{step}").write_text(str(times))

    def log(self, kind: str = "", name: str = "") -> list[Line]:
        """What the workers noted."""
        return [line for line in read(self.folder) if kind in ("", line.kind) and name in ("", line.name)]

    def run(self, head: str, number: int = 1) -> Run | None:
        """The newest run of a head."""
        with self.store.reading() as connection:
            return runs.latest(connection, "o/r", number, head)

    def reached(self, kind: str, name: str, times: int = 1, seconds: float = 20) -> list[Line]:
        """Wait until something was noted so often."""
        until(lambda: len(self.log(kind, name)) >= times, seconds=seconds, what=f"{kind} {name}: {self.output()}")
        return self.log(kind, name)

    def ended(self, head: str, status: RunStatus = RunStatus.DONE, number: int = 1, seconds: float = 20) -> Run:
        """Wait until a run has come to this status."""

        def there() -> Run | None:
            run = self.run(head, number)
            return run if run is not None and run.status is status else None

        return until(there, seconds=seconds, what=f"{head} is {status}: {self.output()}")  # type: ignore[return-value]

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """As `kill -9`."""
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def output(self) -> str:
        """What the workers printed, for failures."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("output-*")))

    def close(self) -> None:
        """End all."""
        for process in self.workers:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
                self.kill(process)
        self.store.close()


@contextlib.contextmanager
def fleet_on(database: str, folder: Path) -> Iterator[Fleet]:
    """A fleet, ended whatever happens."""
    fleet = Fleet(database, folder)
    try:
        yield fleet
    finally:
        fleet.close()
