"""The sandbox protocol: what to run, within which limits, and what came of it.

Both sandboxes (`bubblewrap`, `docker`) fulfil it and pass one battery of tests. A leaf: standard library only.
"""

import enum
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

MIB = 1024 * 1024
GIB = 1024 * MIB

WORKSPACE = PurePosixPath("/workspace")
"""Where the tree under judgement is, in every sandbox: the same path, so that what was built stays valid."""
JUDGE = PurePosixPath("/mergelock")
"""Below it lies all that is ours inside a sandbox: reporter, environment, report, egress socket."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one command, all of its processes together. Sizes in bytes, times in seconds."""

    cpus: float = 2.0
    memory: int = 4 * GIB
    processes: int = 512
    disk: int = 4 * GIB
    file_size: int = 2 * GIB
    time: float = 20 * 60.0
    output: int = 10 * MIB


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path shown inside. Read-only unless said otherwise."""

    source: Path
    target: PurePosixPath
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run inside, as a list of arguments, never a shell string.

    The environment is exactly `environment` and the sandbox's own few (PATH, HOME, TMPDIR, LANG): nothing is inherited.
    `egress_socket` is set in the install phase only: the Unix socket of the egress proxy, the one way out; the sandbox
    shows it inside and serves it as an HTTP proxy on loopback, named by the usual proxy variables. Tests never have it.
    """

    argv: tuple[str, ...]
    cwd: PurePosixPath = WORKSPACE
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    limits: Limits = field(default_factory=Limits)
    stdin: bytes = b""
    egress_socket: Path | None = None


class EndedBy(enum.StrEnum):
    """What ended the command. Anything but `EXIT` names the limit that was met, or our cancelling."""

    EXIT = "exit"
    TIME = "time"
    MEMORY = "memory"
    PROCESSES = "processes"
    OUTPUT = "output"
    DISK = "disk"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something the sandbox saw happen. `kind` is network, program, write or limit."""

    kind: str
    detail: Mapping[str, str | int]
    process: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command. `exit` is None unless it ended by itself; killed by a signal reads as -signal."""

    exit: int | None
    ended_by: EndedBy
    seconds: float
    stdout: bytes
    stderr: bytes
    output_truncated: bool = False
    observations: tuple[Observation, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with status 0."""
        return self.ended_by is EndedBy.EXIT and self.exit == 0


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """What a sandbox is and how it holds each limit here (`cgroup`, `rlimit` or `watch`), for doctor and verdict."""

    name: str
    version: str
    interpreter: PurePosixPath
    python_version: str
    platform: str
    limits_by: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Sandbox(Protocol):
    """Runs one command at a time where it can do no harm; safe to use from several threads.

    Network, credentials, host files: none, and no setting gives them. A command's whole process tree is dead when
    `run` returns, whichever way it ended.
    """

    @property
    def info(self) -> SandboxInfo:
        """What it is; constant for its life."""
        ...

    def run(
        self,
        command: Command,
        *,
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """Run the command to its end and say what came of it.

        Args:
            command: what to run.
            cancel: when set, the tree is killed within a second and the outcome is `CANCELLED`.
            on_output: called with pieces of standard output and error as they come, for live pages.

        Raises:
            SandboxFault: the sandbox failed, so that nothing is known about the command.
        """
        ...
