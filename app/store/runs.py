"""Runs: one judging of one change under one policy. The state machine is here, each move a conditional UPDATE.

queued → running → done | error;  queued, running → superseded | cancelled;  nothing leaves an ended state.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.store.engine import clock
from app.store.tables import runs
from app.store.upsert import add_unless_there


class RunStatus(enum.StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"  # a newer head took its place
    CANCELLED = "cancelled"  # closed, or called off by a person
    ERROR = "error"  # could not judge, and no more tries


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is known of a run as it is asked for. `key` is its name: the same key is the same run."""

    key: str
    repository: str
    number: int
    head: str
    installation: int | None = None
    base: str = ""
    base_ref: str = ""
    title: str = ""
    author: str = ""
    policy: str = ""  # digest
    attempt: int = 1
    workflow_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stored run. `result` is `mergelock.result/1` as JSON; `agent` and `reasons` are its parts of those names.

    `basis` is all that its decision rests on but the review, so that a label can decide again.
    """

    id: int
    key: str
    repository: str
    number: int
    installation: int | None
    head: str
    base: str
    base_ref: str
    title: str
    author: str
    policy: str
    attempt: int
    status: RunStatus
    verdict: str | None
    reasons: list[dict[str, Any]] | None
    agent: dict[str, Any] | None
    result: dict[str, Any] | None
    basis: dict[str, Any] | None
    note: str
    workflow_id: str | None
    worker: str | None
    superseded_by: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    event_count: int
    event_size: int

    @property
    def active(self) -> bool:
        """Whether more is to come."""
        return self.status in ACTIVE


def create(connection: sa.Connection, new: NewRun) -> tuple[Run, bool]:
    """The run of that key, and whether it is new."""
    fields = {name: getattr(new, name) for name in NewRun.__dataclass_fields__}
    values = {**fields, "status": RunStatus.QUEUED, "created_at": clock(connection)}
    identity = add_unless_there(connection, runs, values, unique="key")
    run = by_key(connection, new.key)
    if run is None:  # no one deletes runs
        raise LookupError(f"the run {new.key} was there a moment ago")
    return run, identity is not None


def get(connection: sa.Connection, identity: int) -> Run | None:
    """One run by its id."""
    return _first(connection, sa.select(runs).where(runs.c.id == identity))


def by_key(connection: sa.Connection, key: str) -> Run | None:
    """One run by its key."""
    return _first(connection, sa.select(runs).where(runs.c.key == key))


def status(connection: sa.Connection, identity: int) -> RunStatus | None:
    """Only where it is: cheap enough to ask several times a second."""
    found = connection.execute(sa.select(runs.c.status).where(runs.c.id == identity)).scalar_one_or_none()
    return None if found is None else RunStatus(found)


def latest(
    connection: sa.Connection, repository: str, number: int, head: str | None = None, base_ref: str | None = None
) -> Run | None:
    """The newest run of a pull request, or of one of its heads, or of that head to be merged into that branch."""
    chosen = sa.select(runs).where(runs.c.repository == repository, runs.c.number == number)
    if head is not None:
        chosen = chosen.where(runs.c.head == head)
    if base_ref is not None:
        chosen = chosen.where(runs.c.base_ref == base_ref)
    return _first(connection, chosen.order_by(runs.c.id.desc()).limit(1))


def seen_since(connection: sa.Connection, repository: str, number: int, head: str) -> datetime | None:
    """Since when this is the head of a pull request, as far as runs tell; None where the newest is of another one."""
    these = (runs.c.repository == repository) & (runs.c.number == number)
    other = sa.select(sa.func.max(runs.c.id)).where(these, runs.c.head != head).scalar_subquery()
    since = sa.select(runs.c.created_at).where(these, runs.c.id > sa.func.coalesce(other, 0))
    found: datetime | None = connection.execute(since.order_by(runs.c.id).limit(1)).scalar_one_or_none()
    return found


def others_with(connection: sa.Connection, repository: str, number: int, head: str, *, limit: int) -> list[Run]:
    """The newest run of each other pull request that had this very head, `limit` of them at most, without results."""
    these = (runs.c.repository == repository) & (runs.c.number != number) & (runs.c.head == head)
    newest = sa.select(sa.func.max(runs.c.id)).where(these).group_by(runs.c.number)
    chosen = sa.select(*_without_results()).where(runs.c.id.in_(newest)).order_by(runs.c.id.desc()).limit(limit)
    return [_run(row) for row in connection.execute(chosen).mappings()]


def an_agents_elsewhere(connection: sa.Connection, repository: str, number: int, head: str) -> bool:
    """Whether another pull request with this very head was held for an agent's when last looked at."""
    these = (runs.c.repository == repository) & (runs.c.number != number) & (runs.c.head == head)
    newest = sa.select(sa.func.max(runs.c.id)).where(these, runs.c.agent.is_not(None)).group_by(runs.c.number)
    found = connection.execute(sa.select(runs.c.agent).where(runs.c.id.in_(newest))).scalars()
    return any(agent.get("authored") for agent in found)


