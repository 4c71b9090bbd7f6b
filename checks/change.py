"""A change as the checks see it: the files it touches and the lines it adds. Read-only."""

import enum
from dataclasses import dataclass
from pathlib import Path


class FileStatus(enum.StrEnum):
    """What the change did to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of the change.

    `added` are the line numbers, from 1 in the head's file, that the change put there; `removed` is how many of base's
    it took away. A binary file has no lines. `mode` is git's, of the head's file ("100644", "100755", "120000" a
    symlink, "160000" a submodule); for a deleted file, base's.
    """

    path: str
    status: FileStatus
    added: frozenset[int] = frozenset()
    removed: int = 0
    old_path: str = ""
    mode: str = "100644"
    binary: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A head commit, the merge base it is judged against, and the diff between them.

    `head_tree` and `base_tree` are workspaces on disk: plain files, hostile content, no git metadata. Never follow a
    symlink in them: `checks.workspace.read_regular` does not.
    """

    base: str
    head: str
    files: tuple[ChangedFile, ...]
    head_tree: Path
    base_tree: Path

    def file(self, path: str) -> ChangedFile | None:
        """The changed file at that path of the head, if the change touches it."""
        return next((f for f in self.files if f.path == path), None)

    @property
    def added(self) -> int:
        """Lines the change adds, in all its text files."""
        return sum(len(f.added) for f in self.files)

    @property
    def removed(self) -> int:
        """Lines the change removes."""
        return sum(f.removed for f in self.files)
