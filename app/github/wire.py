"""Pull requests, and what belongs to them, as they come over the wire, turned into our values. Pure."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from app.github.types import (
    ChangedPath,
    CheckRun,
    CommitAuthor,
    LabelEvent,
    PullRequest,
    Push,
    Review,
)
from app.github.wire_base import Sha, Wire, WireApp, WireUser, person_of

# Another branch to merge into, chosen by a person or by GitHub as the old one went; or that branch rewritten.
_RETARGETING = frozenset({"base_ref_changed", "automatic_base_change_succeeded", "base_ref_force_pushed"})


class WireRepository(Wire):
    full_name: str
    default_branch: str | None = None


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
            author=person_of(self.user),
            labels=tuple(label.name for label in self.labels),
            head=self.head.sha,
            head_ref=self.head.ref,
            head_repository=self.head.repo.full_name if self.head.repo else "",
            base=self.base.sha,
            base_ref=self.base.ref,
            default_branch=(self.base.repo.default_branch or "") if self.base.repo else "",
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
        return LabelEvent(person_of(self.actor), self.label.name, self.event == "labeled", self.created_at, app)

    def retargeted_at(self) -> datetime | None:
        """When it changed what the pull request is compared with; None for every other entry."""
        return self.created_at if self.event in _RETARGETING else None


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
        return Review(self.id, person_of(self.user), self.state.upper(), self.commit_id, self.submitted_at)


class WirePush(Wire):
    actor: WireUser | None
    before: Sha
    after: Sha
    timestamp: AwareDatetime
    activity_type: str

    def value(self) -> Push:
        return Push(person_of(self.actor), self.before, self.after, self.timestamp, self.activity_type)


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


class WireComment(Wire):
    id: int
    body: str | None = None
    user: WireUser | None = None
    performed_via_github_app: WireApp | None = None
