"""Kinds of fault, and how long to wait before the next try. Pure."""

import random
from dataclasses import dataclass

import sqlalchemy.exc

from app.github import errors as github
from app.pipeline.errors import Transient
from app.repository.errors import FetchTrouble
from runner.errors import EnvironmentFault, SandboxFault


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the retry rules see it. `passing`: it may pass by itself, so it is worth many tries."""

    text: str
    passing: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long. Times in seconds.

    `tries` is for faults that pass; others, which are our bugs or a person's to mend, get `tries_unknown`.
    """

    tries: int = 8
    tries_unknown: int = 3
    first: float = 2.0
    most: float = 120.0
    longest_asked: float = 3600.0

    def allowed(self, fault: Fault) -> int:
        """How many tries such a fault gets."""
        return self.tries if fault.passing else self.tries_unknown

    def pause(self, tries: int, fault: Fault, chance: float | None = None) -> float:
        """Seconds until the next try, after `tries` of them: doubling, spread by chance, never before `retry_after`."""
        spread = random.random() if chance is None else chance  # noqa: S311 - spreads load, guards nothing
        doubled = min(self.most, self.first * 2.0 ** min(tries - 1, 30)) * (0.5 + spread / 2)
        return max(doubled, min(fault.retry_after or 0.0, self.longest_asked))


def classify(error: Exception) -> Fault:
    """What kind of fault an error of a step is. None of them is the change's: steps give those as results."""
    text = f"{error}"[:1000] or type(error).__name__
    match error:
        case Transient() | github.Transient():
            return Fault(text, True, error.retry_after)
        case github.GitHubError():
            return Fault(text, False)
        case FetchTrouble() | SandboxFault() | EnvironmentFault():
            return Fault(text, True)
        case sqlalchemy.exc.OperationalError() | sqlalchemy.exc.TimeoutError():
            return Fault("the database did not answer", True)
        case OSError():
            return Fault(text, True)
        case _:
            return Fault(f"an error of Mergelock itself ({type(error).__name__})", False)
