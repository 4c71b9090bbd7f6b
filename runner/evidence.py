"""Runs' test outcomes compared: what the change fixed, broke, removed. Pure; standard library only.

A test's id is `classname::name` as JUnit XML writes it (`tests.test_cache.CacheTest::test_copy`), in every language.
"""

import enum
from dataclasses import dataclass, field


class TestStatus(enum.StrEnum):
    """One test's outcome. An expected failure counts as passed, an unexpected pass as the runner has it (strict: failed)."""

    __test__ = False
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # set-up, tear-down or collection
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test in one run. `file` is relative to the workspace, `line` counts from 1 (0: unknown)."""

    __test__ = False
    id: str
    status: TestStatus
    seconds: float = 0.0
    file: str = ""
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of a suite.

    `complete` says that the judge's reporter saw it from the first mark to the last with every collected test accounted
    for; an incomplete run proves nothing, and `trouble` says why in words for a person.
    """

    __test__ = False
    name: str
    outcomes: tuple[TestOutcome, ...]
    complete: bool
    exit: int | None
    seconds: float
    trouble: str = ""
    flaky: tuple[str, ...] = ()
    uncollectable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tampering:
    """A place where the change alters what tests mean, rather than what the code does."""

    code: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All runs and what comparing them shows. `pass_to_pass` is kept as ids here and shown as a count."""

    runs: tuple[TestRun, ...]
    fail_to_pass: tuple[str, ...] = ()
    pass_to_pass: tuple[str, ...] = ()
    pass_to_fail: tuple[str, ...] = ()
    failing_on_both: tuple[str, ...] = ()
    new_failing: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    newly_skipped: tuple[str, ...] = ()
    changed_expectations: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    tampering: tuple[Tampering, ...] = field(default=())

    def run(self, name: str) -> TestRun | None:
        """The run of that name (`base`, `head`, `base-with-head-tests`, `head-with-base-tests`), if it was made."""
        return next((run for run in self.runs if run.name == name), None)
