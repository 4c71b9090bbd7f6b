"""What the gate needs to know of GitHub, as read-only values. A leaf: standard library only.

Texts in them (titles, bodies, logins, labels, messages) come from outside: escape them wherever they are shown.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `type` is GitHub's: User, Bot, Organization, Mannequin; an App acts as a Bot, "name[bot]"."""

    login: str
    type: str
    id: int = 0

    @property
    def human(self) -> bool:
        """Whether GitHub holds it for a person's account."""
        return self.type == "User" and not self.login.endswith("[bot]")


NOBODY = Person(login="ghost", type="Mannequin")
"""Stands for an account that was deleted: it counts for nothing."""


class Permission(enum.StrEnum):
    """What an account may do in a repository. Ordered: see `rank`."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(Permission).index(self)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it is now. Commits are full SHAs; `head_repository` is "" where a fork was deleted."""

    repository: str
    number: int
    title: str
    body: str
    state: str
    draft: bool
    merged: bool
    author: Person
    labels: tuple[str, ...]
    head: str
    head_ref: str
    head_repository: str
    base: str
    base_ref: str
    created_at: datetime
    updated_at: datetime
    changed_files: int = 0
    commits: int = 0
    default_branch: str = ""

    @property
    def open(self) -> bool:
        """Whether it can still be merged."""
        return self.state == "open" and not self.merged

    @property
    def from_fork(self) -> bool:
        """Whether its head lives in another repository."""
        return self.head_repository.lower() != self.repository.lower()


@dataclass(frozen=True, slots=True)
class CommitAuthor:
    """A commit of a pull request. Name, email and message are what its maker wrote; `author` and `committer` are the
    accounts that GitHub ties to the emails, or None: emails can be forged, so they identify nobody."""

    sha: str
    name: str
    email: str
    committer_name: str
    committer_email: str
    message: str
    author: Person | None
    committer: Person | None


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits of a pull request, oldest first. GitHub lists 250 at most; `complete` says whether these are all."""

    items: tuple[CommitAuthor, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """A file as GitHub lists it for a pull request."""

    path: str
    status: str
    previous: str = ""
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """A label put on or taken off. `app` is the slug of the App through which it was done, or "" for none."""

    actor: Person
    label: str
    added: bool
    at: datetime
    app: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A submitted review of exactly `commit`. `state` is APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED."""

    id: int
    person: Person
    state: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Push:
    """A push to a branch, with GitHub's own time: unlike a commit's date its maker cannot choose it."""

    actor: Person
    before: str
    after: str
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """Whether a check must be green before a branch can be merged into.

    `by` names what asks for it, for a person; `bound` says whether only this App's check run counts: otherwise any App
    or workflow with write access can post a green one of the same name. `unsure` says why we could not see all.
    """

    required: bool
    bound: bool
    by: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Where an App is installed."""

    installation: int
    account: Person
    suspended: bool
    permissions: dict[str, str] = field(hash=False)
    events: tuple[str, ...] = ()
    repository_selection: str = "all"


@dataclass(frozen=True, slots=True)
class AppInfo:
    """The App itself, as GitHub knows it."""

    id: int
    slug: str
    name: str
    permissions: dict[str, str] = field(hash=False)
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the App's delivery log. `guid` stays the same when it is delivered again, `id` does not."""

    id: int
    guid: str
    event: str
    action: str
    status_code: int
    redelivery: bool
    at: datetime
    installation: int | None
    repository_id: int | None


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """A delivery with what was sent."""

    delivery: Delivery
    payload: dict[str, Any] = field(hash=False)
    headers: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run that this App posted."""

    id: int
    name: str
    external_id: str
    head: str
    status: str
    conclusion: str | None
    annotations: int
    html_url: str = ""


class AnnotationLike(Protocol):
    """A remark at lines of a file in the head. Lines count from 1."""

    @property
    def path(self) -> str: ...
    @property
    def start_line(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def level(self) -> str:
        """notice, warning or failure."""
        ...

    @property
    def message(self) -> str: ...
    @property
    def title(self) -> str: ...


class ActionLike(Protocol):
    """A button on a check run: label ≤ 20, description ≤ 40, identifier ≤ 20 characters."""

    @property
    def label(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def identifier(self) -> str: ...


class CheckRunLike(Protocol):
    """What is posted as a check run; the gate's report makes it. `conclusion` goes with `status` "completed" only."""

    @property
    def name(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def head_sha(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def conclusion(self) -> str | None: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def annotations(self) -> Sequence[AnnotationLike]: ...
    @property
    def actions(self) -> Sequence[ActionLike]: ...
    @property
    def details_url(self) -> str: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def completed_at(self) -> datetime | None: ...