def last_agent(connection: sa.Connection, repository: str, number: int) -> dict[str, Any] | None:
    """Who wrote a pull request, as its newest run that found out has it."""
    these = (runs.c.repository == repository) & (runs.c.number == number) & runs.c.agent.is_not(None)
    found: dict[str, Any] | None = connection.execute(
        sa.select(runs.c.agent).where(these).order_by(runs.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    return found


def recent(connection: sa.Connection, *, limit: int = 50, before: int | None = None) -> list[Run]:
    """The newest runs, newest first, without their results; `before` is the id to page on from."""
    chosen = sa.select(*_without_results()).order_by(runs.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(runs.c.id < before)
    return [_run(row) for row in connection.execute(chosen).mappings()]


def active_ids(connection: sa.Connection) -> list[int]:
    """Ids of all runs that have not ended, oldest first."""
    return list(connection.execute(sa.select(runs.c.id).where(runs.c.status.in_(ACTIVE)).order_by(runs.c.id)).scalars())


def counts(connection: sa.Connection) -> dict[tuple[RunStatus, str], int]:
    """How many runs there are by status and verdict ("" where none)."""
    chosen = sa.select(runs.c.status, runs.c.verdict, sa.func.count()).group_by(runs.c.status, runs.c.verdict)
    return {(RunStatus(status), verdict or ""): count for status, verdict, count in connection.execute(chosen)}


def describe(
    connection: sa.Connection,
    identity: int,
    *,
    base: str | None = None,
    base_ref: str | None = None,
    title: str | None = None,
    author: str | None = None,
    policy: str | None = None,
    agent: dict[str, Any] | None = None,
    workflow_id: str | None = None,
) -> None:
    """Fill in what became known; None leaves a field as it is."""
    fields = {
        "base": base, "base_ref": base_ref, "title": title, "author": author, "policy": policy, "agent": agent,
        "workflow_id": workflow_id,
    }  # fmt: skip
    values = {name: value for name, value in fields.items() if value is not None}
    if values:
        connection.execute(runs.update().where(runs.c.id == identity).values(values))


def start(connection: sa.Connection, identity: int, worker: str) -> bool:
    """A worker takes it up, perhaps after another died; False when it has ended and must not run."""
    return _move(
        connection,
        runs.c.id == identity,
        status=RunStatus.RUNNING,
        worker=worker,
        started_at=sa.func.coalesce(runs.c.started_at, sa.bindparam("now", clock(connection), runs.c.started_at.type)),
    )


def finish(
    connection: sa.Connection,
    identity: int,
    *,
    verdict: str,
    reasons: list[dict[str, Any]],
    result: dict[str, Any] | None,
    basis: dict[str, Any] | None = None,
    agent: dict[str, Any] | None = None,
) -> bool:
    """It has judged; False when it had ended already (superseded, say), and then nothing is stored."""
    values: dict[str, Any] = {"verdict": verdict, "reasons": reasons, "result": result, "basis": basis}
    if agent is not None:
        values["agent"] = agent
    return _move(connection, runs.c.id == identity, status=RunStatus.DONE, finished_at=clock(connection), **values)


def redecide(
    connection: sa.Connection,
    identity: int,
    *,
    verdict: str,
    reasons: list[dict[str, Any]],
    result: dict[str, Any] | None,
) -> bool:
    """A review changed the verdict of a run that has judged; False when it has not (yet) judged."""
    done = connection.execute(
        runs.update()
        .where(runs.c.id == identity, runs.c.status == RunStatus.DONE)
        .values(verdict=verdict, reasons=reasons, result=result)
    )
    return done.rowcount == 1


def fail(connection: sa.Connection, identity: int, note: str) -> bool:
    """It could not judge and will not try again; False when it had ended already."""
    return _move(
        connection,
        runs.c.id == identity,
        status=RunStatus.ERROR,
        verdict="error",
        note=note,
        finished_at=clock(connection),
    )


def supersede(connection: sa.Connection, newer: Run) -> list[int]:
    """End all older unfinished runs of that pull request; answers their ids."""
    older = (runs.c.repository == newer.repository) & (runs.c.number == newer.number) & (runs.c.id < newer.id)
    return _end(connection, older, status=RunStatus.SUPERSEDED, superseded_by=newer.id)


def cancel(connection: sa.Connection, repository: str, number: int, note: str = "") -> list[int]:
    """End all unfinished runs of a pull request; answers their ids."""
    these = (runs.c.repository == repository) & (runs.c.number == number)
    return _end(connection, these, status=RunStatus.CANCELLED, note=note)


def _end(connection: sa.Connection, condition: sa.ColumnElement[bool], **values: Any) -> list[int]:
    statement = runs.update().where(condition, runs.c.status.in_(ACTIVE))
    ended = connection.execute(statement.values(finished_at=clock(connection), **values).returning(runs.c.id))
    return sorted(ended.scalars())


def _move(connection: sa.Connection, condition: sa.ColumnElement[bool], **values: Any) -> bool:
    done = connection.execute(runs.update().where(condition, runs.c.status.in_(ACTIVE)).values(values))
    return done.rowcount == 1


def _without_results() -> list[sa.ColumnElement[Any]]:
    large = {"result", "basis"}
    return [sa.null().label(column.name) if column.name in large else column for column in runs.c]


def _first(connection: sa.Connection, chosen: sa.Select[Any]) -> Run | None:
    row = connection.execute(chosen).mappings().one_or_none()
    return None if row is None else _run(row)


def _run(row: Mapping[Any, Any]) -> Run:
    return Run(**{**row, "status": RunStatus(row["status"])})
