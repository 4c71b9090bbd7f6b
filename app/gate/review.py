"""Whether a person's review stands for this head: DESIGN's rule, as a pure function of facts asked of GitHub.

The label counts when a person with the permission asked for put it on, who is neither the author, nor who prompted the
agent, nor an app, while this head was the head. An approving review of this very commit counts as well, and has the app
set the label. What is given here are GitHub's own records (timeline, reviews, permissions), never a payload's word.
"""

from collections.abc import Iterator
from datetime import datetime

from app.gate.review_facts import (
    LabelEvent,
    Person,
    Review,
    ReviewCode,
    ReviewInput,
    ReviewProblem,
    ReviewState,
    ReviewVerdict,
    permission_named,
)


def assess(facts: ReviewInput) -> ReviewState:
    """Say whether the review stands, what is missing, and what is to be done with the label.

    Never stands by the word of an app, a bot, the author or who prompted the agent, or of a review of another commit.
    """
    label = _Label(facts)
    reviewers, problems = _reviews(facts, label.closed_at)
    by = {person.key: person.login for person in reviewers}
    if label.holder is not None and not facts.policy.exact_commit:
        by.setdefault(label.holder.key, label.holder.login)
    needed = max(facts.approvals, facts.policy.approvals, 1)
    refusals = tuple(_requests_for_changes(facts, label.holder_since))
    stands = len(by) >= needed and not refusals
    wrong = label.problem
    if wrong is None and label.by_app and len(reviewers) == 0:
        wrong = ReviewProblem(ReviewCode.MISSING, "the approving review that it stood for is gone")
    problems = (*problems, *refusals, *((wrong,) if wrong else ()))
    if not stands:
        problems = (*problems, *_what_is_missing(facts, len(by), needed, label))
    on_after = facts.label_present and wrong is None
    return ReviewState(
        stands=stands,
        by=tuple(sorted(by.values(), key=str.casefold)),
        needed=needed,
        problems=problems,
        remove_label=wrong.text if wrong and facts.label_present else "",
        set_label=stands and not on_after,
    )


def disqualified(person: Person, facts: ReviewInput) -> ReviewProblem | None:
    """Why that account's word does not count, or None where it does."""
    login = person.login
    if person.type != "User" or person.key.endswith("[bot]") or person.key == facts.app.key or not login:
        return ReviewProblem(ReviewCode.NOT_A_PERSON, f"{login or 'a deleted account'} is not a person", login)
    if person.key == facts.author.key:
        return ReviewProblem(
            ReviewCode.AUTHOR, f"{login} opened this pull request, and nobody reviews their own", login
        )
    prompted = facts.requester is not None and person.key == facts.requester.casefold()
    if prompted and not facts.policy.requester_may_approve:
        text = f"{login} asked the agent for this change, so somebody else must review it"
        return ReviewProblem(ReviewCode.REQUESTER, text, login)
    held = facts.permissions.get(person.key)
    if held is None or held.rank < facts.policy.permission.rank:
        text = f"{login} has {held or 'no'} permission here, and {facts.policy.permission} is asked for"
        return ReviewProblem(ReviewCode.PERMISSION, text, login)
    return None


def unmarked_by(facts: ReviewInput, marks: frozenset[str]) -> str | None:
    """The qualified person who took the agent's mark off this head, so that it counts as a person's.

    As a review, it is for one commit: what is pushed afterwards is looked at anew.

    Args:
        facts: as for the review; the same people qualify.
        marks: the casefolded labels that mark an agent's change.
    """
    events = [event for event in _in_order(facts) if event.label.casefold() in marks]
    if not events or events[-1].added:
        return None
    last = events[-1]
    problem = _through_app(last) or disqualified(last.actor, facts) or _stale(last, facts)
    return None if problem else last.actor.login


class _Label:
    """The review label's story: who holds it rightly, or what is wrong with it, and when it was last taken off."""

    def __init__(self, facts: ReviewInput) -> None:
        wanted = facts.policy.label.casefold()
        events = [event for event in _in_order(facts) if event.label.casefold() == wanted]
        last = events[-1] if events else None
        taken_off = [event for event in events if not event.added and event.actor.key != facts.app.key]
        self.closed_at = taken_off[-1].at if taken_off else None
        self.closed_by = taken_off[-1].actor.login if taken_off else ""
        self.holder: Person | None = None
        self.holder_since: datetime | None = None
        self.by_app = False
        self.problem: ReviewProblem | None = None
        if not facts.label_present:
            return
        if last is None or not last.added:
            text = "GitHub does not say who put the label on"
            self.problem = ReviewProblem(ReviewCode.UNKNOWN_ACTOR, text)
        elif last.actor.key == facts.app.key:
            self.by_app = True
        else:
            self.problem = _through_app(last) or disqualified(last.actor, facts) or _stale(last, facts)
            if self.problem is None:
                self.holder, self.holder_since = last.actor, last.at


