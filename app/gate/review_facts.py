"""The facts of a review as GitHub records them, and what they come to. A leaf of the gate: types only."""

import enum
from collections.abc import Mapping
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
    head counts. `base_since` is when the branch to merge into was last changed, None for never: what was said before
    was said of another diff. `permissions` is by casefolded login; who is missing has none. `approvals` is how many
    people are asked for (the policy's, or more for protected paths).
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
    base_since: datetime | None = None


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
