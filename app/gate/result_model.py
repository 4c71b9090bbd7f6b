"""A verdict with everything under it, as the types whose JSON is the contract `mergelock.result/1`.

Keys are never renamed or given another meaning under this name; new ones may come, so readers ignore what they do not
know. All lists and texts are bounded, for tests and files are named by the change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from app.gate.agent import Agent
from app.gate.reasons import Reason, Verdict
from checks.finding import Level

SCHEMA: Final = "mergelock.result/1"
MAX_IDS = 2_000
MAX_ENTRIES = 1_000
MAX_ID = 500
MAX_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class ChangeSummary:
    """Which commits, how large, whose."""

    base: str
    head: str
    files: int
    added: int
    removed: int
    agent: Agent


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run of a suite in counts. `exit` is None where it did not end by itself."""

    passed: int
    failed: int
    errors: int
    skipped: int
    seconds: float
    exit: int | None


@dataclass(frozen=True, slots=True)
class TamperingEntry:
    """A place where the change alters what tests mean."""

    code: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class TestsSummary:
    """What the runs and their comparison show; empty where no test was run."""

    __test__ = False
    runs: Mapping[str, RunSummary] = field(default_factory=dict)
    fail_to_pass: tuple[str, ...] = ()
    pass_to_pass: int = 0
    pass_to_fail: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    newly_skipped: tuple[str, ...] = ()
    changed_expectations: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    tampering: tuple[TamperingEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """Something a check saw at a line that the change added."""

    check: str
    rule: str
    level: Level
    file: str
    line: int
    end_line: int
    text: str
    fix: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ObservationEntry:
    """Something the sandbox saw happen in a run; `new_in_head` if it was not seen in base's."""

    kind: str
    detail: Mapping[str, str | int]
    process: str
    run: str
    count: int
    new_in_head: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of wall time; the parts overlap, so they do not add up to `total`."""

    prepare: float = 0.0
    tests: float = 0.0
    scans: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class SandboxSummary:
    """In what it ran, and within which limits (sizes in bytes, times in seconds)."""

    name: str
    version: str
    limits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Result:
    """The whole of it. `truncated` gives, for each list that was cut, how long it really was."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    change: ChangeSummary
    tests: TestsSummary
    findings: tuple[FindingEntry, ...]
    observations: tuple[ObservationEntry, ...]
    timing: Timing
    sandbox: SandboxSummary
    truncated: Mapping[str, int] = field(default_factory=dict)
    schema: Literal["mergelock.result/1"] = SCHEMA
