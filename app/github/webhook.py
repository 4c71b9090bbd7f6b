"""The parts of GitHub's webhook payloads that we look at, with bounds for each value. Pure."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
# A repository may be called ".github", but never "." or "..".
_NAME = r"(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]{0,97}"
FullName = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9_-]{{1,100}}/{_NAME}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}(?:\[bot\])?$")]
Line = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{0,40}$")]
Number = Annotated[int, Field(strict=True, ge=1, lt=2**63)]


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Id(Part):
    id: Number


class Account(Part):
    login: Login
    id: Number
    type: Word = "User"


class Repository(Part):
    id: Number
    full_name: FullName


class Side(Part):
    sha: Sha
    ref: Line
    repo: Id | None = None


class PullRequest(Part):
    number: Number
    head: Side
    base: Side


class Label(Part):
    name: Line


class Review(Part):
    id: Number
    state: Word
    commit_id: Sha | None = None
    user: Account | None = None


class ListedSide(Part):
    sha: Sha
    repo: Id


class ListedPull(Part):
    """A pull request as check events list it. It may be one of another repository, a fork's."""

    number: Number
    head: ListedSide
    base: ListedSide


class CheckSuite(Part):
    id: Number
    head_sha: Sha
    app: Id | None = None
    pull_requests: Annotated[tuple[ListedPull, ...], Field(max_length=1000)] = ()


class CheckRun(Part):
    id: Number
    name: Line
    head_sha: Sha
    external_id: Line | None = None
    app: Id | None = None
    pull_requests: Annotated[tuple[ListedPull, ...], Field(max_length=1000)] = ()


class RequestedAction(Part):
    identifier: Line


class MergeGroup(Part):
    head_sha: Sha
    head_ref: Line
    base_sha: Sha
    base_ref: Line


class ListedRepository(Part):
    full_name: FullName


ListedRepositories = Annotated[tuple[ListedRepository, ...], Field(max_length=20_000)]


class Payload(Part):
    """What any event may hold. Which of it must be there is said by `REQUIRED`."""

    action: Word = ""
    installation: Id | None = None
    repository: Repository | None = None
    sender: Account | None = None
    number: Number | None = None
    pull_request: PullRequest | None = None
    label: Label | None = None
    changes: dict[str, Any] = Field(default_factory=dict)
    review: Review | None = None
    check_run: CheckRun | None = None
    check_suite: CheckSuite | None = None
    requested_action: RequestedAction | None = None
    merge_group: MergeGroup | None = None
    ref: Line = ""
    before: Sha | None = None
    after: Sha | None = None
    repositories: ListedRepositories = ()
    repositories_added: ListedRepositories = ()
    repositories_removed: ListedRepositories = ()


REQUIRED: dict[str, tuple[str, ...]] = {
    "ping": (),
    "pull_request": ("repository", "sender", "pull_request"),
    "pull_request_review": ("repository", "sender", "pull_request", "review"),
    "check_run": ("repository", "sender", "check_run"),
    "check_suite": ("repository", "sender", "check_suite"),
    "merge_group": ("repository", "merge_group"),
    "installation": ("installation", "sender"),
    "installation_repositories": ("installation", "sender"),
    "push": ("repository", "ref", "before", "after"),
}
