"""Locks that all who share the database respect, held until the transaction ends."""

import enum

import sqlalchemy as sa


class Lock(enum.IntEnum):
    """Each lock's number in PostgreSQL; the upper digits keep clear of other programs' locks."""

    MIGRATE = 7_281_450_001
    AUDIT = 7_281_450_002
    SWEEP = 7_281_450_003


def hold(connection: sa.Connection, lock: Lock) -> None:
    """Wait for the lock. In SQLite a writing transaction holds the only write lock there is already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(lock))))


def try_hold(connection: sa.Connection, lock: Lock) -> bool:
    """Take the lock if it is free; in SQLite a writing transaction has it."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(int(lock)))).scalar_one())
