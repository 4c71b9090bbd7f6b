"""Which detail check run a reason belongs to. A leaf of the gate."""

import enum
from typing import assert_never

from app.gate.reasons import Code


class Topic(enum.Enum):
    """What a reason is about."""

    WHOLE = "whole"
    TESTS = "tests"
    SCANS = "scans"
    REVIEW = "review"


def topic_of(code: Code) -> Topic:
    """The topic of a reason's code; every code has one."""
    match code:
        case (
            Code.ENVIRONMENT_BROKEN
            | Code.TESTS_INCOMPLETE
            | Code.TESTS_BROKEN
            | Code.TESTS_UNCOLLECTABLE
            | Code.NEW_TESTS_FAIL
            | Code.TESTS_TAMPERED
            | Code.EVIDENCE_REQUIRED
            | Code.TESTS_TROUBLE
            | Code.TESTS_NOT_RUN
            | Code.NO_TESTS
            | Code.EXPECTATIONS_CHANGED
            | Code.TESTS_REMOVED
            | Code.TESTS_SKIPPED
            | Code.TAMPERING_NOTED
            | Code.NO_EVIDENCE
            | Code.TESTS_ABSENT
            | Code.BASE_FAILING
            | Code.BASE_INCOMPLETE
            | Code.TESTS_FLAKY
        ):
            return Topic.TESTS
        case Code.FINDINGS | Code.SCANS_TROUBLE | Code.SCANS_NOT_RUN | Code.FINDINGS_NOTED | Code.SCANS_NOTED:
            return Topic.SCANS
        case Code.REVIEW_MISSING | Code.CHANGES_REQUESTED | Code.REVIEWED | Code.PROTECTED_PATHS:
            return Topic.REVIEW
        case (
            Code.CHANGE_REFUSED
            | Code.POLICY_INVALID
            | Code.COULD_NOT_JUDGE
            | Code.HELD
            | Code.NOT_AGENT_AUTHORED
            | Code.ALL_CLEAR
            | Code.POLICY_CHANGED
            | Code.NARROWED
        ):
            return Topic.WHOLE
    assert_never(code)
