"""Finds what was missed while we were down: deliveries that never came, and heads that nobody judged."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.pipeline.intake import Enqueuer
from app.store import Store, deliveries, runs
from app.store.deliveries import NewDelivery
from app.store.engine import clock

EVENT, ACTION = "mergelock", "reconcile"
"""Event and action of a delivery that we make ourselves; its payload has repository, number, head, installation."""

_ASKED_AT_ONCE = 500
_TRIED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """A delivery as the App's log at GitHub has it. `id` is for asking for it again, `guid` is what we store."""

    id: int
    guid: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class OpenPull:
    """An open pull request and its present head."""

    repository: str
    number: int
    head: str
    installation: int


class GitHubView(Protocol):
    """What reconciliation asks of GitHub; each may raise the errors of `app.github`."""

    def deliveries(self, since: datetime) -> Iterable[LoggedDelivery]:
        """The App's delivery log from then on."""
        ...

    def send_again(self, delivery_id: int) -> None:
        """Ask GitHub to send one again."""
        ...

    def open_pulls(self) -> Iterable[OpenPull]:
        """All open pull requests of all installations."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found: deliveries asked for again, pull requests put up for handling, failed deliveries tried again."""

    sent_again: int
    looked_at: int
    tried_again: int = 0


def reconcile(store: Store, enqueuer: Enqueuer, view: GitHubView, *, since: datetime) -> Reconciled:
    """Ask for deliveries that are not here, put up heads that have no run, try failed deliveries again.

    Harmless to repeat, and by several workers at once.

    Args:
        store: the database.
        enqueuer: takes in what is put up.
        view: GitHub.
        since: how far back the delivery log is read.

    Raises:
        Errors of `view`: what was done until then stays done; call it again later.
    """
    tried_again = _try_failed(store, enqueuer)
    logged: dict[str, int] = {}
    for delivery in view.deliveries(since):
        logged.setdefault(delivery.guid, delivery.id)  # newest first; a repeated sending has the same guid
    known = _known(store, list(logged))
    missed = [guid for guid in logged if guid not in known]
    for guid in missed:
        view.send_again(logged[guid])
    looked_at = sum(_put_up(store, enqueuer, pull) for pull in view.open_pulls())
    return Reconciled(len(missed), looked_at, tried_again)


def _try_failed(store: Store, enqueuer: Enqueuer) -> int:
    """A delivery fails when GitHub was away for longer than its tries; it is tried again for a day."""
    with store.writing() as connection:
        failed = deliveries.failed(connection, since=clock(connection) - _TRIED_FOR)
        for delivery in failed:
            enqueuer.enqueue_again(connection, delivery)
            deliveries.reopen(connection, delivery.id)
    return len(failed)


def _known(store: Store, guids: list[str]) -> frozenset[str]:
    found: set[str] = set()
    with store.reading() as connection:
        for first in range(0, len(guids), _ASKED_AT_ONCE):
            found |= deliveries.known(connection, guids[first : first + _ASKED_AT_ONCE])
    return frozenset(found)


def _put_up(store: Store, enqueuer: Enqueuer, pull: OpenPull) -> bool:
    with store.reading() as connection:
        if runs.latest(connection, pull.repository, pull.number, pull.head) is not None:
            return False
    about = {"repository": pull.repository, "number": pull.number, "head": pull.head, "installation": pull.installation}
    # Named after the head: looking at it twice is one delivery.
    name = hashlib.sha256(f"{pull.repository.casefold()}#{pull.number}@{pull.head}".encode()).hexdigest()[:40]
    new = NewDelivery(
        guid=f"{ACTION}-{name}",
        event=EVENT,
        action=ACTION,
        repository=pull.repository,
        number=pull.number,
        installation=pull.installation,
        headers={},
        payload=json.dumps(about).encode(),
    )
    return enqueuer.accept(new) is not None
