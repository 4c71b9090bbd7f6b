"""A run's live log, written to the store in batches."""

import threading

from app.store import Store, events
from app.store.events import EventKind
from runner.progress import StepState

_HELD = 8_192  # bytes of output held back at most, until the next flush


class RunProgress:
    """Tells the store where a run is. Safe for several threads; output waits for `flush`, for a tick at most."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self._lock = threading.Lock()
        self._held: dict[str, bytearray] = {}

    def started(self, step: str, text: str) -> None:
        """A step begins."""
        self._append(step, EventKind.STARTED, text, "")

    def output(self, step: str, data: bytes) -> None:
        """A piece of output."""
        with self._lock:
            held = self._held.setdefault(step, bytearray())
            held += data
            full = len(held) > _HELD
        if full:
            self.flush()

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        """A step ended."""
        self._append(step, EventKind.FINISHED, text, str(state))

    def flush(self) -> None:
        """Write what is held back. A character cut in two by the batches shows as a replacement mark."""
        with self._lock:
            held, self._held = self._held, {}
            if not held:
                return
            with self._store.writing() as connection:
                for step, data in held.items():
                    for first in range(0, len(data), events.PIECE):
                        text = data[first : first + events.PIECE].decode("utf-8", "replace")
                        events.append(connection, self._run_id, step=step, kind=EventKind.OUTPUT, text=text)

    def _append(self, step: str, kind: EventKind, text: str, state: str) -> None:
        self.flush()
        with self._store.writing() as connection:
            events.append(connection, self._run_id, step=step, kind=kind, text=text, state=state)
