"""The live log of a run: in order, bounded, whole for one who reads on."""

import threading

import pytest

from app.store import Store, events, runs
from app.store.events import EventKind


@pytest.fixture
def run_id(store: Store) -> int:
    with store.writing() as connection:
        run, _ = runs.create(connection, runs.NewRun(key="k", repository="octo/hello", number=1, head="a" * 40))
    return run.id


def test_events_come_back_in_order_with_hostile_text_intact(store: Store, run_id: int) -> None:
    with store.writing() as connection:
        events.append(connection, run_id, step="fetch", kind=EventKind.STARTED, text="fetching")
        events.append(connection, run_id, step="fetch", kind=EventKind.OUTPUT, text="<script>\x00\x1b[31m\u202e")
        events.append(connection, run_id, step="fetch", kind=EventKind.FINISHED, text="fetched", state="done")
        all_of_them = events.after(connection, run_id)
        assert events.after(connection, run_id, 2) == all_of_them[2:]
        assert events.tail(connection, run_id, limit=2) == all_of_them[1:]
        assert events.steps(connection, run_id) == [all_of_them[0], all_of_them[2]]
    assert [event.seq for event in all_of_them] == [1, 2, 3]
    assert all_of_them[1].text == "<script>\u2400\x1b[31m\u202e"
    assert all_of_them[2].state == "done"


def test_output_is_bounded_by_size_and_says_so_once(store: Store, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "OUTPUT_SIZE", 3_000)
    with store.writing() as connection:
        kept = [events.append(connection, run_id, step="t", kind=EventKind.OUTPUT, text="x" * 1_000) for _ in range(6)]
        end = events.append(connection, run_id, step="t", kind=EventKind.FINISHED, text="done", state="done")
        texts = [event.text for event in events.after(connection, run_id)]
    assert kept == [1, 2, 3, 4, None, None]
    assert end == 5  # how a step ended is told all the same
    assert texts[3] == events.CUT
    assert texts.count(events.CUT) == 1


def test_many_small_pieces_are_bounded_too(store: Store, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "OUTPUT_SIZE", 1_000)
    with store.writing() as connection:
        kept = [events.append(connection, run_id, step="t", kind=EventKind.OUTPUT, text="x") for _ in range(20)]
    assert sum(seq is not None for seq in kept) == 6


def test_all_kinds_are_bounded_by_number(store: Store, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "COUNT", 3)
    with store.writing() as connection:
        kept = [events.append(connection, run_id, step="t", kind=EventKind.STARTED, text="x") for _ in range(5)]
    assert kept == [1, 2, 3, None, None]


def test_a_long_piece_is_cut(store: Store, run_id: int) -> None:
    with store.writing() as connection:
        events.append(connection, run_id, step="t", kind=EventKind.OUTPUT, text="x" * 100_000)
        (event,) = events.after(connection, run_id)
    assert len(event.text) == events.PIECE


def test_an_unknown_run_has_no_log(store: Store) -> None:
    with store.writing() as connection:
        assert events.append(connection, 999, step="t", kind=EventKind.STARTED, text="x") is None


def test_a_reader_who_goes_on_from_the_last_number_misses_nothing(store: Store, run_id: int) -> None:
    """Writers at the same time: a number must not become visible after a higher one was read."""
    each, writers = 25, 3

    def write(name: str) -> None:
        for turn in range(each):
            with store.writing() as connection:
                events.append(connection, run_id, step=name, kind=EventKind.OUTPUT, text=str(turn))

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    alive = True
    while alive:
        alive = any(thread.is_alive() for thread in threads)  # asked before reading: the last read comes after all
        with store.reading() as connection:
            seen += [event.seq for event in events.after(connection, run_id, seen[-1] if seen else 0, limit=7)]
    while True:
        with store.reading() as connection:
            more = [event.seq for event in events.after(connection, run_id, seen[-1])]
        if not more:
            break
        seen += more
    assert seen == list(range(1, each * writers + 1))
