"""What was missed while we were down."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from app.github.errors import Transient
from app.pipeline.reconcile import ACTION, EVENT, LoggedDelivery, OpenPull, Reconciled, reconcile
from app.store import deliveries
from app.store.deliveries import DeliveryState
from tests.integration.pipeline.fleet import Fleet
from tests.waiting import until

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class View:
    """GitHub, as far as reconciliation asks."""

    def __init__(self, logged: list[LoggedDelivery], pulls: list[OpenPull], fault: Exception | None = None) -> None:
        self.logged = logged
        self.pulls = pulls
        self.fault = fault
        self.sent: list[int] = []

    def deliveries(self, since: datetime) -> Iterable[LoggedDelivery]:
        return [one for one in self.logged if one.delivered_at >= since]

    def send_again(self, delivery_id: int) -> None:
        self.sent.append(delivery_id)

    def open_pulls(self) -> Iterable[OpenPull]:
        if self.fault is not None:
            raise self.fault
        return self.pulls


def logged(number: int, guid: str) -> LoggedDelivery:
    return LoggedDelivery(number, guid, datetime(2026, 1, 2, tzinfo=UTC))


def test_only_what_is_missing_is_asked_for(fleet: Fleet) -> None:
    fleet.deliver("nothing", guid="here")
    view = View([logged(3, "gone"), logged(2, "gone"), logged(1, "here")], [])
    assert reconcile(fleet.store, fleet.intake, view, since=LONG_AGO) == Reconciled(1, 0)
    assert view.sent == [3]


def test_more_deliveries_than_one_question_holds(fleet: Fleet) -> None:
    fleet.deliver("nothing", guid="g700")
    view = View([logged(number, f"g{number}") for number in range(1200)], [])
    assert reconcile(fleet.store, fleet.intake, view, since=LONG_AGO).sent_again == 1199
    assert 700 not in view.sent


def test_old_entries_of_the_log_are_left(fleet: Fleet) -> None:
    view = View([logged(1, "old")], [])
    assert reconcile(fleet.store, fleet.intake, view, since=datetime(2026, 2, 1, tzinfo=UTC)) == Reconciled(0, 0)


def test_heads_without_a_run_are_put_up_once(fleet: Fleet) -> None:
    fleet.worker()
    fleet.deliver("judge", head="h1")
    fleet.ended("h1")
    view = View([], [OpenPull("o/r", 1, "h1", 5), OpenPull("o/r", 2, "h2", 5)])
    assert reconcile(fleet.store, fleet.intake, view, since=LONG_AGO) == Reconciled(0, 1)
    assert reconcile(fleet.store, fleet.intake, view, since=LONG_AGO) == Reconciled(0, 0)
    with fleet.store.reading() as connection:
        made = [deliveries.get(connection, number) for number in (1, 2, 3)]
    assert made[2] is None
    assert made[1] is not None
    assert (made[1].event, made[1].action, made[1].number, made[1].installation) == (EVENT, ACTION, 2, 5)


def test_an_outage_undoes_nothing(fleet: Fleet) -> None:
    view = View([logged(1, "gone")], [], Transient("502"))
    with pytest.raises(Transient):
        reconcile(fleet.store, fleet.intake, view, since=LONG_AGO)
    assert view.sent == [1]


def test_a_delivery_that_failed_is_tried_again(fleet: Fleet) -> None:
    fleet.worker()
    fleet.fail("handle", 1000)
    identity = fleet.deliver("judge", head="h1")
    assert identity is not None

    def failed() -> bool:
        with fleet.store.reading() as connection:
            delivery = deliveries.get(connection, identity)
        return delivery is not None and delivery.state is DeliveryState.FAILED

    until(failed, seconds=20, what="it failed")
    fleet.fail("handle", 0)
    assert reconcile(fleet.store, fleet.intake, View([], []), since=LONG_AGO).tried_again == 1
    assert reconcile(fleet.store, fleet.intake, View([], []), since=LONG_AGO).tried_again == 0
    fleet.ended("h1")
