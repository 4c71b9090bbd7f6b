"""The reasons a verdict may have: each with a stable code, and what weight the code has. A leaf."""

import enum
from dataclasses import dataclass
from typing import Self, assert_never


class Verdict(enum.StrEnum):
    """What Mergelock says of a change. Only `passed` turns the required check green."""

    PASSED = "passed"
    FAILED = "failed"
    NEEDS_REVIEW = "needs-review"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """What `mergelock check` exits with: 0 passed, 1 failed or waiting for a person, 3 could not judge."""
        match self:
            case Verdict.PASSED:
                return 0
            case Verdict.FAILED | Verdict.NEEDS_REVIEW:
                return 1
            case Verdict.ERROR:
                return 3
        assert_never(self)


class Weight(enum.IntEnum):
    """What a reason does to the verdict; the heaviest reason decides."""

    NOTE = 0  # shown to the reviewer, decides nothing
    ASKS = 1  # a person is needed
    TROUBLE = 2  # could not judge, and the change is not to blame
    BLOCKS = 3  # the change has to be altered

    @property
    def verdict(self) -> Verdict:
        """The verdict of a change whose heaviest reason this is."""
        match self:
            case Weight.NOTE:
                return Verdict.PASSED
            case Weight.ASKS:
                return Verdict.NEEDS_REVIEW
            case Weight.TROUBLE:
                return Verdict.ERROR
            case Weight.BLOCKS:
                return Verdict.FAILED
        assert_never(self)


class Code(enum.StrEnum):
    """A reason's stable name, for machines. Names are never reused for another meaning."""

    weight: Weight

    def __new__(cls, value: str, weight: Weight) -> Self:
        """Carry the weight beside the name."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.weight = weight
        return code

    CHANGE_REFUSED = "change-refused", Weight.BLOCKS
    ENVIRONMENT_BROKEN = "environment-broken-by-change", Weight.BLOCKS
    TESTS_INCOMPLETE = "tests-incomplete", Weight.BLOCKS
    TESTS_BROKEN = "tests-broken-by-change", Weight.BLOCKS
    TESTS_UNCOLLECTABLE = "tests-uncollectable", Weight.BLOCKS
    NEW_TESTS_FAIL = "new-tests-fail", Weight.BLOCKS
    TESTS_TAMPERED = "tests-tampered", Weight.BLOCKS
    EVIDENCE_REQUIRED = "evidence-required", Weight.BLOCKS
    FINDINGS = "findings", Weight.BLOCKS

    POLICY_INVALID = "policy-invalid", Weight.TROUBLE
    COULD_NOT_JUDGE = "could-not-judge", Weight.TROUBLE
    TESTS_TROUBLE = "tests-trouble", Weight.TROUBLE
    TESTS_NOT_RUN = "tests-not-run", Weight.TROUBLE
    SCANS_TROUBLE = "scans-trouble", Weight.TROUBLE
    SCANS_NOT_RUN = "scans-not-run", Weight.TROUBLE

    HELD = "held", Weight.ASKS
    NO_TESTS = "no-tests", Weight.ASKS
    REVIEW_MISSING = "review-missing", Weight.ASKS
    CHANGES_REQUESTED = "changes-requested", Weight.ASKS

    NOT_AGENT_AUTHORED = "not-agent-authored", Weight.NOTE
    REVIEWED = "reviewed", Weight.NOTE
    ALL_CLEAR = "all-clear", Weight.NOTE
    EXPECTATIONS_CHANGED = "expectations-changed", Weight.NOTE
    TESTS_REMOVED = "tests-removed", Weight.NOTE
    TESTS_SKIPPED = "tests-skipped", Weight.NOTE
    TAMPERING_NOTED = "tampering-noted", Weight.NOTE
    NO_EVIDENCE = "no-evidence", Weight.NOTE
    TESTS_ABSENT = "tests-absent", Weight.NOTE
    FINDINGS_NOTED = "findings-noted", Weight.NOTE
    SCANS_NOTED = "scans-noted", Weight.NOTE
    BASE_FAILING = "base-failing", Weight.NOTE
    BASE_INCOMPLETE = "base-incomplete", Weight.NOTE
    TESTS_FLAKY = "tests-flaky", Weight.NOTE
    PROTECTED_PATHS = "protected-paths", Weight.NOTE
    POLICY_CHANGED = "policy-changed", Weight.NOTE
    NARROWED = "narrowed", Weight.NOTE


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the verdict is what it is. `text` and `fix` may hold the change's words: escape them where they are shown."""

    code: Code
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reasons, heaviest first. Never without a reason."""

    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def deciding(self) -> tuple[Reason, ...]:
        """The reasons as heavy as the verdict."""
        return tuple(reason for reason in self.reasons if reason.code.weight.verdict is self.verdict)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What is put before the reviewer and decides nothing."""
        return tuple(reason for reason in self.reasons if reason.code.weight is Weight.NOTE)


def verdict_of(reasons: tuple[Reason, ...]) -> Decision:
    """Order the reasons by weight and take the heaviest one's verdict. No reason at all is our own bug, and no pass."""
    if not reasons:
        text = "Mergelock came to no conclusion, which is a fault of its own."
        reasons = (Reason(Code.COULD_NOT_JUDGE, text, "Please report it, then run the check again."),)
    ordered = tuple(sorted(reasons, key=lambda reason: -reason.code.weight))
    return Decision(ordered[0].code.weight.verdict, ordered)
