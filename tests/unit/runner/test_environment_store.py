"""Folders kept by content: made once, whole or not there, bounded."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner.environment.store import Store
from runner.errors import Cancelled


def fill(text: str = "x", size: int = 1):  # type: ignore[no-untyped-def] # a maker, as the store wants it
    def make(folder: Path) -> None:
        (folder / "content").write_text(text * size, encoding="ascii")

    return make


def age(entry: Path, seconds: float) -> None:
    """Make an entry look made and used that long ago."""
    facts = json.loads((entry / "entry.json").read_text())
    (entry / "entry.json").write_text(json.dumps({**facts, "made": facts["made"] - seconds}))
    used = entry.stat().st_mtime - seconds
    os.utime(entry, (used, used))


def test_an_entry_is_made_once_and_found_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, made = store.get("key", fill("one"))
    again, made_again = store.get("key", fill("two"))
    assert (made, made_again) == (True, False)
    assert first == again
    assert (again / "content").read_text() == "one"


def test_two_makers_at_once_make_one_entry(tmp_path: Path) -> None:
    count = []
    gate = threading.Barrier(2, timeout=10)

    def make(folder: Path) -> None:
        count.append(folder)
        (folder / "content").write_text("x", encoding="ascii")

    def ask(_: int) -> Path:
        gate.wait()
        return Store(tmp_path).get("key", make)[0]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(ask, range(2)))
    assert len(count) == 1
    assert found[0] == found[1]


def test_a_maker_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def broken(folder: Path) -> None:
        (folder / "half").write_text("x", encoding="ascii")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.get("key", broken)
    assert store.find("key") is None
    assert not list((tmp_path / "partial").iterdir())
    assert store.get("key", fill())[1]


def test_what_a_killed_maker_left_is_removed_by_the_next(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "partial/key.0123").mkdir()
    (tmp_path / "partial/key.0123/half").write_text("x")
    store.get("key", fill())
    assert not list((tmp_path / "partial").iterdir())


def test_an_entry_that_is_too_old_is_made_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    entry, _ = store.get("key", fill("old"))
    age(entry, 100)
    assert store.get("key", fill("new"), oldest=1000)[1] is False
    entry, made = store.get("key", fill("new"), oldest=50)
    assert made
    assert (entry / "content").read_text() == "new"


def test_the_least_recently_used_goes_first_and_what_is_in_use_stays(tmp_path: Path) -> None:
    store = Store(tmp_path, most_bytes=250)
    for name, used in (("a", 30_000), ("b", 20_000), ("c", 10)):
        age(store.get(name, fill(size=100))[0], used)
    store.get("d", fill(size=100))
    assert store.find("a") is None
    assert store.find("b") is None
    assert store.find("c") is not None
    assert store.find("d") is not None


def test_waiting_for_another_maker_can_be_called_off(tmp_path: Path) -> None:
    store, cancel, inside, leave = Store(tmp_path), threading.Event(), threading.Event(), threading.Event()

    def slow(folder: Path) -> None:
        inside.set()
        leave.wait(10)

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(store.get, "key", slow)
        assert inside.wait(10)
        cancel.set()
        with pytest.raises(Cancelled):
            store.get("key", fill(), cancel=cancel)
        leave.set()
        assert making.result()[1]
