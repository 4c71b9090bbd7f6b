"""Small inputs of the gate, each named after what it stands for."""

from app.gate.agent import Agent
from app.gate.judging_scans import CHECKS
from app.gate.known import Fault, TestsTrouble
from app.gate.review import ReviewCode, ReviewProblem, ReviewState
from checks.finding import Finding, Level
from checks.report import CheckReport, ScanReport
from runner.evidence import Evidence, Tampering, TestOutcome, TestRun, TestStatus

AGENT = Agent(authored=True, name="Claude Code", signals=("commit `1a2b3c4` has the trailer `Co-authored-by: Claude`",))
PERSON = Agent(authored=False)

HEAD = "a" * 40
BASE = "b" * 40


def outcome(name: str, status: TestStatus = TestStatus.PASSED, message: str = "") -> TestOutcome:
    """One test's outcome."""
    return TestOutcome(name, status, 0.1, "tests/test_x.py", 3, message)


def run(name: str, *outcomes: TestOutcome, complete: bool = True, uncollectable: tuple[str, ...] = ()) -> TestRun:
    """A run of those tests; an incomplete one says so."""
    trouble = "" if complete else "killed after 20 min"
    failing = any(o.status in (TestStatus.FAILED, TestStatus.ERROR) for o in outcomes)
    return TestRun(name, outcomes, complete, int(failing), 1.5, trouble, uncollectable=uncollectable)


BASE_RUN = run("base", outcome("t::old"))
HEAD_RUN = run("head", outcome("t::old"), outcome("t::new"))
FAILED = TestStatus.FAILED

TESTS: dict[str, Evidence | TestsTrouble | None] = {
    "absent": None,
    "our trouble": TestsTrouble(Fault.OURS, "the package index does not answer"),
    "change's trouble": TestsTrouble(Fault.CHANGE, "no package is called nonsuch"),
    "no tests": TestsTrouble(Fault.NO_TESTS, "no test files were found"),
    "clean": Evidence((BASE_RUN, HEAD_RUN), fail_to_pass=("t::new",), pass_to_pass=("t::old",)),
    "unproven": Evidence((BASE_RUN, run("head", outcome("t::old"))), pass_to_pass=("t::old",)),
    "broken": Evidence((BASE_RUN, run("head", outcome("t::old", FAILED))), pass_to_fail=("t::old",)),
    "new failing": Evidence((BASE_RUN, run("head", outcome("t::new", FAILED))), new_failing=("t::new",)),
    "unexplained failing": Evidence((BASE_RUN, run("head", outcome("t::odd", TestStatus.ERROR)))),
    "failing on both": Evidence(
        (run("base", outcome("t::bad", FAILED)), run("head", outcome("t::bad", FAILED), outcome("t::new"))),
        fail_to_pass=("t::new",),
        failing_on_both=("t::bad",),
    ),
    "head incomplete": Evidence((BASE_RUN, run("head", complete=False))),
    "both incomplete": Evidence((run("base", complete=False), run("head", complete=False))),
    "base incomplete": Evidence((run("base", complete=False), HEAD_RUN), fail_to_pass=("t::new",)),
    "no base": Evidence((HEAD_RUN,), fail_to_pass=("t::new",)),
    "no head": Evidence((BASE_RUN,)),
    "uncollectable": Evidence((BASE_RUN, run("head", outcome("t::old"), uncollectable=("tests/test_y.py",)))),
    "tampered": Evidence((BASE_RUN, HEAD_RUN), tampering=(Tampering("assert-removed", "tests/t.py", 4, "gone"),)),
    "nothing ran": Evidence((BASE_RUN, run("head")), removed=("t::old",)),
    "all skipped": Evidence((BASE_RUN, run("head", outcome("t::old", TestStatus.SKIPPED))), newly_skipped=("t::old",)),
    "thinned": Evidence(
        (BASE_RUN, HEAD_RUN),
        fail_to_pass=("t::new",),
        removed=("t::c",),
        changed_expectations=("t::d",),
        flaky=("t::e",),
    ),
}
TESTS_CLEAN = frozenset({"clean", "unproven", "failing on both", "base incomplete", "no base", "thinned"})
TESTS_FAIL = frozenset(
    {
        "change's trouble",
        "broken",
        "new failing",
        "unexplained failing",
        "head incomplete",
        "uncollectable",
        "tampered",
    }
)
TESTS_OURS = frozenset({"absent", "our trouble", "both incomplete", "no head"})
TESTS_NONE = frozenset({"no tests", "nothing ran", "all skipped"})


def finding(level: Level = Level.HIGH, check: str = "semgrep", file: str = "pkg/mod.py", line: int = 7) -> Finding:
    """One finding."""
    return Finding(check, "python-eval-of-input", level, file, line, line, "`eval` of input", "Parse it.", "f" * 32)


def scans(*findings: Finding, trouble: str = "", without: str = "") -> ScanReport:
    """A report of all checks, the findings in their checks' reports."""
    return ScanReport(
        tuple(
            CheckReport(
                check,
                tuple(f for f in findings if f.check == check),
                (trouble,) if trouble and check == "bandit" else (),
            )
            for check in CHECKS
            if check != without
        ),
        2.0,
    )


SCANS: dict[str, ScanReport | str | None] = {
    "absent": None,
    "our trouble": "the sandbox is gone",
    "clean": scans(),
    "high": scans(finding()),
    "low": scans(finding(Level.LOW)),
    "check's trouble": scans(trouble="a.py does not parse"),
    "check absent": scans(without="secrets"),
    "empty": ScanReport(()),
}
SCANS_CLEAN = frozenset({"clean", "low"})
SCANS_FAIL = frozenset({"high"})
SCANS_OURS = frozenset({"absent", "our trouble", "check's trouble", "check absent", "empty"})

MISSING = ReviewProblem(ReviewCode.MISSING, "nobody has reviewed this commit")
WANTS_CHANGES = ReviewProblem(ReviewCode.CHANGES_REQUESTED, "robin asks for changes to this commit", "robin")
REVIEWS: dict[str, ReviewState | None] = {
    "absent": None,
    "missing": ReviewState(stands=False, problems=(MISSING,)),
    "changes": ReviewState(stands=False, problems=(WANTS_CHANGES,)),
    "by nobody": ReviewState(stands=True, by=()),
    "stands": ReviewState(stands=True, by=("robin",)),
}
