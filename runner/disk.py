"""How much a command has written where it may, watched while it writes."""

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from runner.sandbox import EndedBy

DEEPEST = 128  # folders below one another; deeper ones are made to hide something or to break who looks
ENTRY = 4096  # bytes charged for each file or folder, so that a flood of empty ones meets the limit too
SHORTEST_PAUSE = 0.2  # seconds between two looks
WORK_SHARE = 4  # a look is followed by a pause this many times as long
BLOCK = 512  # bytes of one `st_blocks`
FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class TooDeepError(Exception):
    """A tree has more levels than any honest one."""


class _Level:
    """One folder that is being listed, held by its descriptor so that nothing can be put in its place."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._listing = os.scandir(descriptor)

    def next(self) -> os.DirEntry[str] | None:
        return next(self._listing, None)

    def close(self) -> None:
        self._listing.close()
        os.close(self.descriptor)


def used(top: Path, *, enough: int, stop: threading.Event | None = None) -> int:
    """Bytes on disk below `top`, and a block for each entry. Safe while hostile programs change the tree.

    Args:
        top: the folder.
        enough: once more was counted, nothing further is looked at.
        stop: ends the counting early.

    Raises:
        TooDeepError: more than `DEEPEST` levels.
    """
    total = 0
    levels: list[_Level] = []
    try:
        levels.append(_Level(os.open(top, FLAGS)))
        while levels and total <= enough and not (stop is not None and stop.is_set()):
            entry = levels[-1].next()
            if entry is None:
                levels.pop().close()
                continue
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                found = entry.stat(follow_symlinks=False)
                total += found.st_blocks * BLOCK + ENTRY
                if stat.S_ISDIR(found.st_mode):
                    if len(levels) >= DEEPEST:
                        raise TooDeepError(str(top))
                    levels.append(_Level(os.open(entry.name, FLAGS, dir_fd=levels[-1].descriptor)))
    finally:
        for level in levels:
            level.close()
    return total


class DiskWatch:
    """Looks at what was written, in a thread of its own, as long as its block lasts.

    Honest trees are small enough to be looked at every fifth of a second; where one is not, looking takes a fifth
    of the time at most.
    """

    def __init__(self, tops: Iterable[Path], limit: int) -> None:
        self._tops = tuple(top for top in tops if top.is_dir())
        self._limit = limit
        self._over = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="disk-watch", daemon=True)

    def __enter__(self) -> Self:
        if self._tops:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._tops:
            self._thread.join()

    def limit_met(self) -> EndedBy | None:
        """`DISK` once more was written than is allowed."""
        return EndedBy.DISK if self._over.is_set() else None

    def _look(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stop.wait(pause):
            began = time.monotonic()
            try:
                if sum(used(top, enough=self._limit, stop=self._stop) for top in self._tops) > self._limit:
                    self._over.set()
            except (TooDeepError, OSError):  # nothing honest cannot be looked at
                self._over.set()
            pause = max(SHORTEST_PAUSE, WORK_SHARE * (time.monotonic() - began))
