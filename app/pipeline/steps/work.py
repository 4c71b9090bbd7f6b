"""The pipeline's `Work`: what steps do, what deliveries ask for, and what is said while something does not work."""

from datetime import timedelta

from app.gate import report
from app.pipeline.errors import LeaseLost
from app.pipeline.faults import classify
from app.pipeline.lease import Lease
from app.pipeline.steps.deciding import decide_again
from app.pipeline.steps.handling import Handling
from app.pipeline.steps.judging_steps import JudgingSteps
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.posting import post, posting_of
from app.pipeline.work import Intent, Step, Trouble
from app.store import runs
from app.store.deliveries import Delivery
from app.store.runs import Run, RunStatus
from app.telemetry.logs import logger

log = logger(__name__)
_SOON = timedelta(seconds=90)


class GateWork:
    """Everything that the engine runs, bound to one worker's parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._steps = JudgingSteps(parts).all()
        self._handling = Handling(parts)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a judging, in order."""
        return self._steps

    def handle(self, delivery: Delivery) -> tuple[Intent, ...]:
        """What a delivery asks for."""
        return self._handling.intents(delivery)

    def decide(self, run: Run, lease: Lease) -> None:
        """Decide again about a run that has judged."""
        decide_again(self._parts, run, lease)

    def waiting(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """Say on GitHub that it is tried again, and that nobody's patch is to blame."""
        seconds = trouble.seconds or 0.0
        when = f"in about {seconds:.0f} seconds" if seconds < _SOON.seconds else f"in about {seconds / 60:.0f} minutes"
        post(self._parts, run, lease, [report.trying_again(posting_of(self._parts, run), trouble.text, when=when)])

    def gave_up(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """Say on GitHub that it could not be judged, with the button to try again.

        Of a run that has judged, decide once more first: it is tried for hours, and what is posted meanwhile may hold
        no longer. Only what will not pass by itself is said, so that nothing green outlives what it rests on.
        """
        with self._parts.store.reading() as connection:
            newest = runs.latest(connection, run.repository, run.number, run.head)
        if newest is not None and newest.id != run.id:
            return  # started again meanwhile: it speaks for itself
        if run.status is RunStatus.DONE:
            try:
                decide_again(self._parts, run, lease)
            except Exception as error:
                if (fault := classify(error)).passing or isinstance(error, LeaseLost):
                    raise
                log.warning("could_not_decide", run=run.id, error=fault.text, exc_info=True)
            else:
                return
        post(self._parts, run, lease, [report.could_not_judge(posting_of(self._parts, run, done=True), trouble.text)])
