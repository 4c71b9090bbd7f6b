"""The verdict: a pure, total function of what is known about a change.

Order of weight: what the change did wrong (`failed`), then what could not be told (`error`), then what a person must
say (`needs-review`), then `passed`. Anything required that is absent is one of the first three, never a pass.
"""

from collections.abc import Iterator

from app.gate.agent import Agent
from app.gate.judging_scans import scan_reasons
from app.gate.judging_tests import ran, tests_reasons
from app.gate.known import DecisionInput, Fault, TestsTrouble
from app.gate.policy_model import Gate, Policy
from app.gate.reasons import Code, Decision, Reason, Verdict, Weight, verdict_of
from app.gate.review import ReviewCode
from app.gate.wording import listed


def is_gated(policy: Policy, agent: Agent) -> bool:
    """Whether a change is judged on the server: an agent's always, anyone's if the policy says so."""
    return agent.authored or policy.gate is Gate.EVERYONE


def decide(known: DecisionInput) -> Decision:
    """Say the verdict, with every reason for it."""
    if known.policy_problem:
        text = f"The policy cannot be used, so nothing was judged: {known.policy_problem}"
        return verdict_of((Reason(Code.POLICY_INVALID, text, "Mend the policy on the base branch, then run again."),))
    if not known.local and not is_gated(known.policy, known.agent):
        text = "No sign of an agent: this change is a person's, and the policy gates agents' changes only."
        return verdict_of((Reason(Code.NOT_AGENT_AUTHORED, text),))
    reasons = tuple(_judged(known))
    if verdict_of(reasons or (Reason(Code.ALL_CLEAR, ""),)).verdict is Verdict.PASSED:
        reasons = (_clear(known), *reasons)
    return verdict_of(reasons)


def _judged(known: DecisionInput) -> Iterator[Reason]:
    yield from _stopped(known)
    if not _is_stopped(known):
        yield from tests_reasons(known)
        yield from scan_reasons(known)
    yield from _review_reasons(known)
    yield from _policy_notes(known)


def _is_stopped(known: DecisionInput) -> bool:
    return bool(known.trouble or known.refused or known.held)


def _stopped(known: DecisionInput) -> Iterator[Reason]:
    """What kept the change from being run at all."""
    if known.refused:
        text = f"The change cannot be laid out safely: {known.refused}"
        yield Reason(Code.CHANGE_REFUSED, text, "Remove what is named from the change, then push.")
    if known.trouble:
        fix = "This is not the change's fault. It is tried again by itself; if that ends, run the check again."
        yield Reason(Code.COULD_NOT_JUDGE, f"Could not judge: {known.trouble}", fix)
    if known.held and not known.trouble and not known.refused:
        text = f"Nothing of this change has been executed yet: the policy holds {listed(known.held)}."
        yield Reason(
            Code.HELD, text, f"Look at the diff; then put the label `{known.policy.review.label}` on to release it."
        )


def _review_reasons(known: DecisionInput) -> Iterator[Reason]:
    if known.local:
        return
    label = known.policy.review.label
    fix = f"Review the change, then put the label `{label}` on, or approve this commit."
    if known.review is None:
        yield Reason(Code.REVIEW_MISSING, "It is not known whether a person has reviewed this commit.", fix)
        return
    if known.reviewed:
        yield Reason(Code.REVIEWED, f"Reviewed by {listed(known.review.by)}.")
        return
    problems = known.review.problems
    if any(problem.code is ReviewCode.CHANGES_REQUESTED for problem in problems):
        texts = [problem.text for problem in problems if problem.code is ReviewCode.CHANGES_REQUESTED]
        yield Reason(
            Code.CHANGES_REQUESTED, f"{listed(texts)}.", "Settle it with the reviewer, or push what is asked for."
        )
    others = [problem.text for problem in problems if problem.code is not ReviewCode.CHANGES_REQUESTED]
    text = f"Not reviewed: {'; '.join(others)}." if len(others) > 1 else "Nobody has reviewed this commit."
    yield Reason(Code.REVIEW_MISSING, text, fix)


def _policy_notes(known: DecisionInput) -> Iterator[Reason]:
    if known.protected:
        needed = known.review.needed if known.review else known.policy.review.approvals
        text = f"It touches protected paths ({listed(known.protected)}), for which {needed} people must review."
        yield Reason(
            Code.PROTECTED_PATHS, text if needed != 1 else f"It touches protected paths ({listed(known.protected)})."
        )
    if known.policy_changes:
        text = f"It edits the policy, which is not used for itself. It would change {listed(known.policy_changes)}."
        yield Reason(Code.POLICY_CHANGED, text, "Look at the policy's diff: it holds from the merge on.")


def _clear(known: DecisionInput) -> Reason:
    """What a pass rests on, in one sentence, and nothing in it that was not done."""
    rests = []
    if known.tests is not None and not known.no_tests and ran(known.tests.run("head")):
        rests.append("its tests hold")
    if known.scans is not None and not known.no_scans:
        rests.append("the scans found nothing that blocks")
    if known.review is not None and not known.local:
        rests.append(f"{listed(known.review.by)} reviewed this commit")
    text = listed(rests) or "nothing was asked for"
    return Reason(Code.ALL_CLEAR, f"{text[0].upper()}{text[1:]}.")


__all__ = [
    "Agent",
    "Code",
    "Decision",
    "DecisionInput",
    "Fault",
    "Reason",
    "TestsTrouble",
    "Verdict",
    "Weight",
    "decide",
    "is_gated",
    "verdict_of",
]
