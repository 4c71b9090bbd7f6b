"""GitHub's answers as they come over the wire, checked field by field, and turned into our values. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.github.errors import UnexpectedAnswer
from app.github.types import (
    NOBODY,
    Account,
    AppInfo,
    ChangedPath,
    CheckRun,
    CommitAuthor,
    Delivery,
    DeliveryDetail,
    LabelEvent,
    Person,
    PullRequest,
    Push,
    Review,
)

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")


class Wire(BaseModel):
    """A part of an answer: what we do not name is passed over, what we name must be there and of its type."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireUser(Wire):
    login: str
    id: int = 0
    type: str = "User"

    def value(self) -> Person:
        return Person(login=self.login, type=self.type, id=self.id)


def _person(user: WireUser | None) -> Person:
    return user.value() if user else NOBODY


class WireRepository(Wire):
    full_name: str


class WireSide(Wire):
    sha: Sha
    ref: str
    repo: WireRepository | None = None


class WireLabel(Wire):
    name: str


class WirePull(Wire):
    number: int
    title: str
    body: str | None = None
    state: str
    draft: bool = False
    merged: bool = False
    merged_at: AwareDatetime | None = None
    user: WireUser | None
    labels: tuple[WireLabel, ...]
    head: WireSide
    base: WireSide
    created_at: AwareDatetime
    updated_at: AwareDatetime
    changed_files: int = 0
    commits: int = 0

    def value(self, repository: str) -> PullRequest:
        return PullRequest(
            repository=self.base.repo.full_name if self.base.repo else repository,
            number=self.number,
            title=self.title,
            body=self.body or "",
            state=self.state,
            draft=self.draft,
            merged=self.merged or self.merged_at is not None,
            author=_person(self.user),
            labels=tuple(label.name for label in self.labels),
            head=self.head.sha,
            head_ref=self.head.ref,
            head_repository=self.head.repo.full_name if self.head.repo else "",
            base=self.base.sha,
            base_ref=self.base.ref,
            created_at=self.created_at,
            updated_at=self.updated_at,
            changed_files=self.changed_files,
            commits=self.commits,
        )


class WireSignature(Wire):
    name: str | None = None
    email: str | None = None


class WireGitCommit(Wire):
    message: str
    author: WireSignature | None
    committer: WireSignature | None


class WireCommit(Wire):
    sha: Sha
    commit: WireGitCommit
    # GitHub gives {} where an email belongs to nobody it knows, and null where it has none.
    author: WireUser | dict[str, Any] | None
    committer: WireUser | dict[str, Any] | None

    def value(self) -> CommitAuthor:
        author, committer = self.commit.author or WireSignature(), self.commit.committer or WireSignature()
        return CommitAuthor(
            sha=self.sha,
            name=author.name or "",
            email=author.email or "",
            committer_name=committer.name or "",
            committer_email=committer.email or "",
            message=self.commit.message,
            author=self.author.value() if isinstance(self.author, WireUser) else None,
            committer=self.committer.value() if isinstance(self.committer, WireUser) else None,
        )


class WireFile(Wire):
    filename: str
    status: str
    previous_filename: str = ""
    additions: int = 0
    deletions: int = 0

    def value(self) -> ChangedPath:
        return ChangedPath(self.filename, self.status, self.previous_filename, self.additions, self.deletions)


