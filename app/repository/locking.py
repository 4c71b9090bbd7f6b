"""A lock between processes on one mirror."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.repository.process import Watch


@contextlib.contextmanager
def locked(path: Path, *, seconds: float, cancel: threading.Event | None = None) -> Iterator[None]:
    """Hold the file's lock; the kernel lets go of it when the process dies.

    Raises:
        FetchTrouble: somebody else held it all the while.
        Cancelled: the event was set while we waited.
    """
    watch = Watch(seconds, cancel)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try(descriptor):
            watch.check()
            _pause(cancel)
        yield
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pause(cancel: threading.Event | None) -> None:
    if cancel is not None:
        cancel.wait(0.05)
    else:
        time.sleep(0.05)
