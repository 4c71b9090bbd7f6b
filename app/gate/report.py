"""What GitHub shows: pure functions that make check runs of a verdict, and of all that comes before one.

Only `passed`, and a change that no agent wrote, make the required check green. Nothing here is ever `neutral` or
`skipped`, which GitHub counts as passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from app.gate import report_parts as parts
from app.gate.agent import Agent
from app.gate.annotations import finding_annotations, tampering_annotations
from app.gate.check_run import (
    REQUIRED,
    RERUN,
    REVIEW,
    SCANS,
    TESTS,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Annotation,
    CheckRunPayload,
    Conclusion,
    Status,
)
from app.gate.errors import Problem
from app.gate.markdown import code, fit, prose, words
from app.gate.reasons import Code, Reason, Verdict
from app.gate.report_parts import Judging
from app.gate.result_model import Result
from app.gate.review import ReviewState
from app.gate.topics import Topic, topic_of
from app.gate.visible import visible
from app.gate.wording import cut, listed
from runner.evidence import Evidence

CUT_NOTE = "… cut here, for GitHub takes no more. The page of this run has the whole."
FINDINGS_IN_SUMMARY = 10
FINDINGS_IN_TEXT = 200


@dataclass(frozen=True, slots=True)
class Posting:
    """What all check runs of one judging share. `key` makes posting them again change nothing."""

    head_sha: str
    key: str
    details_url: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def run(
        self,
        name: str,
        status: Status,
        conclusion: Conclusion | None,
        *,
        title: str,
        summary: Sequence[str],
        text: Sequence[str] = (),
        annotations: tuple[Annotation, ...] = (),
    ) -> CheckRunPayload:
        """One check run within GitHub's limits. A run that waits for action gets the button to run it again."""
        return CheckRunPayload(
            name=name,
            head_sha=self.head_sha,
            external_id=f"{self.key}:{name.replace(' / ', '-')}",
            status=status,
            conclusion=conclusion,
            title=cut(visible(title).strip(), TITLE_LIMIT) or name,
            summary=fit(list(summary), TEXT_LIMIT, CUT_NOTE) or words(title) or name,
            text=fit(list(text), TEXT_LIMIT, CUT_NOTE),
            annotations=annotations,
            actions=(RERUN,) if conclusion in (Conclusion.ACTION_REQUIRED, Conclusion.FAILURE) else (),
            details_url=self.details_url,
            started_at=self.started_at,
            completed_at=self.completed_at if status is Status.COMPLETED else None,
        )


def outcome(verdict: Verdict, *, retrying: bool = False) -> tuple[Status, Conclusion | None]:
    """How a verdict is posted. While a fault of ours is being retried the check stays in progress."""
    match verdict:
        case Verdict.PASSED:
            return Status.COMPLETED, Conclusion.SUCCESS
        case Verdict.FAILED:
            return Status.COMPLETED, Conclusion.FAILURE
        case Verdict.NEEDS_REVIEW:
            return Status.COMPLETED, Conclusion.ACTION_REQUIRED
        case Verdict.ERROR:
            return (Status.IN_PROGRESS, None) if retrying else (Status.COMPLETED, Conclusion.ACTION_REQUIRED)
    assert_never(verdict)


def judging(posting: Posting, *, doing: str = "") -> CheckRunPayload:
    """The required check while it is worked on. `doing` says in our words what is being done."""
    title = f"Judging: {doing}" if doing else "Judging"
    text = "This change is an agent's, so it is run and scanned before anybody is asked to merge it."
    return posting.run(REQUIRED, Status.IN_PROGRESS, None, title=title, summary=[f"### ⏳ {words(title)}", text])


def not_agent_authored(posting: Posting) -> CheckRunPayload:
    """The required check of a change that nobody's agent wrote: green at once."""
    title = "Not agent-authored"
    text = "No sign of an agent, and the policy gates agents' changes only. Nothing was run."
    fix = "If an agent did write it, put the label `agent-authored` on."
    return posting.run(
        REQUIRED, Status.COMPLETED, Conclusion.SUCCESS, title=title, summary=[f"### ✅ {title}", text, prose(fix)]
    )


def trying_again(posting: Posting, trouble: str, *, when: str = "") -> CheckRunPayload:
    """The required check while a fault that is ours or GitHub's is being retried. It blames nobody."""
    title = "Could not judge, trying again"
    soon = f" It is tried again {when}." if when else " It is tried again by itself."
    summary = [f"### ⏳ {title}", f"{prose(trouble)}", f"This is not the change's fault.{words(soon)}"]
    return posting.run(REQUIRED, Status.IN_PROGRESS, None, title=title, summary=summary)


