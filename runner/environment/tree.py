"""A read-only view of a tree of files that somebody hostile may have made: no symlink followed, every size bounded."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MAX_TEXT = 1024 * 1024
MAX_FILES = 200_000
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Tree:
    """Files below one folder, by their paths relative to it ("tests/test_a.py")."""

    def __init__(self, root: Path) -> None:
        """Look at the folder `root`; nothing is read yet."""
        self.root = root

    def read(self, path: str) -> str | None:
        """A file's text; None where there is no such plain file below the root, or it is larger than `MAX_TEXT`."""
        data = self.read_bytes(path, MAX_TEXT)
        return None if data is None else data.decode("utf-8", "replace")

    def read_bytes(self, path: str, limit: int) -> bytes | None:
        """A file's content; None where there is no such plain file, or it is larger than `limit` bytes."""
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or PurePosixPath(path).is_absolute() or "\0" in path:
            return None
        folder = os.open(self.root, _OPEN | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                inner = os.open(part, _OPEN | os.O_DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = inner
            with os.fdopen(os.open(parts[-1], _OPEN, dir_fd=folder), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                data = file.read(limit + 1)
                return data if len(data) <= limit else None
        except OSError:
            return None
        finally:
            os.close(folder)

    def files(self) -> Iterator[str]:
        """Paths of plain files, sorted within each folder, at most `MAX_FILES`; `.git` is left out."""
        left = MAX_FILES
        for folder, folders, names in os.walk(self.root, followlinks=False):
            folders[:] = sorted(name for name in folders if name != ".git")
            inner = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            for name in sorted(names):
                if left == 0:
                    return
                if not (Path(folder) / name).is_symlink():
                    left -= 1
                    yield str(inner / name)