class WireApp(Wire):
    id: int
    slug: str = ""
    name: str = ""
    permissions: dict[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()

    def value(self) -> AppInfo:
        return AppInfo(self.id, self.slug, self.name, dict(self.permissions), self.events)


class WireEvent(Wire):
    """An entry of a timeline: `event` says which kind, and which of the other fields are there."""

    event: str = ""
    actor: WireUser | None = None
    label: WireLabel | None = None
    created_at: AwareDatetime | None = None
    performed_via_github_app: WireApp | None = None

    def label_event(self) -> LabelEvent | None:
        if self.event not in {"labeled", "unlabeled"} or not self.label or not self.created_at:
            return None
        app = self.performed_via_github_app.slug if self.performed_via_github_app else ""
        return LabelEvent(_person(self.actor), self.label.name, self.event == "labeled", self.created_at, app)


class WireReview(Wire):
    id: int
    user: WireUser | None
    state: str
    commit_id: Sha | None = None
    submitted_at: AwareDatetime | None = None

    def value(self) -> Review | None:
        """None for one not submitted yet, or whose commit is gone: neither counts for anything."""
        if self.submitted_at is None or self.commit_id is None:
            return None
        return Review(self.id, _person(self.user), self.state.upper(), self.commit_id, self.submitted_at)


class WirePush(Wire):
    actor: WireUser | None
    before: Sha
    after: Sha
    timestamp: AwareDatetime
    activity_type: str

    def value(self) -> Push:
        return Push(_person(self.actor), self.before, self.after, self.timestamp, self.activity_type)


class WirePermission(Wire):
    permission: str
    role_name: str = ""
    user: WireUser | None = None


class WireOutput(Wire):
    annotations_count: int = 0


class WireCheckRun(Wire):
    id: int
    name: str
    head_sha: Sha
    external_id: str | None = None
    status: str
    conclusion: str | None = None
    output: WireOutput
    html_url: str | None = None
    app: WireApp | None = None

    def value(self) -> CheckRun:
        return CheckRun(
            id=self.id,
            name=self.name,
            external_id=self.external_id or "",
            head=self.head_sha,
            status=self.status,
            conclusion=self.conclusion,
            annotations=self.output.annotations_count,
            html_url=self.html_url or "",
        )


class WireAnnotation(Wire):
    path: str
    start_line: int
    end_line: int
    annotation_level: str | None = None
    message: str | None = None
    title: str | None = None


class WireContent(Wire):
    type: str
    encoding: str = ""
    size: int = 0
    content: str = ""


class WireInstallation(Wire):
    id: int
    account: WireUser
    suspended_at: datetime | None = None
    permissions: dict[str, str]
    events: tuple[str, ...] = ()
    repository_selection: str = "all"

    def value(self) -> Account:
        return Account(
            installation=self.id,
            account=self.account.value(),
            suspended=self.suspended_at is not None,
            permissions=dict(self.permissions),
            events=self.events,
            repository_selection=self.repository_selection,
        )


class WireDelivery(Wire):
    id: int
    guid: str
    event: str
    action: str | None = None
    status_code: int
    redelivery: bool
    delivered_at: AwareDatetime
    installation_id: int | None = None
    repository_id: int | None = None

    def value(self) -> Delivery:
        return Delivery(
            id=self.id,
            guid=self.guid,
            event=self.event,
            action=self.action or "",
            status_code=self.status_code,
            redelivery=self.redelivery,
            at=self.delivered_at,
            installation=self.installation_id,
            repository_id=self.repository_id,
        )


class WireDeliveryRequest(Wire):
    headers: dict[str, str] | None = None
    payload: dict[str, Any] | None = None


class WireDeliveryDetail(WireDelivery):
    request: WireDeliveryRequest

    def detail(self) -> DeliveryDetail:
        return DeliveryDetail(self.value(), self.request.payload or {}, self.request.headers or {})


class WireComment(Wire):
    id: int
    body: str | None = None
    user: WireUser | None = None
    performed_via_github_app: WireApp | None = None


class WireRequiredContext(Wire):
    context: str
    integration_id: int | None = None
    app_id: int | None = None


class WireRuleParameters(Wire):
    required_status_checks: tuple[WireRequiredContext, ...] = ()


class WireRule(Wire):
    type: str
    parameters: WireRuleParameters | None = None
    ruleset_id: int | None = None
    ruleset_source: str = ""


class WireProtectedChecks(Wire):
    enforcement_level: str = ""
    contexts: tuple[str, ...] = ()
    checks: tuple[WireRequiredContext, ...] = ()


class WireProtection(Wire):
    required_status_checks: WireProtectedChecks | None = None


class WireCommitId(Wire):
    sha: Sha


class WireBranch(Wire):
    commit: WireCommitId
    protected: bool = False
    protection: WireProtection | None = None


def read(model: type[Model], data: Any) -> Model:
    """Data as one of the above.

    Raises:
        UnexpectedAnswer: it is not; the text names fields only, none of their values.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "all of it" for item in error.errors()[:5])
        raise UnexpectedAnswer(f"GitHub's answer is not as described ({model.__name__}: {fields})") from None


def read_all(model: type[Model], items: Any, value: Callable[[Model], Value | None]) -> tuple[Value, ...]:
    """Each of a list's items as a value; those that are None are left out."""
    values = (value(read(model, item)) for item in items)
    return tuple(item for item in values if item is not None)