def could_not_judge(posting: Posting, trouble: str) -> CheckRunPayload:
    """The required check when retries have ended."""
    title = "Could not judge"
    fix = "This is not the change's fault. Press *Run again* when the trouble is over."
    summary = [f"### ⚠️ {title}", prose(trouble), fix]
    return posting.run(REQUIRED, Status.COMPLETED, Conclusion.ACTION_REQUIRED, title=title, summary=summary)


def shared_commit(posting: Posting, title: str, numbers: Sequence[int]) -> CheckRunPayload:
    """The required check of a change that has passed, while another pull request with the same head has not.

    A check run belongs to a commit: a green one would open both.

    Args:
        posting: as for the others.
        title: what the verdict is, in a line.
        numbers: of the others.
    """
    others = listed([f"#{number}" for number in numbers], 5)
    heading = cut(f"The same commit waits in {others}", 140)
    why = "A check run belongs to a commit, so a green one here would open the other too."
    fix = f"Have {words(others)} reviewed as well, or close it, or push a new commit to one of the two."
    summary = [f"### ⏳ {words(heading)}", f"Taken by itself: {prose(title)}", why, fix]
    return posting.run(REQUIRED, Status.COMPLETED, Conclusion.ACTION_REQUIRED, title=heading, summary=summary)


def nothing_guarded(posting: Posting, title: str, branch: str) -> CheckRunPayload:
    """The required check of a change that has passed, and is to be merged where nothing requires it: never green.

    Args:
        posting: as for the others.
        title: what the verdict is, in a line.
        branch: where it is to be merged.
    """
    heading = "Judged, but nothing here requires it"
    why = f"{code(branch)} does not require this check, so merging there does not wait for it."
    fix = "A green check would count for this commit everywhere. It is judged again when another branch is chosen."
    summary = [f"### {heading}", f"Taken by itself: {prose(title)}", why, fix]
    return posting.run(REQUIRED, Status.QUEUED, None, title=heading, summary=summary)


def policy_invalid(posting: Posting, path: str, problems: Sequence[Problem]) -> CheckRunPayload:
    """The required check where the policy on the base branch, or a floor, cannot be used: nothing is judged."""
    title = "The policy cannot be used"
    lines = [
        f"- {code(f'{path}:{p.line}:{p.column}')} {prose(p.key and f'`{p.key}`')} {prose(p.text)}"
        + (f"; did you mean {code(p.suggestion)}?" if p.suggestion else "")
        for p in problems
    ]
    fix = "Nothing was judged. Mend the policy on the base branch, then press *Run again*."
    summary = [f"### ⚠️ {title}", fix, "\n".join(lines)]
    return posting.run(REQUIRED, Status.COMPLETED, Conclusion.ACTION_REQUIRED, title=title, summary=summary)


def check_runs(
    result: Result,
    posting: Posting,
    how: Judging,
    *,
    review: ReviewState | None = None,
    evidence: Evidence | None = None,
    retrying: bool = False,
) -> tuple[CheckRunPayload, ...]:
    """All check runs of a verdict: the required one first, then the details that there are.

    Args:
        result: the verdict with everything under it.
        posting: what the runs share.
        how: by which policy it was judged.
        review: the state of the review, for its own check run.
        evidence: the runs, for what failing tests said.
        retrying: whether an `error` is going to be tried again by itself.
    """
    runs = [_required(result, posting, how, retrying=retrying)]
    if result.reasons and result.reasons[0].code is Code.NOT_AGENT_AUTHORED:
        return (not_agent_authored(posting),)
    runs.append(_tests(result, posting, evidence, retrying=retrying))
    runs.append(_scans(result, posting, retrying=retrying))
    if review is not None:
        runs.append(_review(result, posting, review))
    return tuple(runs)


def title_of(result: Result) -> str:
    """The verdict in a line, as a list of checks shows it."""
    first = result.reasons[0].text.replace("`", "") if result.reasons else ""
    names = {
        Verdict.PASSED: "Passed",
        Verdict.FAILED: "Failed",
        Verdict.NEEDS_REVIEW: "Needs a person",
        Verdict.ERROR: "Could not judge",
    }
    return cut(f"{names[result.verdict]}: {first}", 140)


def _required(result: Result, posting: Posting, how: Judging, *, retrying: bool) -> CheckRunPayload:
    status, conclusion = outcome(result.verdict, retrying=retrying)
    summary = [
        parts.verdict(result),
        parts.further(result),
        parts.tests(result.tests),
        parts.findings(result.findings, FINDINGS_IN_SUMMARY),
        parts.observations(result.observations),
        parts.how_judged(result, how),
    ]
    return posting.run(REQUIRED, status, conclusion, title=title_of(result), summary=summary)


