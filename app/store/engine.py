"""Connections to the database: SQLite in one machine, PostgreSQL for several; the same promises from both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_SECONDS = 10
READS = "mergelock_reads"  # execution option: this transaction only reads


def make_engine(url: str, *, pool_size: int = 5) -> sa.Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`; each process makes its own, after any fork."""
    if url.startswith("sqlite"):
        return _sqlite(url, pool_size)
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,  # payloads and tokens' hashes have no place in a traceback
        connect_args={"connect_timeout": BUSY_SECONDS, "application_name": "mergelock"},
    )


def _sqlite(url: str, pool_size: int) -> sa.Engine:
    path = sa.make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
            # FULL: an answered delivery survives a loss of power, not only `kill -9`, for one sync of the log a commit.
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later fails with "database is locked" at once, whatever the
        # time-out, when another wrote in between; so one that may write takes the lock as it begins.
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class Store:
    """The database. The modules beside this one hold the functions that work in a connection from here.

    Several calls in one `writing()` are one transaction: `with store.writing() as c: deliveries.add(c, …); enqueue(c)`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**{READS: True})

    @classmethod
    def open(cls, url: str, *, pool_size: int = 5) -> "Store":
        """A store with an engine of its own."""
        return cls(make_engine(url, pool_size=pool_size))

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes: committed at the end, rolled back on an exception."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads: in SQLite it waits for no writer."""
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def clock(connection: sa.Connection) -> datetime:
    """The time that all who share this database agree on: PostgreSQL's clock, or this machine's with SQLite."""
    if connection.dialect.name == "postgresql":
        moment: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
    return datetime.now(UTC)
