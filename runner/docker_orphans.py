"""Containers whose worker is gone: how an owner is named, and whether it still lives.

A container does not die with the process that started it, so each carries a label with that process's identity.
"""

import os
from pathlib import Path


def owner_name() -> str:
    """This process's identity: machine start, process id, and when the process started (ids are used again)."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def is_orphan(owner: str) -> bool:
    """Whether the owner was a process of this machine and is no more. What cannot be told is no orphan.

    A label of another machine start is one: no process outlives that. So is one that is not ours to read: containers
    of workers in other containers (another process id namespace) carry their own machine's name.
    """
    boot, _, rest = owner.partition(":")
    pid, _, started = rest.partition(":")
    if not pid.isdigit() or not started:
        return False
    here, namespace = _boot().split("/")
    there, _, other = boot.partition("/")
    if there != here:
        return True
    return other == namespace and _started(int(pid)) != started


def _boot() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "-")


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
