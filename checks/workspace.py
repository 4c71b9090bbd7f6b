"""Reading a file of a hostile tree without being led out of it. Standard library only."""

import os
import stat
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # non-blocking: a FIFO must not hold us


def read_regular(root: Path, path: str, limit: int) -> bytes | None:
    """The bytes of a regular file beneath `root`, no symlink followed on the way.

    Args:
        root: the tree's folder, which is ours.
        path: relative path with "/" between its parts, as git names it.
        limit: most bytes to read; a longer file gives `limit + 1` bytes, so that the caller can tell.

    Returns:
        None where there is no regular file at that path, or a part of the path is a symlink.
    """
    *folders, name = path.split("/")
    if not name or any(part in {"", ".", ".."} for part in (*folders, name)):
        return None
    try:
        handle = os.open(root, _FOLDER)
        for part in folders:
            handle = _step(handle, part, _FOLDER)
        with os.fdopen(_step(handle, name, _FILE), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return file.read(limit + 1)
    except (OSError, ValueError):  # absent, a symlink, no permission; or a name that no file can have
        return None


def _step(folder: int, part: str, flags: int) -> int:
    """Open one part of a path in an open folder, and close that folder."""
    try:
        return os.open(part, flags, dir_fd=folder)
    finally:
        os.close(folder)