def _through_app(event: LabelEvent) -> ReviewProblem | None:
    if not event.app:
        return None
    text = f"{event.actor.login} put it on through the app {event.app}, so a person may not have seen it"
    return ReviewProblem(ReviewCode.NOT_A_PERSON, text, event.actor.login)


def _stale(event: LabelEvent, facts: ReviewInput) -> ReviewProblem | None:
    """A label from before this head. Times have whole seconds, so a tie counts only if the event names this head."""
    if _before_this_base(event.at, facts):
        text = f"{event.actor.login} put it on when the change was to be merged into another branch"
        return ReviewProblem(ReviewCode.OLDER_HEAD, text, event.actor.login)
    same_head = event.head == facts.head
    if facts.head_since is None:
        current = same_head
    else:
        current = event.at >= facts.head_since if same_head else not event.head and event.at > facts.head_since
    if current:
        return None
    text = f"{event.actor.login} put it on an earlier commit, and a review is for one commit"
    return ReviewProblem(ReviewCode.OLDER_HEAD, text, event.actor.login)


def _before_this_base(at: datetime, facts: ReviewInput) -> bool:
    """Whether it was said of another diff: the same head shows less against a branch that has most of it already."""
    return facts.base_since is not None and at <= facts.base_since


def _in_order(facts: ReviewInput) -> list[LabelEvent]:
    """By time; within one second as GitHub listed them."""
    return sorted(facts.label_events, key=lambda event: event.at)


def _latest_by_person(facts: ReviewInput) -> Iterator[Review]:
    """Each person's last review that says yes or no: a later comment takes nothing back."""
    latest: dict[str, Review] = {}
    for review in sorted(facts.reviews, key=lambda review: review.at):
        if review.state not in (ReviewVerdict.COMMENTED, ReviewVerdict.PENDING):
            latest[review.person.key] = review
    yield from latest.values()


def _reviews(facts: ReviewInput, closed_at: datetime | None) -> tuple[list[Person], tuple[ReviewProblem, ...]]:
    """People whose approving review of this commit counts, and why others' do not.

    Somebody who took the label off closed the gate: what was approved before that does not open it again.
    """
    people: list[Person] = []
    problems: list[ReviewProblem] = []
    for review in _latest_by_person(facts):
        if review.state is not ReviewVerdict.APPROVED:
            continue
        login = review.person.login
        if (problem := disqualified(review.person, facts)) is not None:
            problems.append(problem)
        elif review.commit != facts.head:
            text = f"{login} approved an earlier commit, and a review is for one commit"
            problems.append(ReviewProblem(ReviewCode.OLDER_HEAD, text, login))
        elif _before_this_base(review.at, facts):
            text = f"{login} approved when the change was to be merged into another branch"
            problems.append(ReviewProblem(ReviewCode.OLDER_HEAD, text, login))
        elif closed_at is not None and review.at <= closed_at:
            text = f"the label was taken off after {login} approved"
            problems.append(ReviewProblem(ReviewCode.TAKEN_OFF, text, login))
        else:
            people.append(review.person)
    return people, tuple(problems)


def _requests_for_changes(facts: ReviewInput, holder_since: datetime | None) -> Iterator[ReviewProblem]:
    """People who qualify and ask for changes to this commit; who holds the label since has thought better of it."""
    last_label = max((e for e in facts.label_events if e.added), key=lambda e: e.at, default=None)
    for review in _latest_by_person(facts):
        if review.state is not ReviewVerdict.CHANGES_REQUESTED or review.commit != facts.head:
            continue
        if disqualified(review.person, facts) is not None:
            continue
        holds = last_label is not None and last_label.actor.key == review.person.key
        if holds and holder_since is not None and holder_since > review.at:
            continue
        login = review.person.login
        yield ReviewProblem(ReviewCode.CHANGES_REQUESTED, f"{login} asks for changes to this commit", login)


def _what_is_missing(facts: ReviewInput, have: int, needed: int, label: _Label) -> Iterator[ReviewProblem]:
    if label.holder is not None and facts.policy.exact_commit:
        text = "this repository asks for an approving review of this very commit; the label alone is not enough"
        yield ReviewProblem(ReviewCode.LABEL_NOT_ENOUGH, text)
    if 0 < have < needed:
        yield ReviewProblem(ReviewCode.TOO_FEW, f"{have} of {needed} people have reviewed this commit")
    elif have == 0:
        if label.closed_by and not facts.label_present:
            text = f"{label.closed_by} took the label off"
            yield ReviewProblem(ReviewCode.TAKEN_OFF, text, label.closed_by)
        people = "nobody has" if needed == 1 else f"none of the {needed} people asked for has"
        yield ReviewProblem(ReviewCode.MISSING, f"{people} reviewed this commit")


__all__ = [
    "LabelEvent",
    "Person",
    "Review",
    "ReviewCode",
    "ReviewInput",
    "ReviewProblem",
    "ReviewState",
    "ReviewVerdict",
    "assess",
    "disqualified",
    "permission_named",
    "unmarked_by",
]
