"""What can go wrong with a repository, told apart by whose fault it is."""


class RepositoryError(Exception):
    """The base of this package's errors; its text says what to do next."""


class FetchTrouble(RepositoryError):  # noqa: N818 - the project's word for a fault that is not the change's
    """Git or the network failed, for a reason of ours or GitHub's: worth another try."""


class CommitMissing(RepositoryError):  # noqa: N818
    """The commit or ref is not there (force-pushed away, branch deleted, or a wrong name).

    Attributes:
        revision: what was asked for.
    """

    def __init__(self, revision: str) -> None:
        super().__init__(f"there is no commit {revision[:200]!r} in this repository; check the name, or push it first")
        self.revision = revision


class ShallowClone(CommitMissing):
    """The local repository holds a part of its history only, so where the change left its base cannot be known."""

    def __init__(self, path: str) -> None:
        RepositoryError.__init__(
            self, f"{path} is a shallow clone: bring its history first, with `git fetch --unshallow` (CI: full depth)"
        )
        self.revision = path


class NotARepository(RepositoryError):  # noqa: N818
    """The folder is no repository that git will read: none is there, or it is another user's."""


class NoMergeBase(RepositoryError):  # noqa: N818
    """Head and base share no history, so there is no change to judge."""

    def __init__(self, base: str, head: str) -> None:
        super().__init__(
            f"{head[:12]} and {base[:12]} share no commit, so there is nothing to compare; "
            "rebase the change onto its base branch"
        )


class HostileTree(RepositoryError):  # noqa: N818
    """The change holds something that is never written to disk. The change's fault; trying again changes nothing.

    Attributes:
        reason: what is wrong, in words.
        path: where, as git has it (bytes that are no UTF-8 as surrogates); escape it where it is shown.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{reason}: {path!r}" if path else reason)
        self.reason = reason
        self.path = path


class TooLarge(HostileTree):
    """The change or its repository is over a limit: files, bytes, depth, commits, lines or transfer."""
