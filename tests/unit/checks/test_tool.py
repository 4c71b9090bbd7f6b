"""What went wrong with a scanner's run, in words."""

import sys
from pathlib import PurePosixPath

import pytest

from checks.tool import MAX_TROUBLE, ended_badly, few, last_words, wrong_interpreter
from runner.sandbox import EndedBy, Outcome, SandboxInfo


def outcome(
    exit_code: int | None = 0, ended: EndedBy = EndedBy.EXIT, stderr: bytes = b"", *, cut: bool = False
) -> Outcome:
    return Outcome(exit_code, ended, 3.0, b"{}", stderr, output_truncated=cut)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        pytest.param(outcome(), "", id="well"),
        pytest.param(outcome(1), "", id="well, with findings"),
        pytest.param(outcome(2, stderr=b"warn\nbad rule\n\n"), "bandit failed with exit code 2: bad rule", id="failed"),
        pytest.param(outcome(-9), "bandit failed with exit code -9: it said nothing", id="killed"),
        pytest.param(
            outcome(None, EndedBy.TIME), "bandit met its limit of time after 3 s and was ended", id="took too long"
        ),
        pytest.param(
            outcome(None, EndedBy.MEMORY), "bandit met its limit of memory after 3 s and was ended", id="too large"
        ),
        pytest.param(outcome(cut=True), "bandit said more than can be kept, so its report is cut off", id="cut off"),
    ],
)
def test_how_it_ended(run: Outcome, words: str) -> None:
    assert ended_badly("bandit", run, frozenset({0, 1})) == words


def test_many_troubles_are_few_and_the_rest_is_counted() -> None:
    many = tuple(f"{n} is odd" for n in range(MAX_TROUBLE + 5))
    assert few(many[:MAX_TROUBLE]) == many[:MAX_TROUBLE]
    assert len(few(many)) == MAX_TROUBLE
    assert few(many)[-1] == "and 6 more of this kind"


def test_last_words_are_printable_and_short() -> None:
    assert last_words(b"a\n\x1b[31mred\n") == "?[31mred"
    assert len(last_words(b"x" * 10_000)) == 300


def info(version: str) -> SandboxInfo:
    return SandboxInfo("bubblewrap", "1", PurePosixPath("/usr/bin/python3"), version, "linux")


def test_another_minor_version_cannot_run_our_scanners() -> None:
    assert wrong_interpreter(info(sys.version.split()[0])) == ""
    assert "the sandbox has 3.2: use an image" in wrong_interpreter(info("3.2.1"))
    assert "the sandbox has another: use an image" in wrong_interpreter(info(""))
