"""Takes a dead worker's workflows from it, once, and only while it is still the dead one's."""

import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.store import Store, workers
from app.store.locks import Lock, hold, try_hold
from app.store.runs import ACTIVE
from app.store.tables import runs
from app.store.tables import workers as workers_table

_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_RECOVERY_QUEUE = "_dbos_internal_queue"


def hand_over(connection: sa.Connection, executors: list[str], version: str) -> list[str]:
    """Put the unfinished workflows of dead executors back into their queues; gives their ids.

    One conditional UPDATE: a workflow that a live worker has claimed since carries that worker's name, and is left
    alone. One begun under another version of the steps starts from its first step again, which it may: steps are
    repeatable, but their checkpoints would not fit.
    """
    status, outputs = _tables(connection)
    theirs = (status.c.status == "PENDING") & status.c.executor_id.in_(executors)
    other = status.c.application_version.is_distinct_from(version)
    old = list(connection.execute(sa.select(status.c.workflow_uuid).where(theirs, other)).scalars())
    moved = connection.execute(
        status.update()
        .where(theirs)
        .values(
            status="ENQUEUED",
            owner_xid=None,
            started_at_epoch_ms=None,
            application_version=version,
            updated_at=int(time.time() * 1000),
            queue_name=sa.func.coalesce(status.c.queue_name, _RECOVERY_QUEUE),
        )
        .returning(status.c.workflow_uuid)
    )
    ids = sorted(moved.scalars())
    forgotten = sorted(set(old) & set(ids))
    if forgotten:
        connection.execute(outputs.delete().where(outputs.c.workflow_uuid.in_(forgotten)))
    return ids


def adopt_waiting(connection: sa.Connection, version: str) -> int:
    """Let this version run what waits in a queue for another one; gives how many. Called as a worker starts.

    What no worker of that version took up would wait for ever after an upgrade or a roll-back.
    """
    status, outputs = _tables(connection)
    waiting = (status.c.status == "ENQUEUED") & status.c.application_version.is_not(None)
    others = waiting & (status.c.application_version != version)
    ids = list(connection.execute(sa.select(status.c.workflow_uuid).where(others)).scalars())
    if ids:
        connection.execute(outputs.delete().where(outputs.c.workflow_uuid.in_(ids)))
        connection.execute(status.update().where(others).values(application_version=version))
    return len(ids)


def begin(store: Store, executor: str, version: str, *, alone: bool, describe: dict[str, str | int]) -> list[str]:
    """Register this worker and take back what its earlier life left, and with `alone` what any other left.

    Args:
        store: the database.
        executor: this worker's name, which only this process holds.
        version: of the steps.
        alone: whether no other worker can be there (SQLite).
        describe: pid, host and version for the workers' list.
    """
    with store.writing() as connection:
        hold(connection, Lock.SWEEP)
        workers.register(
            connection,
            executor,
            pid=int(describe["pid"]),
            host=str(describe["host"]),
            version=str(describe["version"]),
        )
        dead = [executor, *(_unlisted(connection, [executor]) if alone else [])]
        if alone:
            for other in workers.silent(connection, within=timedelta(0)):
                if other.executor_id != executor:
                    workers.remove(connection, other.executor_id)
                    dead.append(other.executor_id)
        adopt_waiting(connection, version)
        return hand_over(connection, dead, version)


def sweep(store: Store, version: str, *, dead_after: float) -> list[str]:
    """Hand on the runs of workers not heard of for `dead_after` seconds; gives the workflows moved.

    In one transaction under one lock, with the removal of the worker's row: a worker that was only paused finds its row
    gone at its next heartbeat or lease check, and stops.
    """
    with store.writing() as connection:
        if not try_hold(connection, Lock.SWEEP):
            return []
        dead = [
            worker.executor_id
            for worker in workers.silent(connection, within=timedelta(seconds=dead_after))
            if workers.remove(connection, worker.executor_id, last_heartbeat=worker.heartbeat)
        ]
        dead += _unlisted(connection, [])
        return hand_over(connection, dead, version) if dead else []


def stranded(connection: sa.Connection) -> list[int]:
    """Runs that wait for a verdict though their workflow has ended."""
    status, _ = _tables(connection)
    joined = runs.join(status, runs.c.workflow_id == status.c.workflow_uuid)
    unfinished = runs.c.status.in_(ACTIVE) & status.c.status.in_(_ENDED)
    return sorted(connection.execute(sa.select(runs.c.id).select_from(joined).where(unfinished)).scalars())


def leave(store: Store, executor: str, version: str) -> list[str]:
    """A worker ends in order: its unfinished workflows go back into their queues at once."""
    with store.writing() as connection:
        hold(connection, Lock.SWEEP)
        workers.remove(connection, executor)
        return hand_over(connection, [executor], version)


def _unlisted(connection: sa.Connection, known: list[str]) -> list[str]:
    """Executors with unfinished workflows that are on no list: their row went, and they did not come back."""
    status, _ = _tables(connection)
    listed = connection.execute(sa.select(workers_table.c.executor_id)).scalars()
    pending = sa.select(status.c.executor_id).where(status.c.status == "PENDING").distinct()
    return sorted(set(connection.execute(pending).scalars()) - set(listed) - set(known) - {None})


def _tables(connection: sa.Connection) -> tuple[sa.TableClause, sa.TableClause]:
    """DBOS's two tables that we touch; its schema has no migrations between them and 3.x (pinned below 4)."""
    schema = "dbos" if connection.dialect.name == "postgresql" else None
    names = ("workflow_uuid", "status", "executor_id", "owner_xid", "started_at_epoch_ms", "application_version")
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*names, "updated_at", "queue_name")]
    return (
        sa.table("workflow_status", *columns, schema=schema),
        sa.table("operation_outputs", sa.column("workflow_uuid"), schema=schema),
    )
