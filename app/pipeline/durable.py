"""DBOS as we use it: its tables in our database, our names, JSON instead of pickles, everything hosted switched off."""

import json
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, Serializer

from app.store.runs import Run

APPLICATION = "mergelock"
DELIVERIES = "deliveries"
RUNS = "runs"
QUICK = "quick-runs"
TELLS = "tells"

JUDGE = "judge"
HANDLE = "handle-delivery"
DECIDE = "decide-again"
TELL = "tell-that-we-gave-up"

# Many, because each may wait for an hour where one installation met its rate limit; a waiting thread costs little.
_HANDLED_AT_ONCE = 32
_QUICK_AT_ONCE = 8
_TELLS_POLLING = 1.0  # seconds
_LAST_PRIORITY = 2**31 - 1


class JsonSerializer(Serializer):
    """Checkpoints as JSON: readable in the database, and nothing in it is ever run."""

    def serialize(self, data: Any) -> str:
        """As text; an exception as its words."""
        if isinstance(data, BaseException):
            return json.dumps({"exception": f"{type(data).__name__}: {data}"[:4000]})
        return json.dumps(data, ensure_ascii=True, allow_nan=False)

    def deserialize(self, serialized_data: str) -> Any:
        """Back again."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and set(data) == {"exception"}:
            return RuntimeError(data["exception"])
        return data

    def name(self) -> str:
        """Stored beside each value."""
        return "mergelock_json"


def migrate(database_url: str) -> None:
    """Make or update DBOS's tables. Web processes and workers both call it as they start, before anything else."""
    DBOS.migrate(database_url)


def client(database_url: str) -> DBOSClient:
    """A client for enqueueing inside our own transactions; made in each process, after any fork. Opens nothing."""
    return DBOSClient(
        system_database_url=database_url, serializer=JsonSerializer(), application_name=APPLICATION, lazy=True
    )


def configuration(database_url: str, *, executor: str, version: str) -> DBOSConfig:
    """A worker's configuration."""
    return DBOSConfig(
        name=APPLICATION,
        system_database_url=database_url,
        executor_id=executor,
        application_version=version,
        enable_otlp=False,
        run_migrations=False,
        log_level="WARNING",
        serializer=JsonSerializer(),
    )


def register_queues(made: DBOSClient, *, concurrency: int, polling: float) -> None:
    """Write the queues' settings down before any worker claims from them. `polling` in seconds."""
    # Deliveries of one pull request, one after the other: else an older push, handled late, could take a newer one's
    # place.
    made.register_queue(
        DELIVERIES, partition_concurrency=1, worker_concurrency=_HANDLED_AT_ONCE, polling_interval_sec=polling
    )
    made.register_queue(TELLS, worker_concurrency=_HANDLED_AT_ONCE, polling_interval_sec=_TELLS_POLLING)
    made.register_queue(QUICK, worker_concurrency=_QUICK_AT_ONCE, polling_interval_sec=polling)
    made.register_queue(RUNS, worker_concurrency=concurrency, polling_interval_sec=polling)


def enqueue_handling(
    made: DBOSClient, connection: sa.Connection, delivery_id: int, subject: str, occasion: str = ""
) -> None:
    """Enqueue a delivery's handling in the caller's transaction; once for each occasion.

    `subject` tells pull requests apart.
    """
    options = EnqueueOptions(
        workflow_name=HANDLE,
        queue_name=DELIVERIES,
        workflow_id=f"delivery-{delivery_id}{occasion and f'-{occasion}'}",
        queue_partition_key=subject,
        # The engine orders by milliseconds, in which several may come; the number says which was first.
        priority=min(delivery_id, _LAST_PRIORITY),
    )
    made.enqueue_in_transaction(connection, options, delivery_id)


def judging_id(key: str) -> str:
    """The workflow of a run: one for each key."""
    return f"run-{key}"


def enqueue_judging(made: DBOSClient, connection: sa.Connection, run_id: int, key: str, *, quick: bool = False) -> None:
    """Enqueue a run's judging in the caller's transaction; once for each key."""
    options = EnqueueOptions(workflow_name=JUDGE, queue_name=QUICK if quick else RUNS, workflow_id=judging_id(key))
    made.enqueue_in_transaction(connection, options, run_id)


def enqueue_deciding(made: DBOSClient, connection: sa.Connection, run: Run, occasion: str) -> None:
    """Enqueue another decision about a judged run in the caller's transaction; once for each occasion."""
    options = EnqueueOptions(
        workflow_name=DECIDE,
        queue_name=DELIVERIES,
        workflow_id=f"decide-{run.id}-{occasion}",
        queue_partition_key=subject(run.repository, run.number),
    )
    made.enqueue_in_transaction(connection, options, run.id)


def enqueue_telling(
    made: DBOSClient,
    connection: sa.Connection,
    run_id: int,
    step: str,
    text: str,
    tries: int,
    *,
    occasion: str = "",
) -> None:
    """Enqueue, in the caller's transaction, that people are told of what could not be judged; once for an occasion."""
    options = EnqueueOptions(
        workflow_name=TELL,
        # Apart from deliveries: it may be tried for hours, and a new push must not wait for it.
        queue_name=TELLS,
        workflow_id=f"tell-{run_id}{occasion and f'-{occasion}'}",
    )
    made.enqueue_in_transaction(connection, options, run_id, step, text, tries)


def subject(repository: str, number: int | None) -> str:
    """What handles one after the other are keyed by: the pull request, or the repository where there is none."""
    return f"{repository.casefold()}#{number or 0}"
