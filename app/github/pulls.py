"""Reading what the gate judges: pull requests, their commits, labels, reviews, and who may do what."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.github.errors import Gone, TooLarge, UnexpectedAnswer
from app.github.transport import Calls, repository_path, route
from app.github.types import (
    ChangedPath,
    Commits,
    LabelEvent,
    Permission,
    PullRequest,
    Push,
    Review,
)
from app.github.wire import (
    WireCommit,
    WireContent,
    WireEvent,
    WireFile,
    WirePermission,
    WirePull,
    WirePush,
    WireRepository,
    WireReview,
)
from app.github.wire_base import read, read_all
from app.github.wire_rules import WireBranch

_MIB = 1024 * 1024
_COMMITS_LISTED = 250  # GitHub lists no more, without saying so


class PullCalls(Calls):
    """What can be read of pull requests in an installation's name. Every list is read whole or `TooLarge` is raised."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """A pull request as it is now.

        Raises:
            Gone: there is none of that number, or the repository is not ours to see.
        """
        data = self._get(repository_path(repository) + route("/pulls/{}", number))
        return read(WirePull, data).value(repository)

    def open_pull_requests(self, repository: str, *, limit: int = 1000) -> tuple[PullRequest, ...]:
        """The open pull requests, newest first; `limit` bounds how many are read. Whoever may open one chooses how many
        there are, so more than that is no error: it would keep all the others from being looked at."""
        items = self._newest(repository_path(repository) + "/pulls", -(-limit // 100), state="open")
        return read_all(WirePull, items, lambda pull: pull.value(repository))

    def pull_requests_with(self, repository: str, commit: str) -> tuple[PullRequest, ...]:
        """The open pull requests whose head is this very commit, those from forks too."""
        items = self._list(repository_path(repository) + route("/commits/{}/pulls", commit))
        pulls = read_all(WirePull, items, lambda pull: pull.value(repository))
        return tuple(pull for pull in pulls if pull.open and pull.head == commit)

    def commits(self, repository: str, number: int) -> Commits:
        """The pull request's commits, oldest first; 250 at most, see `Commits.complete`."""
        path = repository_path(repository) + route("/pulls/{}/commits", number)
        items = read_all(WireCommit, self._list(path, limit=4), lambda commit: commit.value())
        return Commits(items, complete=len(items) < _COMMITS_LISTED)

    def changed_files(self, repository: str, number: int) -> tuple[ChangedPath, ...]:
        """The files that the pull request changes, as GitHub sees it (3,000 at most)."""
        path = repository_path(repository) + route("/pulls/{}/files", number)
        return read_all(WireFile, self._list(path, limit=31), lambda file: file.value())

    def branch_tip(self, repository: str, branch: str) -> str:
        """The commit that a branch is at."""
        return read(WireBranch, self._get(repository_path(repository) + route("/branches/{}", branch))).commit.sha

    def file_at(self, repository: str, path: str, commit: str, *, limit: int = _MIB) -> bytes | None:
        """A file's content at a commit, or None where that commit has no such file.

        Args:
            repository: its full name.
            path: of the file, from the repository's root.
            commit: full SHA.
            limit: bytes; GitHub's own for this way of asking is 1 MiB.

        Raises:
            Gone: the commit or the repository cannot be seen: that is not "no such file".
            TooLarge: the file is over the limit.
            UnexpectedAnswer: there is something else than a file at that path.
        """
        root = repository_path(repository)
        try:
            data = self._get(root + "/contents/" + "/".join(route("{}", part) for part in path.split("/")), ref=commit)
        except Gone:
            self._get(root + route("/git/commits/{}", commit))
            return None
        return _content(data, path, limit)

    def label_events(self, repository: str, number: int) -> tuple[LabelEvent, ...]:
        """Every label put on or taken off, oldest first, with who did it."""
        path = repository_path(repository) + route("/issues/{}/events", number)
        return read_all(WireEvent, self._list(path, limit=30), lambda event: event.label_event())

    def retargeted_at(self, repository: str, number: int) -> datetime | None:
        """When the branch that the pull request is to be merged into was last changed or rewritten; None for never."""
        path = repository_path(repository) + route("/issues/{}/events", number)
        return max(read_all(WireEvent, self._list(path, limit=30), lambda event: event.retargeted_at()), default=None)

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        """The submitted reviews, oldest first."""
        path = repository_path(repository) + route("/pulls/{}/reviews", number)
        return read_all(WireReview, self._list(path, limit=30), lambda review: review.value())

    def permission(self, repository: str, login: str) -> Permission:
        """What an account may do in the repository. An account that GitHub does not know may do nothing."""
        path = repository_path(repository) + route("/collaborators/{}/permission", login)
        try:
            answer = read(WirePermission, self._get(path))
        except Gone:
            self._get(repository_path(repository))
            return Permission.NONE
        return _permission((answer.role_name, answer.permission))

    def pushes(self, repository: str, branch: str, *, limit: int = 300) -> tuple[Push, ...]:
        """What moved a branch, newest first, with GitHub's own times; only the newest `limit` are read."""
        items = self._newest(repository_path(repository) + "/activity", -(-limit // 100), ref=f"refs/heads/{branch}")
        return read_all(WirePush, items, lambda push: push.value())

    def head_since(self, pull: PullRequest) -> datetime | None:
        """Since when the pull request's head has been its head, by GitHub's own record of pushes.

        Commits' dates are their makers' to choose, so they are not looked at. None where GitHub's record does not say
        (heads in forks, where the App cannot look, and branches with very long histories): then nothing older than what
        we saw ourselves may count.
        """
        if pull.from_fork:
            return None
        for push in self.pushes(pull.repository, pull.head_ref):
            if push.after == pull.head:
                return max(push.at, pull.created_at)
        return None

    def repositories(self, *, limit: int = 5000) -> tuple[str, ...]:
        """The full names of the repositories that the installation covers."""
        items = self._list("/installation/repositories", key="repositories", limit=-(-limit // 100))
        return read_all(WireRepository, items, lambda repository: repository.full_name)

    def _newest(self, path: str, limit: int, **query: str) -> Iterable[Any]:
        try:
            yield from self._list(path, limit=limit, **query)
        except TooLarge:
            return  # older ones are of no interest here


def _permission(names: tuple[str, str]) -> Permission:
    """The role's name says maintain and triage, which the older field folds into write and read; a role that an
    organisation made up is known by the older field only."""
    for name in names:
        if name in set(Permission):
            return Permission(name)
    return Permission.NONE


def _content(data: Any, path: str, limit: int) -> bytes:
    if isinstance(data, list):
        raise UnexpectedAnswer(f"{path!r} is a folder, not a file")
    content = read(WireContent, data)
    if content.type != "file":
        raise UnexpectedAnswer(f"{path!r} is a {content.type}, not a file")
    if content.size > limit or content.encoding == "none":
        raise TooLarge(f"{path!r} has {content.size} bytes, more than the {limit} that are read")
    try:
        decoded = base64.b64decode(content.content) if content.encoding == "base64" else None
    except binascii.Error:
        decoded = None
    if decoded is None or len(decoded) != content.size:
        raise UnexpectedAnswer(f"GitHub's answer does not hold the {content.size} bytes of {path!r} in base64")
    return decoded
