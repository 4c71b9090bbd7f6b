"""Whether a person's review stands for this head: DESIGN's rule, as a pure function of facts asked of GitHub.

The label counts when a person with the permission asked for put it on, who is neither the author, nor who prompted the
agent, nor an app, while this head was the head. An approving review of this very commit counts as well, and has the app
set the label. What is given here are GitHub's own records (timeline, reviews, permissions), never a payload's word.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.gate.policy_model import Permission
from app.gate.policy_model import Review as ReviewPolicy


@dataclass(frozen=True, slots=True)
class Person:
    """An account on GitHub. `type` is GitHub's: `User`, `Bot`, `Organization`, `Mannequin`."""

    login: str
    type: str = "User"

    @property
    def key(self) -> str:
        """The login to compare by: GitHub's logins know no case."""
        return self.login.casefold()


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """A label put on (`added`) or taken off. `head` is the pull request's head at that moment, empty if not known.

    `app` is the App through which the account did it, empty for none: a person's token in an App's hand is no person.
    """

    actor: Person
    label: str
    added: bool
    head: str
    at: datetime
    app: str = ""


class ReviewVerdict(enum.StrEnum):
    """What a review says, as GitHub names it."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Review:
    """A submitted review of one commit."""

    person: Person
    commit: str
    state: ReviewVerdict
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewInput:
    """The facts.

    `head_since` is when this head became the head, None if not known: then only a label event that itself names this
    head counts. `permissions` is by casefolded login; who is missing has none. `approvals` is how many people are
    asked for (the policy's, or more for protected paths).
    """

    policy: ReviewPolicy
    head: str
    head_since: datetime | None
    author: Person
    app: Person
    label_present: bool
    requester: str | None = None
    label_events: tuple[LabelEvent, ...] = ()
    reviews: tuple[Review, ...] = ()
    permissions: Mapping[str, Permission] = field(default_factory=dict)
    approvals: int = 1


def permission_named(name: str) -> Permission | None:
    """The permission with GitHub's name for it; None for "none", and for a name that is not known."""
    return next((permission for permission in Permission if permission == name), None)


class ReviewCode(enum.StrEnum):
    """Why a label or a review does not count, or what is missing."""

    MISSING = "missing"
    TOO_FEW = "too-few"
    NOT_A_PERSON = "not-a-person"
    AUTHOR = "author"
    REQUESTER = "requester"
    PERMISSION = "permission"
    OLDER_HEAD = "older-head"
    UNKNOWN_ACTOR = "unknown-actor"
    LABEL_NOT_ENOUGH = "label-not-enough"
    TAKEN_OFF = "taken-off"
    CHANGES_REQUESTED = "changes-requested"


@dataclass(frozen=True, slots=True)
class ReviewProblem:
    """One reason why the review does not stand, for a person. `login` is whom it is about, if anyone."""

    code: ReviewCode
    text: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class ReviewState:
    """What the facts come to.

    `by` are the people whose review counts, sorted. Where `remove_label` is not empty the label is to be taken off, and
    it says why; `set_label` asks the app to put it on (after removing it, where both are asked). Texts name logins:
    escape them to show.
    """

    stands: bool
    by: tuple[str, ...] = ()
    needed: int = 1
    problems: tuple[ReviewProblem, ...] = ()
    remove_label: str = ""
    set_label: bool = False


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
    """The qualified person who last took the agent's mark off, so that the change counts as a person's.

    Args:
        facts: as for the review; the same people qualify.
        marks: the casefolded labels that mark an agent's change.
    """
    events = [event for event in _in_order(facts) if event.label.casefold() in marks]
    if not events or events[-1].added or events[-1].app or disqualified(events[-1].actor, facts) is not None:
        return None
    return events[-1].actor.login


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
    same_head = event.head == facts.head
    if facts.head_since is None:
        current = same_head
    else:
        current = event.at >= facts.head_since if same_head else not event.head and event.at > facts.head_since
    if current:
        return None
    text = f"{event.actor.login} put it on an earlier commit, and a review is for one commit"
    return ReviewProblem(ReviewCode.OLDER_HEAD, text, event.actor.login)


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
