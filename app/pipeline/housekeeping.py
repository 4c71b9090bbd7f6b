"""Drops what nobody needs any more, so that the database does not grow for ever."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.store import Store, deliveries
from app.store.engine import clock

KEPT = timedelta(days=30)
"""How long payloads and checkpoints are kept. Runs, their results and the audit record stay."""

_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def tidy(store: Store, *, kept: timedelta = KEPT) -> tuple[int, int]:
    """Forget old payloads of handled deliveries, and checkpoints of workflows long over; gives how many of each."""
    with store.writing() as connection:
        before = clock(connection) - kept
        return deliveries.forget_payloads(connection, before), _forget_workflows(connection, before)


def _forget_workflows(connection: sa.Connection, before: datetime) -> int:
    schema = "dbos" if connection.dialect.name == "postgresql" else None
    columns = [sa.column(name) for name in ("workflow_uuid", "status", "updated_at")]  # type: ignore[var-annotated]
    status = sa.table("workflow_status", *columns, schema=schema)
    outputs = sa.table("operation_outputs", sa.column("workflow_uuid"), schema=schema)
    old = (status.c.status.in_(_OVER)) & (status.c.updated_at < int(before.timestamp() * 1000))
    # Not every version of the engine's tables lets a workflow's checkpoints go with it.
    connection.execute(
        outputs.delete().where(outputs.c.workflow_uuid.in_(sa.select(status.c.workflow_uuid).where(old)))
    )
    return connection.execute(status.delete().where(old)).rowcount
