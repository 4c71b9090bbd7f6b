"""Whole judgings worked through, from what is known to the check runs."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from app.gate.check_run import CheckRunPayload
from app.gate.decision import DecisionInput, decide
from app.gate.known import Fault, TestsTrouble
from app.gate.policy import DEFAULT, digest
from app.gate.report import Judging, Posting, check_runs
from app.gate.result import ChangeSummary, Result, Timing, build
from app.gate.review import ReviewState
from checks.finding import Level
from checks.report import ScanReport
from runner.evidence import Evidence
from runner.sandbox import Limits, Observation, SandboxInfo
from tests.unit.gate.samples import AGENT, BASE, FAILED, HEAD, REVIEWS, finding, outcome, run, scans

POSTING = Posting(HEAD, "0f" * 32, details_url="https://mergelock.example/runs/7")
HOW = Judging(digest(DEFAULT), "`.github/mergelock.yml` of the base branch", "0.1.0")
SANDBOX = SandboxInfo("bubblewrap", "0.11.0", PurePosixPath("/usr/bin/python3"), "3.11", "linux")

PASSING = tuple(outcome(f"tests.test_cache::test_{name}") for name in ("get", "put", "evict"))
NEW = outcome("tests.test_cache::test_expires")
HONEST = Evidence(
    (run("base", *PASSING), run("head", *PASSING, NEW), run("base-with-head-tests", *PASSING, outcome(NEW.id, FAILED))),
    fail_to_pass=(NEW.id,),
    pass_to_pass=tuple(o.id for o in PASSING),
)
BROKEN = Evidence(
    (
        run("base", *PASSING),
        run(
            "head",
            *PASSING[:2],
            outcome(PASSING[2].id, FAILED, "E   assert len(cache) == 2"),
        ),
    ),
    pass_to_pass=tuple(o.id for o in PASSING[:2]),
    pass_to_fail=(PASSING[2].id,),
)


@dataclass(frozen=True)
class Example:
    """One judging: what was known, and what came of it."""

    known: DecisionInput
    result: Result
    evidence: Evidence | None

    @property
    def check_runs(self) -> tuple[CheckRunPayload, ...]:
        """What is posted for it."""
        return check_runs(self.result, POSTING, HOW, review=self.known.review, evidence=self.evidence)


def example(
    tests: Evidence | TestsTrouble | None, found: ScanReport | None, review: ReviewState | None, *, held: bool = False
) -> Example:
    """Work one through."""
    evidence = tests if isinstance(tests, Evidence) else None
    known = DecisionInput(
        DEFAULT,
        AGENT,
        tests=evidence,
        tests_trouble=tests if isinstance(tests, TestsTrouble) else None,
        scans=found,
        review=review,
        held=("changes of workflows (1 file)",) if held else (),
    )
    result = build(
        decide(known),
        change=ChangeSummary(BASE, HEAD, files=3, added=41, removed=7, agent=AGENT),
        tests=evidence,
        scans=found,
        observations={"base": (), "head": (Observation("network", {"address": "203.0.113.9", "port": 443}, "python"),)}
        if evidence is BROKEN
        else {},
        timing=Timing(prepare=0.4, tests=6.2, scans=2.1, total=6.9),
        sandbox=None if held else SANDBOX,
        limits=Limits(),
    )
    return Example(known, result, evidence)


EXAMPLES = {
    "needs-review": example(HONEST, scans(), REVIEWS["missing"]),
    "passed": example(HONEST, scans(), REVIEWS["stands"]),
    "failed": example(BROKEN, scans(finding(), finding(Level.LOW, "bandit", "pkg/other.py", 3)), REVIEWS["missing"]),
    "error": example(TestsTrouble(Fault.OURS, "the package index does not answer"), scans(), REVIEWS["missing"]),
    "held": example(None, None, REVIEWS["missing"], held=True),
}
"""By name; `docs/report.md` shows them."""
