"""From what was found out to the result: the gate's decision, with all that it rests on. Pure."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter

from app.gate.agent import Agent
from app.gate.decision import DecisionInput, decide
from app.gate.policy import PATH
from app.gate.protected import protected_paths
from app.gate.result import ChangeSummary, Result, Timing, build
from app.gate.review import ReviewState
from app.judging.examination import Examination, Wanted, limits_of
from app.judging.policy_in_force import PolicyInForce
from checks.change import Change
from runner.evidence import Evidence, TestOutcome, TestRun, TestStatus
from runner.sandbox import SandboxInfo

_PROSE = frozenset({".md", ".rst", ".txt", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg"})
_OUTCOMES_KEPT = 500
_MESSAGE_KEPT = 4_000
_IDS_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged, by which policy. `approvals` is how many people must review it."""

    summary: ChangeSummary
    policy: PolicyInForce
    evidence_expected: bool = True
    protected: tuple[str, ...] = ()
    approvals: int = 1
    policy_changes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """All that a decision rests on but the review: kept, so that a label decides again without running anything."""

    subject: Subject
    found: Examination


_BASIS: TypeAdapter[Basis] = TypeAdapter(Basis)


def summary_of(change: Change, agent: Agent) -> ChangeSummary:
    """The change in figures."""
    return ChangeSummary(change.base, change.head, len(change.files), change.added, change.removed, agent)


def subject_of(change: Change, agent: Agent, policy: PolicyInForce, policy_changes: tuple[str, ...]) -> Subject:
    """What is judged, with what the policy says of its paths."""
    protection = protected_paths(policy.policy, change.files)
    return Subject(
        summary_of(change, agent),
        policy,
        evidence_expected=shows_in_tests(change),
        protected=protection.hits,
        approvals=protection.approvals,
        policy_changes=policy_changes,
    )


def shows_in_tests(change: Change) -> bool:
    """Whether a test could tell the change from its base: prose, pictures and our own policy are out of its reach."""
    return any(PurePosixPath(file.path).suffix.lower() not in _PROSE and file.path != PATH for file in change.files)


def known_of(
    basis: Basis,
    *,
    review: ReviewState | None,
    local: bool = False,
    wanted: Wanted | None = None,
    require_evidence: bool = False,
) -> DecisionInput:
    """What the gate decides by: the basis with what people have said of it."""
    subject, found, wanted = basis.subject, basis.found, wanted or Wanted()
    return DecisionInput(
        policy=subject.policy.policy,
        agent=subject.summary.agent,
        tests=found.tests,
        tests_trouble=found.tests_trouble,
        scans=found.scans,
        scans_trouble=found.scans_trouble,
        review=review,
        local=local,
        no_tests=not wanted.tests,
        no_scans=not wanted.scans,
        require_evidence=require_evidence,
        evidence_expected=subject.evidence_expected,
        held=subject.held,
        refused=subject.refused,
        policy_problem=subject.policy.problem,
        policy_changes=subject.policy_changes,
        protected=subject.protected,
    )


def conclude(known: DecisionInput, basis: Basis, *, sandbox: SandboxInfo | None, total_seconds: float) -> Result:
    """Decide, and put the result together.

    Args:
        known: what is decided by.
        basis: what it rests on.
        sandbox: in what it ran; None where nothing was executed.
        total_seconds: wall time of it all.
    """
    found = basis.found
    scans_seconds = found.scans.seconds if found.scans else 0.0
    return build(
        decide(known),
        change=basis.subject.summary,
        tests=found.tests,
        scans=found.scans,
        timing=Timing(found.prepare_seconds, found.tests_seconds, scans_seconds, total_seconds),
        sandbox=sandbox,
        limits=limits_of(basis.subject.policy.policy),
    )


def conclude_again(result: Result, known: DecisionInput) -> Result:
    """The same result under a new decision: a review came or went, nothing was run again."""
    decision = decide(known)
    return replace(result, verdict=decision.verdict, reasons=decision.reasons)


def basis_to_json(basis: Basis) -> Any:
    """The basis as JSON-able data, without what no decision needs: single outcomes of tests that passed."""
    found = basis.found
    if found.tests is not None:
        found = replace(found, tests=_compact(found.tests))
    return _BASIS.dump_python(replace(basis, found=found), mode="json", by_alias=True)


def basis_from_json(data: Any) -> Basis:
    """The basis from its data."""
    return _BASIS.validate_python(data)


def _compact(tests: Evidence) -> Evidence:
    """Enough for every decision: failing outcomes (bounded), one of each other kind, lists of ids (bounded)."""
    return replace(
        tests,
        runs=tuple(_compact_run(run) for run in tests.runs),
        fail_to_pass=tests.fail_to_pass[:_IDS_KEPT],
        pass_to_pass=tests.pass_to_pass[:1],
        pass_to_fail=tests.pass_to_fail[:_IDS_KEPT],
        failing_on_both=tests.failing_on_both[:_IDS_KEPT],
        new_failing=tests.new_failing[:_IDS_KEPT],
        removed=tests.removed[:_IDS_KEPT],
        newly_skipped=tests.newly_skipped[:_IDS_KEPT],
        flaky=tests.flaky[:_IDS_KEPT],
    )


def _compact_run(run: TestRun) -> TestRun:
    kept: dict[TestStatus, list[TestOutcome]] = {status: [] for status in TestStatus}
    for outcome in run.outcomes:
        most = _OUTCOMES_KEPT if outcome.status in (TestStatus.FAILED, TestStatus.ERROR) else 1
        if len(kept[outcome.status]) < most:
            kept[outcome.status].append(replace(outcome, message=outcome.message[:_MESSAGE_KEPT]))
    return replace(run, outcomes=tuple(outcome for outcomes in kept.values() for outcome in outcomes))
