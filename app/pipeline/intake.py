"""How work comes in: a delivery is stored and its handling enqueued in one commit, by web processes and us."""

from typing import Protocol

import sqlalchemy as sa

from app.pipeline import durable
from app.store import Store, deliveries
from app.store.deliveries import Delivery, NewDelivery


class About(Protocol):
    """What a delivery is about: a verified event, or a delivery to be stored."""

    @property
    def repository(self) -> str:
        """Owner and name; "" where it has none."""
        ...

    @property
    def number(self) -> int | None:
        """The pull request's, where it is about one."""
        ...


class Enqueuer:
    """Enqueues for workers. Each process makes its own, after any fork; it opens no connection of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client = durable.client(store.engine.url.render_as_string(hide_password=False))

    def enqueue(self, connection: sa.Connection, delivery_id: int, about: About) -> None:
        """Enqueue a stored delivery's handling, in the transaction that stored it."""
        durable.enqueue_handling(self._client, connection, delivery_id, durable.subject(about.repository, about.number))

    def enqueue_again(self, connection: sa.Connection, delivery: Delivery) -> None:
        """Enqueue the handling of one that failed, in the caller's transaction; once, whoever else does so too."""
        occasion = "" if delivery.handled_at is None else f"{delivery.handled_at:%Y%m%d%H%M%S%f}"
        subject = durable.subject(delivery.repository, delivery.number)
        durable.enqueue_handling(self._client, connection, delivery.id, subject, occasion)

    def accept(self, new: NewDelivery) -> int | None:
        """Store a delivery and enqueue its handling, both or neither; its id, None when it is here already."""
        with self._store.writing() as connection:
            identity = deliveries.add(connection, new)
            if identity is not None:
                self.enqueue(connection, identity, new)
        return identity
