"""Who may act for a run: asked anew before each outward effect, because a process may have been paused meanwhile."""

import sqlalchemy as sa

from app.pipeline.errors import LeaseLost
from app.store import Store, runs, workers
from app.store.runs import RunStatus
from app.store.tables import runs as runs_table

_HOLDABLE = (RunStatus.RUNNING, RunStatus.DONE)  # done: the verdict is stored, and still to be published


class Lease:
    """This execution's right to act for one run, or (`run_id` None) this worker's to act at all."""

    def __init__(self, store: Store, executor: str, holder: str, run_id: int | None) -> None:
        self._store = store
        self._executor = executor
        self._holder = holder
        self._run_id = run_id

    def check(self) -> None:
        """Return while the lease holds; renews the worker's heartbeat, so that it holds on for the effect's time.

        Raises:
            LeaseLost: the run has ended or is another's, or this worker was declared dead.
        """
        with self._store.writing() as connection:
            if not workers.beat(connection, self._executor):
                raise LeaseLost("this worker was taken for dead, and its runs were handed on")
            if self._run_id is None:
                return
            run = runs.get(connection, self._run_id)
        if run is None or run.status not in _HOLDABLE or run.worker != self._holder:
            raise LeaseLost(f"run {self._run_id} is no longer this execution's")

    def take(self) -> bool:
        """Become the run's holder; False where it has ended for good and must not be run."""
        if self._run_id is None:
            raise ValueError("a lease without a run cannot take one")
        with self._store.writing() as connection:
            if runs.start(connection, self._run_id, self._holder):
                return True
            # A worker died between storing the verdict and publishing it.
            done = connection.execute(
                sa.update(runs_table)
                .where(runs_table.c.id == self._run_id, runs_table.c.status == RunStatus.DONE)
                .values(worker=self._holder)
            )
            return done.rowcount == 1
