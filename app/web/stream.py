"""A run's live log by server-sent events. Each stream holds a thread, so their number and their time are bounded.

A browser whose stream ends asks again with `Last-Event-ID`, the number of the last event it saw, and misses nothing.
"""

import json
import threading
import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from app.store import Store, events, runs
from app.store.events import RunEvent
from app.telemetry.metrics import STREAMS_REFUSED
from app.web.guard import Guard
from app.web.visible import visible, visible_lines

LONGEST = 50.0  # seconds; proxies commonly cut at 60
PAUSE = 0.25
BEAT = 10.0  # seconds of silence after which a comment finds out whether the browser is still there
RETRY_MS = 1000


class Places:
    """How many streams may be open in this process."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def take(self) -> bool:
        """Take a place; False when there is none."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """It is free again."""
        self._free.release()


def blueprint(guard: Guard, store: Store, places: Places) -> Blueprint:
    """/runs/<id>/events."""
    routes = Blueprint("stream", __name__)

    @routes.get("/runs/<int:run_id>/events")
    @guard.signed_in
    def run_events(run_id: int) -> AnyResponse:
        with store.reading() as connection:
            if run_id >= 2**63 or runs.status(connection, run_id) is None:
                abort(404)
        if not places.take():
            STREAMS_REFUSED.inc()
            abort(503)
        answer = Response(_until_done(store, run_id, _cursor()), mimetype="text/event-stream")
        answer.call_on_close(places.give_back)  # also where the browser left before the first byte
        answer.headers["X-Accel-Buffering"] = "no"  # nginx would hold it back
        return answer

    return routes


def _cursor() -> int:
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0  # noqa: PLR2004 - fits a column


def _until_done(store: Store, run_id: int, seq: int) -> Iterator[str]:
    end = time.monotonic() + LONGEST
    spoke = time.monotonic()
    yield f"retry: {RETRY_MS}\n\n"
    while time.monotonic() < end:
        with store.reading() as connection:
            status = runs.status(connection, run_id)  # before the events: what came with the end is read below
            found = events.after(connection, run_id, seq)
        for event in found:
            yield message(event)
            seq, spoke = event.seq, time.monotonic()
        if found:
            continue
        if status not in runs.ACTIVE:
            yield "event: ended\ndata: {}\n\n"
            return
        if time.monotonic() - spoke > BEAT:
            yield ": still here\n\n"
            spoke = time.monotonic()
        time.sleep(PAUSE)


def message(event: RunEvent) -> str:
    """One event on the wire. Its text is made visible here; the browser sets it as text, never as markup."""
    data = {
        "step": visible(event.step),
        "kind": event.kind.value,
        "state": event.state,
        "text": visible_lines(event.text) if event.kind is events.EventKind.OUTPUT else visible(event.text),
        "at": event.at.isoformat(),
    }
    return f"id: {event.seq}\nevent: log\ndata: {json.dumps(data)}\n\n"
