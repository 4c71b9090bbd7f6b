"""A run's live log: what its steps said, in order, bounded for each run."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import run_events, runs

OUTPUT_SIZE = 4 * 1024 * 1024  # characters of output kept for one run
LEAST_CHARGE = 200  # a piece counts as this many characters at least, so that there are at most about 20,000
COUNT = 25_000  # events of all kinds
PIECE = 16_384  # characters in one event
CUT = "\n[the output is longer than what is kept of it]\n"


class EventKind(enum.StrEnum):
    """What happened."""

    STARTED = "started"
    OUTPUT = "output"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event. `state` is a runner.progress.StepState for FINISHED, else "". `text` may hold the change's words."""

    seq: int
    at: datetime
    step: str
    kind: EventKind
    state: str
    text: str


def append(
    connection: sa.Connection, run_id: int, *, step: str, kind: EventKind, text: str, state: str = ""
) -> int | None:
    """Add an event and answer its `seq`; None when the run's bound is reached (or there is no such run).

    The row of the run is locked first: numbers become visible in order, and a reader that goes on from the last number
    it saw misses none.
    """
    text = text[:PIECE]
    charge = max(len(text), LEAST_CHARGE) if kind is EventKind.OUTPUT else 0
    changed = {"event_count": runs.c.event_count + 1, "event_size": runs.c.event_size + charge}
    counted = connection.execute(
        runs.update()
        .where(runs.c.id == run_id, runs.c.event_count < COUNT)
        .where(sa.true() if charge == 0 else runs.c.event_size <= OUTPUT_SIZE)
        .values(changed)
        .returning(runs.c.event_count, runs.c.event_size)
    ).one_or_none()
    if counted is None:
        return None
    seq, size = counted
    if charge and size > OUTPUT_SIZE:
        text = CUT
    connection.execute(
        run_events.insert().values(
            run_id=run_id, seq=seq, at=clock(connection), step=step, kind=kind, state=state, text=text
        )
    )
    return int(seq)


def after(connection: sa.Connection, run_id: int, seq: int = 0, *, limit: int = 500) -> list[RunEvent]:
    """The run's events after `seq`, in order."""
    chosen = sa.select(run_events).where(run_events.c.run_id == run_id, run_events.c.seq > seq)
    rows = connection.execute(chosen.order_by(run_events.c.seq).limit(limit)).mappings()
    return [_event(row) for row in rows]


def tail(connection: sa.Connection, run_id: int, *, limit: int = 2000) -> list[RunEvent]:
    """The run's last events, in order."""
    chosen = sa.select(run_events).where(run_events.c.run_id == run_id).order_by(run_events.c.seq.desc()).limit(limit)
    return [_event(row) for row in reversed(connection.execute(chosen).mappings().all())]


def steps(connection: sa.Connection, run_id: int) -> list[RunEvent]:
    """Only the starts and ends of its steps, in order."""
    chosen = sa.select(run_events).where(run_events.c.run_id == run_id, run_events.c.kind != EventKind.OUTPUT)
    return [_event(row) for row in connection.execute(chosen.order_by(run_events.c.seq)).mappings()]


def _event(row: Mapping[Any, Any]) -> RunEvent:
    return RunEvent(row["seq"], row["at"], row["step"], EventKind(row["kind"]), row["state"], row["text"])
