"""Carries out what a delivery asks for, in one transaction of the caller's."""

import hashlib
import secrets
from dataclasses import replace

import sqlalchemy as sa
from dbos import DBOSClient

from app.pipeline import durable
from app.pipeline.work import CallOff, Decide, Intent, Judge, Trouble
from app.store import runs
from app.store.engine import clock
from app.store.runs import NewRun, Run, RunStatus
from app.store.tables import runs as runs_table

_WITHOUT_VERDICT = (RunStatus.SUPERSEDED, RunStatus.CANCELLED)


def apply(connection: sa.Connection, client: DBOSClient, intent: Intent, *, occasion: str) -> None:
    """Start, call off or decide again. `occasion` names the delivery: repeated, nothing is done twice."""
    match intent:
        case Judge(new, quick):
            _start(connection, client, new, occasion, quick=quick)
        case CallOff(repository, number, note):
            runs.cancel(connection, repository, number, note)
        case Decide(run_id):
            run = runs.get(connection, run_id)
            # A run that has not judged yet is looked at again when it has.
            if run is not None and run.status is RunStatus.DONE:
                durable.enqueue_deciding(client, connection, run, occasion)


def end_judging(connection: sa.Connection, client: DBOSClient, run_id: int) -> bool:
    """A run's steps are through; False where they stored no verdict."""
    run = runs.get(connection, run_id)
    if run is None or run.status is not RunStatus.DONE:
        return False
    # A label put on while it was judging found no verdict to decide about: look again, in its turn.
    durable.enqueue_deciding(client, connection, run, "judged")
    return True


def give_up(connection: sa.Connection, client: DBOSClient, run_id: int, trouble: Trouble) -> None:
    """End a run that could not be judged, and see that people are told, however long GitHub is away."""
    if runs.fail(connection, run_id, f"{trouble.step}: {trouble.text}"):
        durable.enqueue_telling(client, connection, run_id, trouble.step, trouble.text, trouble.tries)
    else:
        leave_no_old_word(connection, client, run_id, trouble)


def leave_no_old_word(connection: sa.Connection, client: DBOSClient, run_id: int, trouble: Trouble) -> None:
    """A judged run's decision could not be made, or not be posted: what GitHub shows of it may hold no longer."""
    if runs.status(connection, run_id) is RunStatus.DONE:
        occasion = secrets.token_hex(8)
        durable.enqueue_telling(
            client, connection, run_id, trouble.step, trouble.text, trouble.tries, occasion=occasion
        )


def _start(connection: sa.Connection, client: DBOSClient, new: NewRun, occasion: str, *, quick: bool) -> None:
    run, fresh = _create(connection, new)
    while not fresh and run.status in _WITHOUT_VERDICT:
        # The head came back (pushed over and back, closed and opened), and was never judged to the end.
        again = hashlib.sha256(f"{run.key}:again".encode()).hexdigest()
        run, fresh = _create(connection, replace(new, key=again, attempt=run.attempt + 1))
    _end_others(connection, run)
    if run.active:
        durable.enqueue_judging(client, connection, run.id, run.key, quick=quick)
    elif run.status is RunStatus.DONE:
        durable.enqueue_deciding(client, connection, run, occasion)


def _create(connection: sa.Connection, new: NewRun) -> tuple[Run, bool]:
    return runs.create(connection, replace(new, workflow_id=durable.judging_id(new.key)))


def _end_others(connection: sa.Connection, run: Run) -> None:
    c = runs_table.c
    others = (c.repository == run.repository, c.number == run.number, c.id != run.id, c.status.in_(runs.ACTIVE))
    ended = {"status": RunStatus.SUPERSEDED, "superseded_by": run.id, "finished_at": clock(connection)}
    connection.execute(runs_table.update().where(*others).values(ended))
