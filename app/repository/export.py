"""Writes a commit out as plain files: by us, not by a checkout, so that no filter, attribute or hook has a say."""

import contextlib
import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from app.repository.errors import FetchTrouble
from app.repository.names import decode
from app.repository.objects import Objects
from app.repository.tree import SUBMODULE, SYMLINK, Entry, Tree, TreeLimits

_PLAIN, _PROGRAM, _FOLDER = 0o644, 0o755, 0o755


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: files (symlinks too) and bytes; what was left out: submodules, symlinks out of the tree."""

    files: int
    bytes: int
    submodules: tuple[str, ...]
    links_left_out: tuple[str, ...] = ()


def write_tree(objects: Objects, tree: Tree, folder: Path, limits: TreeLimits) -> Exported:
    """Write a checked tree into `folder`, which must not exist yet. Symlinks come last: nothing is written through one.

    Raises:
        FetchTrouble: the disk is full or the folder cannot be written.
    """
    root = os.fsencode(folder)
    try:
        folder.mkdir(_FOLDER)
        for path in tree.folders:
            os.mkdir(os.path.join(root, path), _FOLDER)  # noqa: PTH102, PTH118 - bytes: a name may be no UTF-8
        plain = [entry for entry in tree.entries if entry.mode not in {SYMLINK, SUBMODULE}]
        with contextlib.closing(_files(plain, root)) as sinks:
            objects.copy_all([entry.object for entry in plain], limits.file, sinks)
        for path, target in tree.targets.items():
            os.symlink(target, os.path.join(root, path))  # noqa: PTH118, PTH211 - as above
    except OSError as error:
        raise FetchTrouble(
            f"the workspace could not be written ({error.strerror}); look at the space left on disk"
        ) from error
    written = [entry for entry in tree.entries if entry.mode != SUBMODULE and entry.path not in tree.leaving]
    left_out = tuple(sorted(decode(path) for path in tree.leaving))
    return Exported(len(written), sum(entry.size for entry in written), tree.submodules, left_out)


def _files(entries: list[Entry], root: bytes) -> Generator[Callable[[bytes], object], None, None]:
    """For each file in turn, opened new, what writes to it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    for entry in entries:
        mode = _PROGRAM if entry.mode == "100755" else _PLAIN
        descriptor = os.open(os.path.join(root, entry.path), flags, mode)  # noqa: PTH118 - bytes, as above
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            os.fchmod(descriptor, mode)  # whatever the umask: the sandbox reads it as nobody
            yield file.write
