"""Deliveries: stored once, forgotten in part."""

import threading
from datetime import timedelta

import pytest

from app.store import Store, deliveries
from app.store.deliveries import DeliveryState, NewDelivery
from app.store.engine import clock


def new(guid: str, payload: bytes = b'{"zen": "\x00"}') -> NewDelivery:
    return NewDelivery(
        guid=guid,
        event="pull_request",
        action="opened",
        repository="octo/hello",
        number=7,
        installation=1,
        headers={"X-GitHub-Event": "pull_request", "X-Hub-Signature-256": "sha256=00", "Cookie": "a=b"},
        payload=payload,
    )


def test_a_delivery_comes_back_as_it_went_in(store: Store) -> None:
    with store.writing() as connection:
        identity = deliveries.add(connection, new("g-1"))
    assert identity is not None
    with store.reading() as connection:
        found = deliveries.get(connection, identity)
        assert found == deliveries.by_guid(connection, "g-1")
    assert found is not None
    assert (found.event, found.action, found.repository, found.number) == ("pull_request", "opened", "octo/hello", 7)
    assert found.payload == b'{"zen": "\x00"}'
    assert found.state is DeliveryState.ACCEPTED


def test_only_harmless_headers_are_kept(store: Store) -> None:
    with store.writing() as connection:
        identity = deliveries.add(connection, new("g-1"))
        assert identity is not None
        found = deliveries.get(connection, identity)
    assert found is not None
    assert dict(found.headers) == {"x-github-event": "pull_request"}


def test_a_repeat_is_known(store: Store) -> None:
    with store.writing() as connection:
        assert deliveries.add(connection, new("g-1")) is not None
    with store.writing() as connection:
        assert deliveries.add(connection, new("g-1", b"another body")) is None
        found = deliveries.by_guid(connection, "g-1")
    assert found is not None
    assert found.payload == b'{"zen": "\x00"}'


def test_of_repeats_at_the_same_time_one_is_stored(store: Store) -> None:
    answers: list[int | None] = []
    barrier = threading.Barrier(4)

    def deliver() -> None:
        barrier.wait(timeout=10)
        with store.writing() as connection:
            answers.append(deliveries.add(connection, new("g-1")))

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 4
    assert sum(answer is not None for answer in answers) == 1


def test_handling_is_noted_and_only_then_is_the_payload_forgotten(store: Store) -> None:
    with store.writing() as connection:
        handled, waiting = deliveries.add(connection, new("g-1")), deliveries.add(connection, new("g-2"))
        assert handled is not None
        assert waiting is not None
        deliveries.finish(connection, handled, DeliveryState.HANDLED, "x" * 5000)
        assert deliveries.unhandled(connection) == [waiting]
        later = clock(connection) + timedelta(seconds=1)
        assert deliveries.forget_payloads(connection, later) == 1
        assert deliveries.forget_payloads(connection, later) == 0
        forgotten, kept = deliveries.get(connection, handled), deliveries.get(connection, waiting)
    assert forgotten is not None
    assert kept is not None
    assert forgotten.payload is None
    assert len(forgotten.note) == 2000
    assert kept.payload is not None


def test_known_tells_which_are_here(store: Store) -> None:
    with store.writing() as connection:
        deliveries.add(connection, new("g-1"))
        assert deliveries.known(connection, ["g-1", "g-2"]) == {"g-1"}
        assert deliveries.known(connection, []) == frozenset()
        with pytest.raises(ValueError, match="1,000"):
            deliveries.known(connection, ["x"] * 1001)
