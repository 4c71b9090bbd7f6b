"""What the pipeline runs: the shape of steps and of decisions about a delivery. What they do is written elsewhere."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from app.pipeline.lease import Lease
from app.store.deliveries import Delivery
from app.store.runs import NewRun, Run
from runner.progress import Progress

T = TypeVar("T")
Json = Any
"""What `json.dumps` takes and gives back unchanged: step results are kept so."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step is given.

    Attributes:
        run: the run as it stands when the step begins.
        results: what the steps before gave, by name.
        cancel: set when the run is superseded, called off or handed on; hand it to all that takes long.
        progress: the run's live log.
        lease: to be checked before each outward effect (check run, label, comment).
        keep: `keep(name, make)` gives what `make()`'s context manager gives, made once in this process and closed when
            the run ends here; for workspaces, which no other process can see.
    """

    run: Run
    results: Mapping[str, Json]
    cancel: threading.Event
    progress: Progress
    lease: Lease
    keep: Callable[[str, Callable[[], AbstractContextManager[Any]]], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its stable name, and what it does. It may run more than once, so it must not matter how often."""

    name: str
    run: Callable[[StepContext], Json]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a step could not be done: ours or GitHub's fault, never the change's.

    Attributes:
        step: the step's name.
        text: what went wrong, for people.
        tries: how often it was tried.
        seconds: until the next try; None when there is none.
    """

    step: str
    text: str
    tries: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Judge:
    """Start this run (or do nothing, where there is one of that key), in place of older ones of its pull request.

    A `quick` one executes nothing of the change: it waits in no line behind those that do.
    """

    run: NewRun
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Decide:
    """Decide again about a run that has judged: a label or a review changed."""

    run_id: int


@dataclass(frozen=True, slots=True)
class CallOff:
    """End all unfinished runs of a pull request: it was closed, say."""

    repository: str
    number: int
    note: str = ""


Intent = Judge | Decide | CallOff


class Work(Protocol):
    """All that the pipeline does not know itself."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a judging, in order. The last ones store the verdict (`runs.finish`) and publish it."""
        ...

    def handle(self, delivery: Delivery) -> tuple[Intent, ...]:
        """What a delivery asks for. Deliveries of one pull request come one after the other; ask GitHub how it stands.

        Raises:
            Transient, or any fault that `faults.classify` knows: it is tried again.
        """
        ...

    def decide(self, run: Run, lease: Lease) -> None:
        """Decide again about a run that has judged, and publish it if the answer changed. Errors as `handle`."""
        ...

    def waiting(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """A step will be tried again: let the check say so."""
        ...

    def gave_up(self, run: Run, trouble: Trouble, lease: Lease) -> None:
        """No more tries: let the check ask a person to start it again. Errors as `handle`.

        A run that has judged comes here too, when a decision about it could not be made or posted.
        """
        ...


def run_key(*, repository: str, number: int, head: str, base: str, policy: str, attempt: int = 1) -> str:
    """The name of a judging: the same key is the same run, so one head gets one verdict.

    Args:
        repository: owner and name; GitHub does not tell letter cases apart, so neither does the key.
        number: the pull request's.
        head: commit.
        base: tip of the base branch.
        policy: digest.
        attempt: from 1; a person's asking for another judging adds one.
    """
    parts = (repository.casefold(), str(number), head, base, policy, str(attempt))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
