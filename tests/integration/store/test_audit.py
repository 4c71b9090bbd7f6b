"""The audit chain under attack: by one who owns the database and knows the code, but not a note kept elsewhere."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.store import Store, audit
from app.store.audit import GENESIS, Act, Anchor
from app.store.errors import TooLarge
from app.store.tables import audit as table
from tests.postgres import without_guards


@pytest.fixture
def filled(store: Store) -> Store:
    for number in range(1, 6):
        with store.writing() as connection:
            act = Act(
                actor="mona",
                action="label.added",
                repository="octo/hello",
                number=number,
                head="a" * 40,
                policy="p" * 64,
                data={"label": "human-reviewed", "odd": "\x00\udcff", "n": number},
            )
            audit.record(connection, act)
    return store


def test_an_empty_record_is_whole(store: Store) -> None:
    report = audit.verify(store)
    assert (report.ok, report.entries, report.head) == (True, 0, Anchor(0, GENESIS))


def test_an_untouched_record_is_whole_and_reaches_its_anchor(filled: Store) -> None:
    with filled.reading() as connection:
        anchor = audit.head(connection)
        third = audit.entries(connection, after=2, limit=1)[0]
    report = audit.verify(filled, anchor)
    assert (report.ok, report.entries, report.head, report.problem) == (True, 5, anchor, "")
    assert audit.verify(filled, Anchor(third.seq, third.hash)).ok  # an older note holds too
    assert third.data == '{"label":"human-reviewed","n":3,"odd":"\\u0000\\udcff"}'
    assert audit.parse_time(third).utcoffset() is not None


def test_long_records_are_walked_page_by_page(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    assert audit.verify(filled).entries == 5


def test_entries_can_be_chosen(filled: Store) -> None:
    with filled.reading() as connection:
        assert [e.seq for e in audit.entries(connection, repository="octo/hello", number=3)] == [3]
        assert audit.entries(connection, repository="octo/other") == []


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("UPDATE audit SET actor = 'eve' WHERE seq = 2", id="update"),
        pytest.param("DELETE FROM audit WHERE seq = 2", id="delete"),
        pytest.param("DELETE FROM audit", id="delete-all"),
    ],
)
def test_the_database_refuses_to_change_the_record(filled: Store, deed: str) -> None:
    with filled.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        connection.execute(sa.text(deed))
    assert audit.verify(filled).entries == 5


def test_postgresql_refuses_to_truncate_the_record(filled: Store) -> None:
    if filled.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with filled.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        connection.execute(sa.text("TRUNCATE audit"))


def change(column: str, value: object) -> Callable[[sa.Connection], object]:
    return lambda c: c.execute(table.update().where(table.c.seq == 3).values({column: value}))


def swap(connection: sa.Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(table.update().where(table.c.seq == old).values(seq=new))


def insert_copy(connection: sa.Connection) -> None:
    row = dict(connection.execute(sa.select(table).where(table.c.seq == 2)).mappings().one())
    connection.execute(table.insert().values({**row, "seq": 6}))


def drop_and_renumber(connection: sa.Connection) -> None:
    connection.execute(table.delete().where(table.c.seq == 3))
    for old in (4, 5):
        connection.execute(table.update().where(table.c.seq == old).values(seq=old - 1))


def reseal_one(connection: sa.Connection) -> None:
    """Change an entry and its own hash, but not those that follow."""
    row = dict(connection.execute(sa.select(table).where(table.c.seq == 3)).mappings().one())
    forged = audit.AuditEntry(**{**row, "actor": "eve", "hash": ""})
    change("actor", "eve")(connection)
    change("hash", forged.expected_hash())(connection)


TAMPERING: list[tuple[str, Callable[[sa.Connection], object], int]] = [
    ("actor changed", change("actor", "eve"), 3),
    ("action changed", change("action", "label.removed"), 3),
    ("head changed", change("head", "b" * 40), 3),
    ("policy changed", change("policy", ""), 3),
    ("number changed", change("number", None), 3),
    ("time changed", change("at", "2020-01-01T00:00:00.000000+00:00"), 3),
    ("data changed", change("data", "{}"), 3),
    ("repository changed", change("repository", "octo/other"), 3),
    ("hash changed", change("hash", "0" * 64), 3),
    ("previous changed", change("previous", "0" * 64), 3),
    ("deleted", lambda c: c.execute(table.delete().where(table.c.seq == 3)), 3),
    ("first deleted", lambda c: c.execute(table.delete().where(table.c.seq == 1)), 1),
    ("deleted and renumbered", drop_and_renumber, 3),
    ("swapped", swap, 2),
    ("copied", insert_copy, 6),
    ("one resealed", reseal_one, 4),
]


@pytest.mark.parametrize(("tamper", "bad"), [pytest.param(deed, bad, id=name) for name, deed, bad in TAMPERING])
def test_tampering_shows_and_where(filled: Store, tamper: Callable[[sa.Connection], object], bad: int) -> None:
    connection = without_guards(filled)
    tamper(connection)
    connection.commit()
    connection.close()
    report = audit.verify(filled)
    assert not report.ok
    assert report.first_bad_seq == bad
    assert f"entry {bad} " in report.problem


def test_a_cut_off_tail_shows_only_against_a_note_kept_elsewhere(filled: Store) -> None:
    with filled.reading() as reader:
        anchor = audit.head(reader)
    connection = without_guards(filled)
    connection.execute(table.delete().where(table.c.seq > 3))
    connection.commit()
    connection.close()
    assert audit.verify(filled).ok
    report = audit.verify(filled, anchor)
    assert not report.ok
    assert (report.first_bad_seq, report.entries) == (4, 3)
    assert "cut off" in report.problem


def test_a_tail_written_anew_shows_against_the_note(filled: Store) -> None:
    with filled.reading() as reader:
        anchor = audit.head(reader)
    connection = without_guards(filled)
    connection.execute(table.delete().where(table.c.seq > 3))
    for _ in range(2):
        audit.record(connection, Act(actor="eve", action="nothing.happened"))
    connection.commit()
    connection.close()
    assert audit.verify(filled).ok
    report = audit.verify(filled, anchor)
    assert (report.ok, report.first_bad_seq) == (False, 5)
    assert "anchor" in report.problem


def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    def write() -> None:
        for _ in range(10):
            with store.writing() as connection:
                audit.record(connection, Act(actor="mergelock", action="run.finished"))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    report = audit.verify(store)
    assert (report.ok, report.entries) == (True, 40)


def test_what_is_taken_back_leaves_no_gap(filled: Store) -> None:
    def half_way() -> None:
        with filled.writing() as connection:
            audit.record(connection, Act(actor="mona", action="x"))
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half_way()
    with filled.writing() as connection:
        assert audit.record(connection, Act(actor="mona", action="y")).seq == 6
    assert audit.verify(filled).ok


def test_too_much_data_is_refused(store: Store) -> None:
    with store.writing() as connection, pytest.raises(TooLarge):
        audit.record(connection, Act(actor="m", action="x", data={"text": "x" * audit.DATA_LIMIT}))
