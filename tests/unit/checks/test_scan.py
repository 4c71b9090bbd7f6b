"""How a report reads in a few words."""

import pytest

from checks.finding import Finding, Level
from checks.report import CheckReport, ScanReport
from checks.scan import state, summary
from runner.progress import StepState


def finding(level: Level, file: str = "a.py", line: int = 1) -> Finding:
    return Finding("semgrep", "r", level, file, line, line, "t")


@pytest.mark.parametrize(
    ("report", "words", "ended"),
    [
        pytest.param(CheckReport("c", seconds=1.25), "nothing found in 1.2 s", StepState.DONE, id="clean"),
        pytest.param(
            CheckReport("c", (finding(Level.LOW),)), "1 finding (1 low) in 0.0 s", StepState.FAILED, id="one finding"
        ),
        pytest.param(
            CheckReport("c", (finding(Level.LOW), finding(Level.HIGH), finding(Level.LOW))),
            "3 findings (1 high, 2 low) in 0.0 s",
            StepState.FAILED,
            id="several",
        ),
        pytest.param(
            CheckReport("c", trouble=("it crashed", "twice")),
            "nothing found in 0.0 s; could not tell: it crashed (and 1 more)",
            StepState.TROUBLE,
            id="trouble",
        ),
    ],
)
def test_summary(report: CheckReport, words: str, ended: StepState) -> None:
    assert summary(report) == words
    assert state(report) is ended
    assert report.clean is (ended is StepState.DONE)


def test_findings_come_worst_first_then_by_place() -> None:
    low, early, late = finding(Level.LOW), finding(Level.HIGH, line=1), finding(Level.HIGH, "b.py")
    report = ScanReport((CheckReport("a", (low, late)), CheckReport("b", (early,))))
    assert report.findings == (early, late, low)
    assert report.report("b") is report.reports[1]
    assert report.report("none") is None
