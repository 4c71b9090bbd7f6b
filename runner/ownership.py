"""Whose the shown files are: what a command may write is made the inside user's, what it may read made readable.

Links are never followed. Only where Mergelock runs as root: elsewhere the inside user is our own user outside.
"""

import os
import stat
import subprocess
from pathlib import Path

from runner.errors import SandboxFault
from runner.sandbox import Mount


def prepare(mounts: tuple[Mount, ...], *, owner: int) -> None:
    """Make mounts usable by the user `owner`.

    Writable ones are given to it whole, so a tree that shares hard links with another must not be shown writable.
    Of read-only ones the top is opened to its group where only we could enter (a folder from `mkdtemp`); what lies
    in it must be readable to others already.

    Raises:
        SandboxFault: a source is not there, is a link, or cannot be given.
    """
    for mount in mounts:
        try:
            found = mount.source.lstat()
            if stat.S_ISLNK(found.st_mode):
                raise SandboxFault(f"{mount.source} is a link; show what it points to instead")
            if os.geteuid() != 0:
                continue
            if mount.writable:
                _give(mount.source, owner)
            elif found.st_uid == 0 and not found.st_mode & stat.S_IROTH:
                os.chown(mount.source, -1, owner, follow_symlinks=False)
                wanted = stat.S_IRGRP | (stat.S_IXGRP if stat.S_ISDIR(found.st_mode) else 0)
                mount.source.chmod(stat.S_IMODE(found.st_mode) | wanted)
        except OSError as error:
            raise SandboxFault(f"{mount.source} cannot be shown in the sandbox: {error.strerror}") from error


def open_socket(path: Path, *, owner: int) -> None:
    """Let the inside user connect to our Unix socket."""
    if os.geteuid() == 0:
        os.chown(path, -1, owner, follow_symlinks=False)
        path.chmod(0o660)


def take_back(mounts: tuple[Mount, ...]) -> None:
    """Make folders that a command left locked readable to us again, so that they can be looked at and removed."""
    for mount in mounts:
        if mount.writable and os.geteuid() != 0:
            _unlock(mount.source)


def remove_tree(top: Path) -> None:
    """Remove a tree that hostile programs made: of any depth, with locked folders, following no link.

    `shutil.rmtree` gives up on a tree deeper than Python's stack.

    Raises:
        SandboxFault: something is left.
    """
    if os.geteuid() != 0:
        _unlock(top)
    done = subprocess.run(["rm", "-rf", "--", str(top)], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SandboxFault(f"{top} cannot be removed; remove it by hand: {done.stderr[-500:]}")


def _unlock(top: Path) -> None:
    subprocess.run(["chmod", "-R", "u+rwX", "--", str(top)], check=False, stderr=subprocess.DEVNULL)


def _give(top: Path, owner: int) -> None:
    # The system's own program: it follows no link (-P, -h), and no depth of folders is too much for it.
    command = ["chown", "-RPh", f"{owner}:{owner}", "--", str(top)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SandboxFault(f"{top} cannot be given to the sandbox's user: {done.stderr[-500:]}")