def _of_topic(result: Result, topic: Topic, retrying: bool) -> tuple[list[Reason], Status, Conclusion | None]:
    """The reasons of a topic, and how its own check run is posted: by its heaviest reason."""
    reasons = [reason for reason in result.reasons if topic_of(reason.code) is topic]
    heaviest = max((reason.code.weight for reason in reasons), default=None)
    verdict = Verdict.PASSED if heaviest is None else heaviest.verdict
    status, conclusion = outcome(verdict, retrying=retrying)
    return reasons, status, conclusion


def _lines(reasons: Sequence[Reason]) -> str:
    return "\n".join(f"- {prose(r.text)}" + (f" *{prose(r.fix)}*" if r.fix else "") for r in reasons)


def _not_reached(result: Result) -> bool:
    """Whether the change was stopped before its tests and scans."""
    stops = (Code.HELD, Code.CHANGE_REFUSED, Code.COULD_NOT_JUDGE, Code.POLICY_INVALID)
    return any(reason.code in stops for reason in result.reasons)


def _tests(result: Result, posting: Posting, evidence: Evidence | None, *, retrying: bool) -> CheckRunPayload:
    reasons, status, conclusion = _of_topic(result, Topic.TESTS, retrying)
    if not result.tests.runs and not reasons and _not_reached(result):
        return _unreached(result, posting, TESTS, retrying=retrying)
    head = result.tests.runs.get("head")
    said = f"{head.passed} passed, {head.failed + head.errors} failed, {head.skipped} skipped" if head else ""
    title = cut(said or (reasons[0].text.replace("`", "") if reasons else "No tests were run"), 140)
    text = [*parts.test_lists(result.tests), *(parts.test_outputs(evidence) if evidence else ())]
    return posting.run(
        TESTS,
        status,
        conclusion,
        title=title,
        summary=[parts.tests(result.tests), _lines(reasons)] if reasons or result.tests.runs else [words(title)],
        text=text,
        annotations=tampering_annotations(result.tests.tampering),
    )


def _scans(result: Result, posting: Posting, *, retrying: bool) -> CheckRunPayload:
    reasons, status, conclusion = _of_topic(result, Topic.SCANS, retrying)
    if not result.findings and not reasons and _not_reached(result):
        return _unreached(result, posting, SCANS, retrying=retrying)
    title = cut(reasons[0].text.replace("`", "") if reasons else "Nothing found", 140)
    return posting.run(
        SCANS,
        status,
        conclusion,
        title=title,
        summary=[_lines(reasons) or words(title), parts.findings(result.findings, FINDINGS_IN_SUMMARY)],
        text=[parts.findings(result.findings, FINDINGS_IN_TEXT)],
        annotations=finding_annotations(result.findings),
    )


def _unreached(result: Result, posting: Posting, name: str, *, retrying: bool) -> CheckRunPayload:
    """A detail that was not reached is no success: it follows the verdict that stopped it."""
    status, conclusion = outcome(result.verdict, retrying=retrying)
    first = result.reasons[0]
    return posting.run(name, status, conclusion, title="Not run", summary=[f"Not run. {prose(first.text)}"])


def _review(result: Result, posting: Posting, review: ReviewState) -> CheckRunPayload:
    if review.stands:
        title = f"Reviewed by {listed(review.by)}"
        summary = [f"{prose(title)}. It holds for {code(result.change.head[:12])} only: a push takes it away."]
        return posting.run(REVIEW, Status.COMPLETED, Conclusion.SUCCESS, title=title, summary=summary)
    title = f"{len(review.by)} of {review.needed} reviewed"
    lines = [f"- {prose(problem.text)}" for problem in review.problems]
    fix = [prose(reason.fix) for reason in result.reasons if topic_of(reason.code) is Topic.REVIEW and reason.fix]
    summary = ["\n".join(lines), *fix]
    return posting.run(REVIEW, Status.COMPLETED, Conclusion.ACTION_REQUIRED, title=title, summary=summary)


__all__ = [
    "REQUIRED",
    "Agent",
    "CheckRunPayload",
    "Judging",
    "Posting",
    "check_runs",
    "could_not_judge",
    "judging",
    "not_agent_authored",
    "nothing_guarded",
    "outcome",
    "policy_invalid",
    "shared_commit",
    "title_of",
    "trying_again",
]
