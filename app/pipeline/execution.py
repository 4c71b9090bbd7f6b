"""The executions in this process: what each may still do, and what it holds."""

import contextlib
import threading
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import sqlalchemy as sa

from app.pipeline.lease import Lease
from app.pipeline.progress import RunProgress
from app.store import Store


class Execution:
    """One taking-up of one run by this process."""

    def __init__(self, store: Store, executor: str, run_id: int) -> None:
        self.run_id = run_id
        # Unlike the worker's name, this tells an execution from a later one of the same run by the same worker.
        self.holder = f"{executor}/{uuid.uuid4().hex[:12]}"
        self.cancel = threading.Event()
        self.abandoned = False
        self.lease = Lease(store, executor, self.holder, run_id)
        self.progress = RunProgress(store, run_id)
        self._stack = ExitStack()
        self._kept: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], AbstractContextManager[Any]]) -> Any:
        """What `make()` gives on entering, made once and left when the execution ends."""
        if name not in self._kept:
            self._kept[name] = self._stack.enter_context(make())
        return self._kept[name]

    def abandon(self) -> None:
        """Stop, and leave the run for whoever takes it up."""
        self.abandoned = True
        self.cancel.set()

    def close(self) -> None:
        """Leave what was kept, and write the rest of the log; an outage of the database costs that rest."""
        self._stack.close()
        with contextlib.suppress(sa.exc.OperationalError, sa.exc.TimeoutError):
            self.progress.flush()


class Executions:
    """All executions in this process, by the run. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: set[Execution] = set()

    def add(self, execution: Execution) -> None:
        """It begins."""
        with self._lock:
            self._all.add(execution)

    def remove(self, execution: Execution) -> None:
        """It ended."""
        with self._lock:
            self._all.discard(execution)

    def all(self) -> tuple[Execution, ...]:
        """Those that are at work."""
        with self._lock:
            return tuple(self._all)
