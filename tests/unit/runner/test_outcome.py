"""What was seen, as the contract has it."""

import pytest

from runner.errors import SandboxFault
from runner.outcome import outcome_of
from runner.output import BoundedOutput
from runner.protocol import Ending
from runner.sandbox import EndedBy, Limits
from runner.supervise import Watched

LIMITS = Limits(memory=7)


def watched(ended_by: EndedBy, ending: Ending | None) -> Watched:
    """A command that said a word on each stream."""
    stdout, stderr = BoundedOutput(100), BoundedOutput(100)
    stdout.feed(b"out")
    stderr.feed(b"err")
    return Watched(ended_by=ended_by, ending=ending, seconds=1.5, stdout=stdout, stderr=stderr)


@pytest.mark.parametrize(
    ("ended_by", "ending", "expected"),
    [
        pytest.param(EndedBy.EXIT, Ending(0, None), (EndedBy.EXIT, 0, []), id="well"),
        pytest.param(EndedBy.EXIT, Ending(-11, None), (EndedBy.EXIT, -11, []), id="signal"),
        pytest.param(EndedBy.EXIT, Ending(-25, None), (EndedBy.DISK, None, ["file_size"]), id="file-size"),
        pytest.param(EndedBy.EXIT, Ending(-24, None), (EndedBy.TIME, None, ["time"]), id="processor-time"),
        pytest.param(EndedBy.EXIT, Ending(None, EndedBy.DISK), (EndedBy.DISK, None, ["disk"]), id="seen-inside"),
        pytest.param(
            EndedBy.EXIT, Ending(1, EndedBy.DISK), (EndedBy.DISK, None, ["disk"]), id="seen-inside-at-the-end"
        ),
        pytest.param(EndedBy.MEMORY, None, (EndedBy.MEMORY, None, ["memory"]), id="killed"),
        pytest.param(EndedBy.MEMORY, Ending(0, None), (EndedBy.MEMORY, None, ["memory"]), id="seen-after-the-end"),
        pytest.param(EndedBy.CANCELLED, None, (EndedBy.CANCELLED, None, []), id="cancelled"),
        pytest.param(EndedBy.CANCELLED, Ending(0, None), (EndedBy.CANCELLED, None, []), id="cancelled-at-the-end"),
    ],
)
def test_outcomes(ended_by: EndedBy, ending: Ending | None, expected: tuple[EndedBy, int | None, list[str]]) -> None:
    """A status only where it ended by itself, an observation only where a limit was met."""
    outcome = outcome_of(watched(ended_by, ending), LIMITS, sandbox="test")
    assert (outcome.ended_by, outcome.exit, [seen.detail["limit"] for seen in outcome.observations]) == expected
    assert (outcome.stdout, outcome.stderr, outcome.seconds) == (b"out", b"err", 1.5)


def test_an_end_that_nobody_explained_is_no_outcome() -> None:
    """It never reads as exit 0."""
    with pytest.raises(SandboxFault, match=r"test ended.*err"):
        outcome_of(watched(EndedBy.EXIT, None), LIMITS, sandbox="test")
