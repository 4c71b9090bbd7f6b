"""The stand-in's state: who and what there is on this GitHub. Guarded by one lock, `World.lock`."""

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


def now() -> datetime:
    """The time, to the second, as GitHub gives it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class User:
    id: int
    login: str
    type: str = "User"


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass
class IssueEvent:
    id: int
    event: str
    actor: User
    at: datetime
    label: str = ""
    commit: str = ""
    by_app: bool = False


@dataclass
class Review:
    id: int
    user: User
    state: str
    commit: str
    body: str
    at: datetime


@dataclass
class Comment:
    id: int
    user: User
    body: str
    at: datetime
    by_app: bool = False


@dataclass
class Activity:
    id: int
    actor: User
    ref: str
    before: str
    after: str
    kind: str
    at: datetime


@dataclass
class Pull:
    id: int
    number: int
    title: str
    body: str
    author: User
    head_repository: "Repository"
    head_ref: str
    head: str
    base_ref: str
    base: str
    created: datetime
    updated: datetime
    state: str = "open"
    draft: bool = False
    merged: bool = False
    closed: datetime | None = None
    labels: list[str] = field(default_factory=list)
    events: list[IssueEvent] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass
class RequiredCheck:
    """A rule on a branch. `app` is the App whose check runs alone count, or None for anybody's."""

    branch: str
    context: str
    app: int | None
    kind: str = "ruleset"


@dataclass
class Repository:
    id: int
    owner: User
    name: str
    path: Path
    default_branch: str = "main"
    private: bool = False
    fork_of: "Repository | None" = None
    created: datetime = field(default_factory=now)
    labels: dict[str, Label] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    rules: list[RequiredCheck] = field(default_factory=list)
    pulls: dict[int, Pull] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass
class CheckSuite:
    id: int
    repository: Repository
    head: str
    branch: str
    before: str
    created: datetime


@dataclass
class CheckRun:
    """A check run. `posts` keeps each state that was posted, in order: the request's body and when."""

    id: int
    repository: Repository
    suite: CheckSuite
    name: str
    head: str
    app: int
    external_id: str = ""
    details_url: str = ""
    status: str = "queued"
    conclusion: str | None = None
    started: str | None = None
    completed: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, str]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Installation:
    id: int
    account: User
    permissions: dict[str, str]
    created: datetime = field(default_factory=now)
    suspended: datetime | None = None


@dataclass
class Token:
    installation: int
    until: datetime
    permissions: dict[str, str]
    repositories: frozenset[int] | None


@dataclass
class Delivery:
    id: int
    guid: str
    event: str
    payload: dict[str, Any]
    installation: int | None
    repository: int | None
    redelivery: bool = False
    at: datetime = field(default_factory=now)
    duration: float = 0.0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""


@dataclass
class AppState:
    """The App under test: its key is made fresh by each process, its secret with each world."""

    id: int
    slug: str
    owner: User
    private_key: str
    public_key: RSAPublicKey
    secret: str
    permissions: dict[str, str]
    events: tuple[str, ...]
    hook_url: str = ""
    created: datetime = field(default_factory=now)


def new_key() -> tuple[str, RSAPublicKey]:
    """An App's private key as PEM, and the public one."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return pem.decode(), key.public_key()


@cache
def _key_of_this_process() -> tuple[str, RSAPublicKey]:
    """Making one takes a tenth of a second and more, so that all worlds of one process share it."""
    return new_key()


class World:
    """All there is. Whoever reads or changes it holds `lock`."""

    def __init__(self, folder: Path, *, permissions: dict[str, str], events: tuple[str, ...], slug: str) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self._ids = itertools.count(1001)
        self.url = ""
        self.users: dict[str, User] = {}
        self.emails: dict[str, User] = {}
        self.repositories: dict[str, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.check_suites: list[CheckSuite] = []
        self.check_runs: dict[int, CheckRun] = {}
        self.deliveries: list[Delivery] = []
        self.rate_remaining = 5000
        private, public = _key_of_this_process()
        owner = self.user("gatekeepers", type="Organization")
        self.app = AppState(
            self.id(), slug, owner, private, public, secrets.token_hex(32), dict(permissions), tuple(events)
        )
        self.bot = self.user(f"{slug}[bot]", type="Bot")
        self.web_flow = self.user("web-flow")

    def id(self) -> int:
        """A number never given before."""
        return next(self._ids)

    def user(self, login: str, *, type: str = "User", email: str = "") -> User:  # noqa: A002 - GitHub's own word
        """The account of that login, made where there is none yet; commits by that email are then its."""
        key = login.lower()
        if key not in self.users:
            self.users[key] = User(self.id(), login, type)
        self.emails[email or f"{key}@example.com"] = self.users[key]
        return self.users[key]

    def repository(self, full_name: str) -> Repository:
        """The repository of that full name; KeyError where there is none."""
        return self.repositories[full_name.lower()]

    def installation_for(self, repository: Repository) -> Installation | None:
        """The installation that covers a repository."""
        return next((item for item in self.installations.values() if item.account is repository.owner), None)

    def new_token(self, installation: Installation, permissions: dict[str, str], only: frozenset[int] | None) -> str:
        """A fresh token that lives an hour."""
        value = "ghs_" + secrets.token_urlsafe(27)
        self.tokens[value] = Token(installation.id, now() + timedelta(hours=1), permissions, only)
        return value

    def runs_on(self, repository: Repository, head: str) -> list[CheckRun]:
        """The check runs on a commit, oldest first."""
        return [run for run in self.check_runs.values() if run.repository is repository and run.head == head]

    def suite(self, repository: Repository, head: str, branch: str = "", before: str = "0" * 40) -> CheckSuite:
        """The App's check suite on a commit, made where there is none yet."""
        for suite in self.check_suites:
            if suite.repository is repository and suite.head == head:
                return suite
        suite = CheckSuite(self.id(), repository, head, branch, before, now())
        self.check_suites.append(suite)
        return suite


def stamp(at: datetime | None) -> str | None:
    """A time as GitHub writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
