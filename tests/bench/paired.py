"""Two things timed in turn, A B A B, so that a machine whose speed drifts changes both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paired:
    """Seconds of each round, and the ratio A/B round by round."""

    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(a / b for a, b in zip(self.a, self.b, strict=True))

    @property
    def medians(self) -> tuple[float, float]:
        """The median of A and of B, in seconds."""
        return statistics.median(self.a), statistics.median(self.b)


def timed(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(a: Callable[[], object], b: Callable[[], object], *, rounds: int) -> Paired:
    """Time both in turn, after one round that does not count."""
    a(), b()
    pairs = [(timed(a), timed(b)) for _ in range(rounds)]
    return Paired(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))
