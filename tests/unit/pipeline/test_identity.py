"""Workers' names: stable, unique, one on SQLite."""

from pathlib import Path

import pytest

from app.pipeline import identity
from app.pipeline.errors import SecondWorker


def test_the_name_is_stable_over_restarts(tmp_path: Path) -> None:
    first = identity.take(tmp_path)
    name = first.name
    first.release()
    second = identity.take(tmp_path)
    assert second.name == name
    second.release()


def test_two_at_once_have_two_names(tmp_path: Path) -> None:
    first, second = identity.take(tmp_path), identity.take(tmp_path)
    assert first.name != second.name
    first.release()
    second.release()


def test_one_only_on_sqlite(tmp_path: Path) -> None:
    database = tmp_path / "mergelock.db"
    first = identity.take(tmp_path, alone_on=database)
    with pytest.raises(SecondWorker, match="PostgreSQL"):
        identity.take(tmp_path / "elsewhere", alone_on=database)
    first.release()
    identity.take(tmp_path, alone_on=database).release()


def test_a_file_cut_short_gets_a_new_name(tmp_path: Path) -> None:
    held = identity.take(tmp_path)
    held.release()
    (tmp_path / "workers" / "worker-0").write_text("abc")
    again = identity.take(tmp_path)
    assert len(again.name) == 32
    again.release()
