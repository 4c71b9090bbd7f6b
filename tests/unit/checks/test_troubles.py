"""A tool's trouble is never "clean", whichever tool and whatever the trouble."""

from collections.abc import Callable

import pytest

from checks import bandit, secrets, semgrep
from checks.staging import Staged
from runner.sandbox import EndedBy, Outcome
from tests.unit.checks.staged import staged, staged_file


def of_semgrep(outcome: Outcome, work: Staged) -> tuple[str, ...]:
    return semgrep.read(outcome, work).trouble


def of_bandit(outcome: Outcome, work: Staged) -> tuple[str, ...]:
    return bandit.read(outcome, work).trouble


def of_secrets(outcome: Outcome, work: Staged) -> tuple[str, ...]:
    return secrets.read(outcome, work)[1]


@pytest.mark.parametrize("read", [of_semgrep, of_bandit, of_secrets])
@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Outcome(3, EndedBy.EXIT, 0.1, b"", b"boom"), id="exit code"),
        pytest.param(Outcome(-11, EndedBy.EXIT, 0.1, b"", b""), id="signal"),
        pytest.param(Outcome(None, EndedBy.TIME, 0.1, b"", b""), id="time-out"),
        pytest.param(Outcome(None, EndedBy.MEMORY, 0.1, b"{}", b""), id="memory"),
        pytest.param(Outcome(0, EndedBy.EXIT, 0.1, b"", b""), id="says nothing"),
        pytest.param(Outcome(0, EndedBy.EXIT, 0.1, b"{}", b""), id="empty report"),
        pytest.param(Outcome(0, EndedBy.EXIT, 0.1, b"{", b"", output_truncated=True), id="cut off"),
    ],
)
def test_trouble_is_told(read: Callable[[Outcome, Staged], tuple[str, ...]], outcome: Outcome) -> None:
    assert read(outcome, staged(staged_file("x = 1", added={1}, base="x = 2")))
