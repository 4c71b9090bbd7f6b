"""Webhook deliveries that were let in: each is stored once, whatever GitHub repeats."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import deliveries
from app.store.upsert import add_unless_there

KEPT_HEADERS = (
    "x-github-delivery", "x-github-event", "x-github-hook-id", "x-github-hook-installation-target-id",
    "x-github-hook-installation-target-type", "user-agent", "content-type",
)  # fmt: skip


class DeliveryState(enum.StrEnum):
    """How far a delivery has come."""

    ACCEPTED = "accepted"
    HANDLED = "handled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A verified delivery. `headers` may be all of the request's; the few that are kept are chosen here."""

    guid: str
    event: str
    action: str
    repository: str
    number: int | None
    installation: int | None
    headers: Mapping[str, str]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stored delivery; `payload` is None once forgotten."""

    id: int
    guid: str
    event: str
    action: str
    repository: str
    number: int | None
    installation: int | None
    received_at: datetime
    headers: Mapping[str, str]
    payload: bytes | None
    state: DeliveryState
    handled_at: datetime | None
    note: str


def add(connection: sa.Connection, new: NewDelivery) -> int | None:
    """Store it and answer its id; None when that delivery is here already."""
    lowered = {name.lower(): value for name, value in new.headers.items()}
    values = {
        "guid": new.guid,
        "event": new.event,
        "action": new.action,
        "repository": new.repository,
        "number": new.number,
        "installation": new.installation,
        "received_at": clock(connection),
        "headers": {name: lowered[name][:1000] for name in KEPT_HEADERS if name in lowered},
        "payload": new.payload,
        "state": DeliveryState.ACCEPTED,
    }
    return add_unless_there(connection, deliveries, values, unique="guid")


def get(connection: sa.Connection, identity: int) -> Delivery | None:
    """One delivery by its id."""
    return _first(connection, deliveries.c.id == identity)


def by_guid(connection: sa.Connection, guid: str) -> Delivery | None:
    """One delivery by GitHub's id for it."""
    return _first(connection, deliveries.c.guid == guid)


def known(connection: sa.Connection, guids: list[str]) -> frozenset[str]:
    """Which of these GitHub ids are here; for reconciliation. At most 1,000 at a time."""
    if len(guids) > 1000:  # noqa: PLR2004 - under SQLite's bound on parameters
        raise ValueError("ask for at most 1,000 deliveries at a time")
    return frozenset(connection.execute(sa.select(deliveries.c.guid).where(deliveries.c.guid.in_(guids))).scalars())


def finish(connection: sa.Connection, identity: int, state: DeliveryState, note: str = "") -> None:
    """Note how its handling ended."""
    connection.execute(
        deliveries.update()
        .where(deliveries.c.id == identity)
        .values(state=state, handled_at=clock(connection), note=note)
    )


def unhandled(connection: sa.Connection, limit: int = 1000) -> list[int]:
    """Ids of deliveries accepted and not yet handled, oldest first."""
    chosen = sa.select(deliveries.c.id).where(deliveries.c.state == DeliveryState.ACCEPTED)
    return list(connection.execute(chosen.order_by(deliveries.c.id).limit(limit)).scalars())


def waiting(connection: sa.Connection) -> int:
    """How many are accepted and not yet handled."""
    chosen = sa.select(sa.func.count()).where(deliveries.c.state == DeliveryState.ACCEPTED)
    return connection.execute(chosen).scalar_one()


def failed(connection: sa.Connection, *, since: datetime, limit: int = 200) -> list[Delivery]:
    """Deliveries received since then whose handling failed, oldest first, payloads at hand."""
    c = deliveries.c
    chosen = sa.select(deliveries).where(
        c.state == DeliveryState.FAILED, c.received_at >= since, c.payload.is_not(None)
    )
    return [_delivery(row) for row in connection.execute(chosen.order_by(c.id).limit(limit)).mappings()]


def reopen(connection: sa.Connection, identity: int) -> None:
    """Its handling is tried again."""
    changed = {"state": DeliveryState.ACCEPTED, "handled_at": None, "note": ""}
    connection.execute(deliveries.update().where(deliveries.c.id == identity).values(changed))


def forget_payloads(connection: sa.Connection, before: datetime) -> int:
    """Drop the payloads of handled deliveries from before then; answers how many. The rows stay: they tell repeats."""
    done = connection.execute(
        deliveries.update()
        .where(deliveries.c.received_at < before, deliveries.c.payload.is_not(None))
        .where(deliveries.c.state != DeliveryState.ACCEPTED)
        .values(payload=None)
    )
    return done.rowcount


def _first(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Delivery | None:
    row = connection.execute(sa.select(deliveries).where(condition)).mappings().one_or_none()
    return None if row is None else _delivery(row)


def _delivery(row: Mapping[Any, Any]) -> Delivery:
    values = {**row, "state": DeliveryState(row["state"])}
    if values["payload"] is not None:
        values["payload"] = bytes(values["payload"])
    return Delivery(**values)
