"""The live log: whole, resumable, bounded."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pipeline.intake import Enqueuer
from app.settings import Settings
from app.store import Store, runs
from app.store.events import EventKind, RunEvent
from app.web import stream
from app.web.application import create_app
from tests.integration.web.example import HOSTILE, judged_run, new_run, say


def messages(text: str) -> list[tuple[int, dict[str, Any]]]:
    """Number and data of each log message."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if fields.get("event") == "log":
            found.append((int(fields["id"]), json.loads(fields["data"])))
    return found


@pytest.fixture
def run_id(store: Store) -> int:
    with store.writing() as connection:
        return judged_run(connection).id


def test_a_run_that_ended_is_told_and_the_stream_ends(client: FlaskClient, run_id: int) -> None:
    answer = client.get(f"/runs/{run_id}/events")
    assert answer.mimetype == "text/event-stream"
    found = messages(answer.text)
    assert [number for number, _ in found] == [1, 2, 3, 4, 5]
    assert [data["kind"] for _, data in found] == ["started", "finished", "started", "output", "finished"]
    assert answer.text.endswith("event: ended\ndata: {}\n\n")


def test_hostile_text_is_made_visible_and_breaks_no_message(client: FlaskClient, run_id: int) -> None:
    text = client.get(f"/runs/{run_id}/events").text
    assert all(trick not in text for trick in ("\u202e", "\x1b", "\\u202e", "\\u001b", "\\udcff"))
    output = messages(text)[3][1]["text"]
    assert output.startswith("line one <script>alert(1)</script>⟨U+202E⟩gnp.exe⟨U+200B⟩⟨U+001B⟩]0;x⟨U+0007⟩␀?{{")
    assert output.endswith("\nline two\n")


@pytest.mark.parametrize(
    ("headers", "query", "first"),
    [
        pytest.param({"Last-Event-ID": "3"}, "", 4, id="header"),
        pytest.param({}, "?after=2", 3, id="query"),
        pytest.param({"Last-Event-ID": "4"}, "?after=1", 5, id="header-first"),
        pytest.param({"Last-Event-ID": "-1"}, "", 1, id="negative"),
        pytest.param({"Last-Event-ID": "x"}, "", 1, id="word"),
        pytest.param({}, "?after=99999999999999999999", 1, id="huge"),
        pytest.param({}, "?after=%C2%B2", 1, id="superscript"),
    ],
)
def test_a_browser_goes_on_where_it_was(
    client: FlaskClient, run_id: int, headers: dict[str, str], query: str, first: int
) -> None:
    text = client.get(f"/runs/{run_id}/events{query}", headers=headers).text
    assert messages(text)[0][0] == first


def test_what_is_said_while_one_listens_arrives(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        run = new_run(connection)
        runs.start(connection, run.id, "w")
    pieces: Iterator[str] = iter(client.get(f"/runs/{run.id}/events", buffered=False).response)  # type: ignore[arg-type]

    def next_message() -> str:
        return next(piece for piece in map(_text, pieces) if not piece.startswith((":", "retry")))

    for turn in range(3):
        with store.writing() as connection:
            say(connection, run, "fetch", EventKind.OUTPUT, f"piece {turn}")
        assert f"piece {turn}" in next_message()
    with store.writing() as connection:
        say(connection, run, "fetch", EventKind.FINISHED, "the end", "done")
        runs.finish(connection, run.id, verdict="passed", reasons=[], result=None)
    assert "the end" in next_message()
    assert next_message().startswith("event: ended")


def _text(piece: str | bytes) -> str:
    return piece.decode() if isinstance(piece, bytes) else piece


def test_a_stream_has_an_end(client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST", 0.3)
    monkeypatch.setattr(stream, "BEAT", 0.0)
    with store.writing() as connection:
        run = new_run(connection)
    text = client.get(f"/runs/{run.id}/events").text
    assert text.startswith("retry: 1000\n\n: still here\n\n")
    assert "event: ended" not in text  # so the browser asks again


def test_only_so_many_streams_are_open_and_places_come_free(
    settings: Settings, intake: Enqueuer, store: Store, client: FlaskClient
) -> None:
    few = settings.model_copy(update={"web_threads": 2})
    app: Flask = create_app(few, store, intake)
    with store.writing() as connection:
        run = new_run(connection)
    session = client.get_cookie("mergelock_session")
    assert session is not None
    own = app.test_client()
    own.set_cookie("mergelock_session", session.value)
    path = f"/runs/{run.id}/events"
    first = own.get(path, buffered=False)
    assert own.get(path, buffered=False).status_code == 503
    first.close()
    third = own.get(path, buffered=False)
    assert third.status_code == 200
    third.close()


def test_places_are_counted_among_threads() -> None:
    places = stream.Places(3)
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.append(places.take())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(taken) == [False] * 5 + [True] * 3
    places.give_back()
    assert places.take()


def test_an_unknown_run_has_no_stream(client: FlaskClient) -> None:
    assert client.get("/runs/999/events").status_code == 404
    assert client.get("/runs/99999999999999999999999/events").status_code == 404


def test_a_message_is_one_block_whatever_the_text() -> None:
    event = RunEvent(7, datetime.now(UTC), "a\nid: 9", EventKind.OUTPUT, "", f"x\n\nevent: ended\ndata: {HOSTILE}\r\r")
    block = stream.message(event)
    assert block.count("\n\n") == 1
    assert len(block.strip().splitlines()) == 3
