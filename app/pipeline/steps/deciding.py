"""Decide with what people have said by now, and publish what came of it: after a judging, and after each label."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.gate import report
from app.gate.check_run import CheckRunPayload
from app.gate.policy import PATH, digest
from app.gate.reasons import Code
from app.gate.result import Result, from_json, to_json
from app.gate.review import ReviewState, assess
from app.github.types import PullRequest
from app.judging.conclusion import Basis, basis_from_json, conclude, conclude_again, known_of
from app.pipeline.facts import Known, review_facts
from app.pipeline.lease import Lease
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.posting import posting_of, record, settle_label
from app.pipeline.steps.sharing import post_together
from app.store import runs
from app.store.runs import Run


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the review that it heard, and the pull request as it was then."""

    result: Result
    review: ReviewState
    pull: PullRequest


def decide_with_review(parts: Parts, run: Run, basis: Basis, result: Result | None = None) -> Decided:
    """Ask GitHub who has reviewed this head, and decide.

    Args:
        parts: what to ask with.
        run: whose head it is about.
        basis: what was found out before.
        result: the result so far; None where there is none yet.
    """
    installation = parts.installation(run)
    pull = installation.pull_request(run.repository, run.number)
    with parts.store.reading() as connection:
        seen = runs.seen_since(connection, run.repository, run.number, run.head) or datetime.now(UTC)
    policy = basis.subject.policy.policy
    known = Known(parts.app_login(), seen)
    facts = review_facts(installation, pull, policy, known, approvals=basis.subject.approvals)
    review = assess(facts)
    if not _still_about(pull, run):
        # A newer head is there, or another branch to merge into: what people say now is about that, and a run for it
        # is on its way.
        review = ReviewState(stands=False, needed=basis.subject.approvals)
    decision_input = known_of(basis, review=review)
    if result is None:
        result = conclude(decision_input, basis, sandbox=None, total_seconds=0.0)
    return Decided(conclude_again(result, decision_input), review, pull)


def publish_decision(parts: Parts, run: Run, lease: Lease, basis: Basis) -> None:
    """Bring the stored verdict, GitHub's check runs and the review label to what is true now.

    Everything is asked anew, so that repeating it after a crash, or after two labels at once, ends at the same state.
    """
    with parts.store.reading() as connection:
        stored = runs.get(connection, run.id)
    if stored is None or stored.result is None:
        return
    before = from_json(stored.result)
    decided = decide_with_review(parts, run, basis, before)
    if decided.result != before:
        lease.check()
        with parts.store.writing() as connection:
            data = to_json(decided.result)
            runs.redecide(connection, run.id, verdict=decided.result.verdict, reasons=data["reasons"], result=data)
            change = {"from": str(before.verdict), "to": str(decided.result.verdict)}
            record(connection, run, "decided-again", {**change, "reviewed_by": list(decided.review.by)})
    if _still_about(decided.pull, run):
        _show(parts, run, lease, basis, decided)


def _show(parts: Parts, run: Run, lease: Lease, basis: Basis, decided: Decided) -> None:
    posting = posting_of(parts, run, done=True)
    policy = basis.subject.policy
    if policy.problems:
        payloads: tuple[CheckRunPayload, ...] = (report.policy_invalid(posting, PATH, policy.problems),)
    else:
        where = f"`{PATH}` on the base branch" if policy.from_file else "the built-in defaults"
        how = report.Judging(digest(policy.policy), where, parts.version)
        payloads = report.check_runs(decided.result, posting, how, review=decided.review, evidence=basis.found.tests)
    post_together(parts, run, lease, decided.pull, payloads)
    if not _not_gated(decided.result):
        settle_label(parts, run, lease, parts.installation(run), policy.policy, decided.review)


def _still_about(pull: PullRequest, run: Run) -> bool:
    """Whether the run is about what would be merged now: the same head, into the same branch."""
    return (pull.head, pull.base_ref) == (run.head, run.base_ref)


def decide_again(parts: Parts, run: Run, lease: Lease) -> None:
    """A label or a review changed: decide about a run that has judged, and publish it where the answer changed."""
    if run.basis is None:
        return
    publish_decision(parts, run, lease, basis_from_json(run.basis))


def released(run: Run, parts: Parts) -> bool:
    """Whether a run that was held has been released by a person since, so that it is to be executed now."""
    if run.basis is None:
        return False
    basis = basis_from_json(run.basis)
    return bool(basis.subject.held) and decide_with_review(parts, run, basis).review.stands


def _not_gated(result: Result) -> bool:
    return bool(result.reasons) and result.reasons[0].code is Code.NOT_AGENT_AUTHORED
