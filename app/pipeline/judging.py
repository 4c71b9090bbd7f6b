"""What the durable workflows do, with the engine's checkpointing handed in: the order of things, tries, and ends."""

import threading
from collections.abc import Callable

import sqlalchemy as sa
from dbos import DBOSClient

from app.pipeline import durable
from app.pipeline.errors import LeaseLost, PipelineError, Stopping
from app.pipeline.execution import Execution, Executions
from app.pipeline.faults import RetryPolicy, classify
from app.pipeline.lease import Lease
from app.pipeline.work import CallOff, Decide, Intent, Json, Judge, Step, StepContext, Trouble, Work
from app.store import Store, deliveries, runs
from app.store.deliveries import DeliveryState
from app.store.runs import Run, RunStatus
from app.telemetry.logs import logger

log = logger(__name__)

Checkpointed = Callable[[str, Callable[[], Json]], Json]
"""`do(name, function)`: the function's result, from its checkpoint where it ran before."""

_RESULT, _TROUBLE, _ENDED = "result", "trouble", "ended"


class Judging:
    """The workflows' bodies. One object for each worker."""

    def __init__(
        self,
        store: Store,
        work: Work,
        *,
        executor: str,
        client: DBOSClient,
        retry: RetryPolicy,
        stopping: threading.Event,
    ) -> None:
        self._store = store
        self._work = work
        self._executor = executor
        self._client = client
        self._retry = retry
        self._stopping = stopping
        self.executions = Executions()

    def judge(self, run_id: int, do: Checkpointed) -> str:
        """Judge a run from where it stands to its end; gives how it ended.

        Raises:
            Stopping: it is left for another execution.
        """
        execution = Execution(self._store, self._executor, run_id)
        self.executions.add(execution)
        try:
            if self._stopping.is_set():
                raise Stopping
            if not execution.lease.take():
                return "ended before"
            return self._steps(execution, do)
        finally:
            self.executions.remove(execution)
            execution.progress.flush()
            execution.close()

    def handle(self, delivery_id: int, do: Checkpointed) -> str:
        """Find out what a delivery asks for, and see to it."""
        outcome = do("handle", lambda: self._tried("handle", lambda: self._handle(delivery_id), self._stopping))
        if _TROUBLE in outcome:
            with self._store.writing() as connection:
                deliveries.finish(connection, delivery_id, DeliveryState.FAILED, outcome[_TROUBLE]["text"])
            return "failed"
        return "handled"

    def decide(self, run_id: int, do: Checkpointed) -> str:
        """Look once more at what came while the run was judging."""
        outcome = do("decide", lambda: self._tried("decide", lambda: self._decide(run_id), self._stopping))
        return "failed" if _TROUBLE in outcome else "decided"

    def _steps(self, execution: Execution, do: Checkpointed) -> str:
        results: dict[str, Json] = {}
        for step in self._work.steps:
            outcome = do(step.name, lambda step=step: self._step(step, execution, results))  # type: ignore[misc]
            if _ENDED in outcome:
                return str(outcome[_ENDED])
            if _TROUBLE in outcome:
                do(f"{step.name}:gave-up", lambda told=outcome[_TROUBLE]: self._give_up(execution, told))  # type: ignore[misc]
                return "gave up"
            results[step.name] = outcome[_RESULT]
        return str(do("end", lambda: self._end(execution)))

    def _step(self, step: Step, execution: Execution, results: dict[str, Json]) -> Json:
        def once() -> Json:
            run = self._run(execution.run_id)
            context = StepContext(
                run, dict(results), execution.cancel, execution.progress, execution.lease, execution.keep
            )
            return step.run(context)

        def waiting(trouble: Trouble) -> None:
            self._work.waiting(self._run(execution.run_id), trouble, execution.lease)

        return self._tried(step.name, once, execution.cancel, execution, waiting)

    def _tried(
        self,
        name: str,
        once: Callable[[], Json],
        cancel: threading.Event,
        execution: Execution | None = None,
        waiting: Callable[[Trouble], None] | None = None,
    ) -> Json:
        """Try until it works, is no longer wanted, or may not be tried again. Errors become results."""
        tries = 0
        while True:
            if cancel.is_set():
                return _called_off(execution)
            try:
                return {_RESULT: once()}
            except Exception as error:
                if cancel.is_set() or isinstance(error, LeaseLost):
                    return _called_off(execution, lost=isinstance(error, LeaseLost))
                fault = classify(error)
                tries += 1
                again = tries < self._retry.allowed(fault)
                pause = self._retry.pause(tries, fault) if again else None
                log.warning(
                    "step_failed", step=name, tries=tries, again=again, error=fault.text, exc_info=not fault.passing
                )
            trouble = Trouble(name, fault.text, tries, pause)
            if pause is None:
                return {_TROUBLE: {"step": name, "text": fault.text, "tries": tries}}
            if waiting is not None:
                _told(waiting, trouble)
            cancel.wait(pause)

    def _give_up(self, execution: Execution, told: Json) -> Json:
        trouble = Trouble(told["step"], told["text"], told["tries"], None)

        def once() -> Json:
            self._work.gave_up(self._run(execution.run_id), trouble, execution.lease)
            return None

        outcome = self._tried("gave-up", once, execution.cancel, execution)
        if _ENDED not in outcome:
            with self._store.writing() as connection:
                runs.fail(connection, execution.run_id, f"{trouble.step}: {trouble.text}")
        return outcome

    def _end(self, execution: Execution) -> str:
        with self._store.writing() as connection:
            run = runs.get(connection, execution.run_id)
            if run is None or run.status is not RunStatus.DONE:
                runs.fail(connection, execution.run_id, "its steps ended without a verdict")
                return "no verdict"
            # A label put on while it was judging found no verdict to decide about: look again, in its turn.
            subject = durable.subject(run.repository, run.number)
            durable.enqueue_deciding(self._client, connection, run.id, subject)
        return "done"

    def _handle(self, delivery_id: int) -> Json:
        with self._store.reading() as connection:
            delivery = deliveries.get(connection, delivery_id)
        if delivery is None:
            raise PipelineError(f"delivery {delivery_id} is not in the store")
        if delivery.state is DeliveryState.HANDLED:
            return None
        intents = self._work.handle(delivery)
        for intent in intents:
            if isinstance(intent, Decide):
                self._decide(intent.run_id)
        with self._store.writing() as connection:
            for intent in intents:
                self._apply(connection, intent)
            deliveries.finish(connection, delivery_id, DeliveryState.HANDLED)
        return None

    def _apply(self, connection: sa.Connection, intent: Intent) -> None:
        match intent:
            case Judge(new):
                run, fresh = runs.create(connection, new)
                if fresh:
                    runs.supersede(connection, run)
                durable.enqueue_judging(self._client, connection, run.id, run.key)
                runs.describe(connection, run.id, workflow_id=f"run-{run.key}")
            case CallOff(repository, number, note):
                runs.cancel(connection, repository, number, note)
            case Decide():
                pass

    def _decide(self, run_id: int) -> Json:
        run = self._run(run_id)
        if run.status is RunStatus.DONE:
            self._work.decide(run, Lease(self._store, self._executor, "", None))
        return None

    def _run(self, run_id: int) -> Run:
        with self._store.reading() as connection:
            run = runs.get(connection, run_id)
        if run is None:
            raise PipelineError(f"run {run_id} is not in the store")
        return run


def _called_off(execution: Execution | None, *, lost: bool = False) -> Json:
    """The run was ended by another hand, which is a result; or it is left to another execution, which is none."""
    if execution is None or execution.abandoned or lost:
        raise Stopping
    return {_ENDED: "called off"}


def _told(waiting: Callable[[Trouble], None], trouble: Trouble) -> None:
    try:
        waiting(trouble)
    except Exception as error:  # noqa: BLE001 - the same outage, most often; the step's own retry goes on
        log.warning("could_not_say_that_it_waits", step=trouble.step, error=str(error)[:500])
