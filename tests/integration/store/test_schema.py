"""Migrations and the tables they make."""

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.store import Store, schema
from app.store.errors import SchemaBehind
from app.store.tables import metadata


def test_migrations_make_exactly_the_tables_that_the_code_uses(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_not_current_and_an_upgraded_one_is(database_url: str) -> None:
    store = Store.open(database_url)
    assert not schema.current(store.engine)
    schema.upgrade(store.engine)
    assert schema.current(store.engine)
    schema.upgrade(store.engine)
    assert schema.current(store.engine)
    store.close()


def test_several_that_start_at_once_upgrade_once(database_url: str) -> None:
    faults: list[BaseException] = []
    barrier = threading.Barrier(4)

    def begin() -> None:
        own = Store.open(database_url)
        try:
            barrier.wait(timeout=10)
            schema.upgrade(own.engine)
        except BaseException as fault:  # noqa: BLE001 - handed to the test
            faults.append(fault)
        finally:
            own.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert faults == []
    store = Store.open(database_url)
    assert schema.current(store.engine)
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(SchemaBehind, match="newer version"):
        schema.upgrade(store.engine)
    assert not schema.current(store.engine)


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    store = Store.open(database_url)
    with store.writing() as connection:
        connection.execute(sa.text("CREATE TABLE workers (something INTEGER)"))
    with pytest.raises(sa.exc.DBAPIError):
        schema.upgrade(store.engine)
    assert sa.inspect(store.engine).get_table_names() == ["workers"]
    store.close()
