"""What the durable workflows do, with the engine's checkpointing handed in: the order of things, tries, and ends."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import sqlalchemy as sa
from dbos import DBOSClient

from app.pipeline import applying, handover
from app.pipeline.errors import LeaseLost, PipelineError, Stopping
from app.pipeline.execution import Execution, Executions
from app.pipeline.faults import RetryPolicy, classify
from app.pipeline.lease import Lease
from app.pipeline.work import Json, Step, StepContext, Trouble, Work
from app.store import Store, deliveries, runs
from app.store.deliveries import DeliveryState
from app.store.runs import Run, RunStatus
from app.telemetry.logs import logger

log = logger(__name__)
T = TypeVar("T")

Checkpointed = Callable[[str, Callable[[], Json]], Json]
"""`do(name, function)`: the function's result, from its checkpoint where it ran before."""

_HOLDABLE = (RunStatus.RUNNING, RunStatus.DONE)
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
        self._patient = replace(retry, tries=retry.tries * 12, tries_unknown=retry.tries)
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
            if not self._insist(execution.lease.take):
                return "ended before"
            return self._steps(execution, do)
        finally:
            self.executions.remove(execution)
            execution.close()

    def handle(self, delivery_id: int, do: Checkpointed) -> str:
        """Find out what a delivery asks for, and see to it."""
        outcome = do("handle", lambda: self._tried("handle", lambda: self._handle(delivery_id), self._stopping))
        if _TROUBLE not in outcome:
            return "handled"
        self._insist(lambda: self._finish(delivery_id, DeliveryState.FAILED, outcome[_TROUBLE]["text"]))
        return "failed"

    def decide(self, run_id: int, do: Checkpointed) -> str:
        """Decide again about a run that has judged."""
        outcome = do("decide", lambda: self._tried("decide", lambda: self._decide(run_id), self._stopping))
        if _TROUBLE not in outcome:
            return "decided"
        # A green check that was due to be taken back must not stay for that.
        trouble = Trouble(**outcome[_TROUBLE], seconds=None)
        return str(do("tell-of-it", lambda: self._insist(lambda: self._leave_no_old_word(run_id, trouble))))

    def tell(self, run_id: int, trouble: Trouble, do: Checkpointed) -> str:
        """Tell people that a run could not be judged; tried for hours, because an outage is often why."""

        def once() -> Json:
            self._work.gave_up(self._run(run_id), trouble, Lease(self._store, self._executor, "", None))
            return None

        outcome = do("tell", lambda: self._tried("tell", once, self._stopping, policy=self._patient))
        return "failed" if _TROUBLE in outcome else "told"

    def give_up_stranded(self) -> int:
        """End runs whose workflow has ended without them: it took its worker down too often, or met a bug of ours."""
        with self._store.writing() as connection:
            stranded = handover.stranded(connection)
            for run_id in stranded:
                trouble = Trouble("judging", "its judging broke off again and again", 1, None)
                applying.give_up(connection, self._client, run_id, trouble)
        return len(stranded)

    def _steps(self, execution: Execution, do: Checkpointed) -> str:
        results: dict[str, Json] = {}
        for step in self._work.steps:
            outcome = do(step.name, lambda step=step: self._step(step, execution, results))  # type: ignore[misc]
            if _ENDED in outcome:
                return str(outcome[_ENDED])
            if _TROUBLE in outcome:
                return self._stop_trying(execution.run_id, Trouble(**outcome[_TROUBLE], seconds=None), do)
            results[step.name] = outcome[_RESULT]
        return str(do("end", lambda: self._insist(lambda: self._end(execution.run_id))))

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
        policy: RetryPolicy | None = None,
    ) -> Json:
        """Try until it works, is no longer wanted, or may not be tried again. Errors become results."""
        tries, retry = 0, policy or self._retry
        while True:
            if cancel.is_set():
                return _called_off(execution)
            try:
                return {_RESULT: once()}
            except Exception as error:
                if cancel.is_set():
                    return _called_off(execution)
                if isinstance(error, LeaseLost):
                    return self._lost(execution)
                fault = classify(error)
                tries += 1
                again = tries < retry.allowed(fault)
                pause = retry.pause(tries, fault) if again else None
                log.warning(
                    "step_failed", step=name, tries=tries, again=again, error=fault.text, exc_info=not fault.passing
                )
            trouble = Trouble(name, fault.text, tries, pause)
            if pause is None:
                return {_TROUBLE: {"step": name, "text": fault.text, "tries": tries}}
            if waiting is not None:
                _told(waiting, trouble)
            cancel.wait(pause)

    def _stop_trying(self, run_id: int, trouble: Trouble, do: Checkpointed) -> str:
        return str(do("give-up", lambda: self._insist(lambda: self._give_up(run_id, trouble))))

    def _give_up(self, run_id: int, trouble: Trouble) -> str:
        with self._store.writing() as connection:
            applying.give_up(connection, self._client, run_id, trouble)
        return "gave up"

    def _leave_no_old_word(self, run_id: int, trouble: Trouble) -> str:
        with self._store.writing() as connection:
            applying.leave_no_old_word(connection, self._client, run_id, trouble)
        return "failed"

    def _end(self, run_id: int) -> str:
        with self._store.writing() as connection:
            if applying.end_judging(connection, self._client, run_id):
                return "judged"
        return self._give_up(run_id, Trouble("end", "the steps ended without a verdict", 1, None))

    def _handle(self, delivery_id: int) -> Json:
        with self._store.reading() as connection:
            delivery = deliveries.get(connection, delivery_id)
        if delivery is None:
            raise PipelineError(f"delivery {delivery_id} is not in the store")
        if delivery.state is not DeliveryState.HANDLED:
            intents = self._work.handle(delivery)
            with self._store.writing() as connection:
                for number, intent in enumerate(intents):
                    applying.apply(connection, self._client, intent, occasion=f"{delivery_id}-{number}")
                deliveries.finish(connection, delivery_id, DeliveryState.HANDLED)

    def _finish(self, delivery_id: int, state: DeliveryState, note: str) -> None:
        with self._store.writing() as connection:
            deliveries.finish(connection, delivery_id, state, note)

    def _lost(self, execution: Execution | None) -> Json:
        """The lease is gone: because the run ended, which is a result, or because it is another execution's."""
        if execution is None or self._insist(lambda: self._run(execution.run_id)).status in _HOLDABLE:
            raise Stopping
        return {_ENDED: "called off"}

    def _insist(self, once: Callable[[], T]) -> T:
        """Do what only needs the database, and wait as long as that is away: no outage may end a workflow."""
        while True:
            if self._stopping.is_set():
                raise Stopping
            try:
                return once()
            except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
                log.warning("database_away", error=str(error)[:500])
            self._stopping.wait(1.0)

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


def _called_off(execution: Execution | None) -> Json:
    """The run was ended by another hand, which is a result; or it is left to another execution, which is none."""
    if execution is None or execution.abandoned:
        raise Stopping
    return {_ENDED: "called off"}


def _told(waiting: Callable[[Trouble], None], trouble: Trouble) -> None:
    try:
        waiting(trouble)
    except Exception as error:  # noqa: BLE001 - the same outage, most often; the step's own retry goes on
        log.warning("could_not_say_that_it_waits", step=trouble.step, error=str(error)[:500])
