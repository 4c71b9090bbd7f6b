"""How long work tells where it is: to a terminal, to the store behind the live page, or to nobody. A leaf."""

import enum
from typing import Protocol


class StepState(enum.StrEnum):
    """How a step ended."""

    DONE = "done"
    FAILED = "failed"  # it found what the change did wrong
    TROUBLE = "trouble"  # it could not tell


class Progress(Protocol):
    """Told of each step as it starts, says something, and ends. Texts may hold the change's words: escape to show."""

    def started(self, step: str, text: str) -> None:
        """A step begins; `step` is its stable key ("fetch", "environment", "tests:base", "checks:semgrep")."""
        ...

    def output(self, step: str, data: bytes) -> None:
        """A piece of what the step's program printed."""
        ...

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        """A step ended; `text` is its result in a few words ("443 passed in 1.1 s")."""
        ...


class Silent:
    """Tells nobody."""

    def started(self, step: str, text: str) -> None:
        """Say nothing."""

    def output(self, step: str, data: bytes) -> None:
        """Say nothing."""

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        """Say nothing."""
