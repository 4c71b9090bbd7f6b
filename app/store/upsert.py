"""Insert unless it is there, in both databases' dialects."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add_unless_there(connection: sa.Connection, table: sa.Table, values: dict[str, Any], *, unique: str) -> int | None:
    """Insert a row and answer its id; None when one with the same `unique` column is there already."""
    statement = insert(connection, table).values(values).on_conflict_do_nothing(index_elements=[unique])
    identity: int | None = connection.execute(statement.returning(table.c.id)).scalar_one_or_none()
    return identity
