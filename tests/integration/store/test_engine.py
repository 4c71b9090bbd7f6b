"""What the connections promise."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store import Store, deliveries, schema, workers
from app.store.deliveries import NewDelivery
from app.store.engine import clock
from app.store.tables import workers as table

NEW = NewDelivery(
    guid="g-1", event="ping", action="", repository="", number=None, installation=None, headers={}, payload=b"{}"
)


@pytest.fixture
def sqlite(tmp_path: Path) -> Store:
    store = Store.open(f"sqlite:///{tmp_path / 'mergelock.db'}")
    schema.upgrade(store.engine)
    return store


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_sqlite_is_set_for_safety(sqlite: Store, pragma: str, value: object) -> None:
    with sqlite.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    sqlite.close()


def test_what_fails_half_way_is_taken_back(store: Store) -> None:
    def half_way() -> None:
        with store.writing() as connection:
            assert deliveries.add(connection, NEW) is not None
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half_way()
    with store.reading() as connection:
        assert deliveries.by_guid(connection, "g-1") is None


def test_a_reader_waits_for_no_writer(store: Store) -> None:
    with store.writing() as writer:
        deliveries.add(writer, NEW)
        with store.reading() as reader:
            assert deliveries.by_guid(reader, "g-1") is None


def test_writers_that_read_first_all_get_their_turn(store: Store) -> None:
    """Read, then write: in SQLite this is what fails with "database is locked" if the lock comes late."""
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for turn in range(10):
                with store.writing() as connection:
                    deliveries.known(connection, ["g-1"])
                    name = f"worker-{writer}-{turn}"
                    workers.register(connection, name, pid=1, host="h", version="1")
        except BaseException as fault:  # noqa: BLE001 - handed to the test
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    with store.reading() as connection:
        assert len(workers.alive(connection, within=timedelta(minutes=5))) == 40


def test_times_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789_012, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with store.writing() as connection:
        workers.register(connection, "w", pid=1, host="h", version="1")
        connection.execute(table.update().values(heartbeat=moment))
        (found,) = workers.silent(connection, within=timedelta(0))
    assert found.heartbeat == moment
    assert found.heartbeat.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with store.writing() as connection, pytest.raises(sa.exc.StatementError, match="without a zone"):
        connection.execute(table.update().values(heartbeat=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


def test_the_clock_goes_on_within_a_transaction(store: Store) -> None:
    with store.writing() as connection:
        first, second = clock(connection), clock(connection)
    assert first.utcoffset() == timedelta(0)
    assert timedelta(0) <= second - first < timedelta(minutes=1)
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=5)
