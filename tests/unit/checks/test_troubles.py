"""A tool's trouble is never "clean", whichever tool and whatever the trouble."""

from collections.abc import Callable

import pytest

from checks import bandit, secrets, semgrep
from checks.staging import Staged
from checks.targets import bases, heads
from runner.sandbox import EndedBy, Outcome
from tests.unit.checks.staged import staged, staged_file


def of_semgrep(outcome: Outcome, work: Staged) -> tuple[str, ...]:
    return semgrep.read(outcome, heads(work.files)).trouble


def of_bandit(outcome: Outcome, work: Staged) -> tuple[str, ...]:
    return bandit.read(outcome, heads(work.files)).trouble


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


def test_a_run_of_semgrep_that_says_nothing_names_its_files_and_excuses_none() -> None:
    files = staged(staged_file("x = 1", added={1}, base="x = 2")).files
    report = semgrep.read(Outcome(None, EndedBy.TIME, 90.0, b"", b""), heads(files) + bases(files))
    assert report.trouble == ("semgrep met its limit of time after 90 s and was ended; nothing is known of app/x.py",)
    assert report.unread == {"h/00000.py", "b/00000.py"}
