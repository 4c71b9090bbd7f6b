"""Folders in which a change's files lie while it is judged; made, removed, and swept after a crash."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.repository.locking import locked

_OWNER = "owner.lock"


class Workspaces:
    """The workspaces below one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir.absolute() / "workspaces"

    @contextlib.contextmanager
    def new(self) -> Iterator[Path]:
        """A fresh empty folder, ours alone, gone afterwards whatever happened in it."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.directory))
            # Held while we live: that is how another process tells a leftover from a workspace in use.
            owner = os.open(folder / _OWNER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(owner, fcntl.LOCK_EX)
        try:
            inside = folder / "files"
            inside.mkdir(0o755)
            yield inside
        finally:
            remove(folder)
            os.close(owner)

    def sweep(self) -> int:
        """Remove what dead processes left behind; gives how many. Called when a worker starts."""
        removed = 0
        if not self.directory.is_dir():
            return 0
        with self._alone():
            for folder in self.directory.glob("run-*"):
                if _abandoned(folder):
                    remove(folder)
                    removed += 1
        return removed

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        return locked(self.directory / "lock", seconds=60)


def remove(folder: Path) -> None:
    """Remove a folder and all in it, folders that the change's own code made unreadable too."""
    for root, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(root, 0o700)  # noqa: PTH101 - a folder that os.walk entered, no symlink
    shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / _OWNER, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
