"""What is known about a change when it is decided. A leaf of the gate: types only."""

import enum
from dataclasses import dataclass

from app.gate.agent import Agent
from app.gate.policy_model import Policy
from app.gate.review import ReviewState
from checks.report import ScanReport
from runner.evidence import Evidence


class Fault(enum.StrEnum):
    """Whose fault it is that there are no test outcomes."""

    OURS = "ours"  # ours, GitHub's, the machine's, the network's: never the change's
    CHANGE = "change"  # the change declares what cannot be had
    NO_TESTS = "no-tests"  # there is nothing to run


@dataclass(frozen=True, slots=True)
class TestsTrouble:
    """Why there is no evidence."""

    __test__ = False
    fault: Fault
    text: str


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """All that is known. What is absent was not done, and that is a reason of its own unless it was not to be done.

    `local`: judging was asked for on somebody's machine: it is done whoever wrote the change, and no review is asked.
    `held`: why a person must release execution first; empty when nothing holds it or somebody has released it.
    `refused`: why the change cannot be laid out safely (hostile names, symlinks, sizes), in words.
    `trouble`: our own fault that stopped the judging altogether.
    `policy_problem`: what is wrong with the policy on the base branch, or with a floor.
    `policy_changes`: what the change's edit of the policy would loosen or break, one sentence each.
    `evidence_expected`: False where the change touches nothing that a test could show (documentation only).
    """

    policy: Policy
    agent: Agent
    tests: Evidence | None = None
    tests_trouble: TestsTrouble | None = None
    scans: ScanReport | None = None
    scans_trouble: str = ""
    review: ReviewState | None = None
    local: bool = False
    no_tests: bool = False
    no_scans: bool = False
    require_evidence: bool = False
    evidence_expected: bool = True
    held: tuple[str, ...] = ()
    refused: str = ""
    trouble: str = ""
    policy_problem: str = ""
    policy_changes: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()

    @property
    def reviewed(self) -> bool:
        """Whether somebody's review stands: a review by nobody is none."""
        return self.review is not None and self.review.stands and bool(self.review.by)
