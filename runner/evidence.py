"""Runs' test outcomes compared: what the change fixed, broke, removed. Pure; standard library only.

A test's id is `classname::name` as JUnit XML writes it (`tests.test_cache.CacheTest::test_copy`), in every language.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath


class TestStatus(enum.StrEnum):
    """One test's outcome.

    An expected failure counts as passed, an unexpected pass as the runner has it (strict: failed).
    """

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
    for; an incomplete run proves nothing, and `trouble` says why in words for a person. `uncollectable` are files,
    relative to the workspace, whose tests could not even be listed; a run that stopped for their sake is complete and
    has no outcomes. `notes` say how the suite was run (a build that failed, a plug-in that was switched off).
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
    notes: tuple[str, ...] = ()


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


_FAILING = frozenset({TestStatus.FAILED, TestStatus.ERROR})
_WORST_FIRST = (TestStatus.ERROR, TestStatus.FAILED, TestStatus.PASSED, TestStatus.SKIPPED)


def compare(base: TestRun, head: TestRun, base_with_head_tests: TestRun | None = None) -> Evidence:
    """Say what the change did to the tests.

    A test that failed on base is never held against the change, and an incomplete run proves nothing: what would need
    it stays empty (the runs themselves are there to tell). A test whose file the head can no longer collect counts as
    failing there, not as removed; a file that is new and cannot be collected stands in `new_failing` by its path.

    Args:
        base: base's source with base's tests.
        head: head's source with head's tests, failures retried already.
        base_with_head_tests: base's source with head's tests; None where it was not made.
    """
    flaky = tuple(sorted({*base.flaky, *head.flaky}))
    runs = tuple(run for run in (base, head, base_with_head_tests) if run is not None)
    fixed = _fail_to_pass(head, base_with_head_tests)
    if not (base.complete and head.complete):
        return Evidence(runs=runs, fail_to_pass=fixed, flaky=flaky)
    before, after = _by_id(base.outcomes), _by_id(head.outcomes)
    broken_before = Uncollectable(base.uncollectable)
    broken_after = Uncollectable(head.uncollectable)
    passed_before = {name for name, outcome in before.items() if outcome.status is TestStatus.PASSED}
    lost = {name for name in passed_before - after.keys() if broken_after.covers(before[name].file)}
    failing = {name for name, outcome in after.items() if outcome.status in _FAILING}
    old_trouble = {
        name
        for name in failing - passed_before
        if (name in before and before[name].status in _FAILING) or broken_before.covers(after[name].file)
    }
    new_files = {file for file in head.uncollectable if file not in base.uncollectable}
    known_files = {before[name].file for name in lost}
    return Evidence(
        runs=runs,
        fail_to_pass=fixed,
        pass_to_pass=_sorted(name for name in passed_before if _status(after, name) is TestStatus.PASSED),
        pass_to_fail=_sorted((failing & passed_before) | lost),
        failing_on_both=_sorted(old_trouble),
        new_failing=_sorted((failing - passed_before - old_trouble) | (new_files - known_files)),
        removed=_sorted(passed_before - after.keys() - lost),
        newly_skipped=_sorted(name for name in passed_before if _status(after, name) is TestStatus.SKIPPED),
        flaky=flaky,
    )


class Uncollectable:
    """Files whose tests could not be listed, and what they take along: a `conftest.py` takes its whole folder."""

    def __init__(self, files: Iterable[str]) -> None:
        paths = [PurePosixPath(file) for file in files]
        self._files = frozenset(paths)
        self._folders = frozenset(path.parent for path in paths if path.name in {"conftest.py", "__init__.py"})

    def covers(self, file: str) -> bool:
        """Whether tests of that file are out of reach."""
        path = PurePosixPath(file)
        return path in self._files or any(folder in self._folders for folder in path.parents)


def _fail_to_pass(head: TestRun, base_with_head_tests: TestRun | None) -> tuple[str, ...]:
    """What passes on the head, and on base's source fails or is not even there to run."""
    if base_with_head_tests is None or not (head.complete and base_with_head_tests.complete):
        return ()
    without = _by_id(base_with_head_tests.outcomes)
    return _sorted(
        name
        for name, outcome in _by_id(head.outcomes).items()
        if outcome.status is TestStatus.PASSED and (name not in without or without[name].status in _FAILING)
    )


def _by_id(outcomes: Iterable[TestOutcome]) -> dict[str, TestOutcome]:
    """Outcomes by id; of several under one id the worst, so that a failure cannot hide behind a namesake."""
    found: dict[str, TestOutcome] = {}
    for outcome in outcomes:
        known = found.get(outcome.id)
        if known is None or _WORST_FIRST.index(outcome.status) < _WORST_FIRST.index(known.status):
            found[outcome.id] = outcome
    return found


def _status(outcomes: dict[str, TestOutcome], name: str) -> TestStatus | None:
    return outcomes[name].status if name in outcomes else None


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
