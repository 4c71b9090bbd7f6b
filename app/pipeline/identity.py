"""Which worker this process is: a name that is stable over restarts and never held by two processes at once."""

import fcntl
import os
import uuid
from pathlib import Path

from app.pipeline.errors import PipelineError, SecondWorker

_SLOTS = 64


class Identity:
    """A worker's name, held by a lock that the kernel frees when the process dies."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._descriptor)


def take(data_dir: Path, *, alone_on: Path | None = None) -> Identity:
    """The first free name of this data folder.

    Args:
        data_dir: Mergelock's data folder; names are kept below it.
        alone_on: the SQLite database file, on which there may be one worker only.

    Raises:
        SecondWorker: there is one already.
        PipelineError: all names of this folder are taken.
    """
    if alone_on is not None:
        descriptor = _locked(alone_on.with_name(alone_on.name + ".worker"))
        if descriptor is None:
            raise SecondWorker(str(alone_on))
        return Identity(_name(descriptor), descriptor)
    folder = data_dir / "workers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for slot in range(_SLOTS):
        descriptor = _locked(folder / f"worker-{slot}")
        if descriptor is not None:
            return Identity(_name(descriptor), descriptor)
    raise PipelineError(f"{_SLOTS} workers already use {folder}: give this one a data folder of its own")


def _locked(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _name(descriptor: int) -> str:
    """The name written in the file; a new one where there is none yet."""
    name = os.pread(descriptor, 64, 0).decode("ascii", "replace").strip()
    if len(name) != 32:  # noqa: PLR2004 - a UUID in hexadecimal; anything else is a file cut short by a crash
        name = uuid.uuid4().hex
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, name.encode("ascii"), 0)
        os.fsync(descriptor)
    return name
