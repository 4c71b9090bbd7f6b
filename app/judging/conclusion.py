"""From what was found out to the result: the gate's decision, with all that it rests on."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from app.gate.agent import Agent
from app.gate.decision import DecisionInput, decide
from app.gate.policy import PATH
from app.gate.result import ChangeSummary, Result, Timing, build
from app.gate.review import ReviewState
from app.judging.examination import Examination, Wanted, limits_of
from app.judging.policy_in_force import PolicyInForce
from checks.change import Change
from runner.sandbox import SandboxInfo

_PROSE = frozenset({".md", ".rst", ".txt", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged, by which policy."""

    summary: ChangeSummary
    policy: PolicyInForce
    evidence_expected: bool = True
    protected: tuple[str, ...] = ()
    policy_changes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    refused: str = ""


def summary_of(change: Change, agent: Agent) -> ChangeSummary:
    """The change in figures."""
    return ChangeSummary(change.base, change.head, len(change.files), change.added, change.removed, agent)


def shows_in_tests(change: Change) -> bool:
    """Whether a test could tell the change from its base: prose, pictures and our own policy are out of its reach."""
    return any(PurePosixPath(file.path).suffix.lower() not in _PROSE and file.path != PATH for file in change.files)


def conclude(
    subject: Subject,
    found: Examination,
    *,
    review: ReviewState | None,
    local: bool,
    wanted: Wanted,
    sandbox: SandboxInfo | None,
    total_seconds: float,
    require_evidence: bool = False,
) -> Result:
    """Decide, and put the result together. Pure.

    Args:
        subject: what is judged.
        found: what its tests and scans came to.
        review: what people have said of this head; None where it is not asked (locally).
        local: judged on somebody's machine, where no review is asked for.
        wanted: which parts were asked for.
        sandbox: in what it ran.
        total_seconds: wall time of it all.
        require_evidence: whether a change that no test shows fails.
    """
    known = DecisionInput(
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
    scans_seconds = found.scans.seconds if found.scans else 0.0
    timing = Timing(found.prepare_seconds, found.tests_seconds, scans_seconds, total_seconds)
    return build(
        decide(known),
        change=subject.summary,
        tests=found.tests,
        scans=found.scans,
        timing=timing,
        sandbox=sandbox,
        limits=limits_of(subject.policy.policy),
    )


def redecide(result: Result, known: DecisionInput) -> Result:
    """The same result under a new decision: a review came or went, nothing was run again."""
    decision = decide(known)
    return replace(result, verdict=decision.verdict, reasons=decision.reasons)
