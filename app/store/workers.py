"""Worker processes and their heartbeats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import workers
from app.store.upsert import insert

FRESH = timedelta(seconds=15)  # a worker not heard of for longer is not counted on by /readyz


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker process; its `heartbeat` is by the database's clock (see `engine.clock`)."""

    executor_id: str
    heartbeat: datetime
    started_at: datetime
    pid: int
    host: str
    version: str


def register(connection: sa.Connection, executor_id: str, *, pid: int, host: str, version: str) -> None:
    """A worker begins; the row of its earlier life is taken over."""
    now = clock(connection)
    values = {"heartbeat": now, "started_at": now, "pid": pid, "host": host, "version": version}
    statement = insert(connection, workers).values(executor_id=executor_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["executor_id"], set_=values))


def beat(connection: sa.Connection, executor_id: str) -> bool:
    """It lives; False when its row is gone: it was declared dead, and must register anew."""
    done = connection.execute(
        workers.update().where(workers.c.executor_id == executor_id).values(heartbeat=clock(connection))
    )
    return done.rowcount == 1


def alive(connection: sa.Connection, *, within: timedelta = FRESH) -> list[Worker]:
    """The workers heard of lately."""
    chosen = sa.select(workers).where(workers.c.heartbeat >= clock(connection) - within)
    return [Worker(**row) for row in connection.execute(chosen.order_by(workers.c.executor_id)).mappings()]


def silent(connection: sa.Connection, *, within: timedelta) -> list[Worker]:
    """The workers not heard of for longer than `within`."""
    chosen = sa.select(workers).where(workers.c.heartbeat < clock(connection) - within)
    return [Worker(**row) for row in connection.execute(chosen.order_by(workers.c.executor_id)).mappings()]


def remove(connection: sa.Connection, executor_id: str, *, last_heartbeat: datetime | None = None) -> bool:
    """Take it off the list; with `last_heartbeat` only if it has not been heard of since. False when it was not."""
    statement = workers.delete().where(workers.c.executor_id == executor_id)
    if last_heartbeat is not None:
        statement = statement.where(workers.c.heartbeat == last_heartbeat)
    return connection.execute(statement).rowcount == 1
