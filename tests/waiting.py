"""Waiting for what another thread or process does: a condition with a deadline, never a guess at how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP = 0.02


def until(condition: Callable[[], T], *, seconds: float = 10, what: str = "the condition holds") -> T:
    """Poll until `condition` answers something true, and answer that; AssertionError at the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(STEP)  # the pace of polling, not a wait for something to have happened
    return answer
