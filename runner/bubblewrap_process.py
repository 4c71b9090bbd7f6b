"""One running bubblewrap: started, killed as a whole tree, buried. The arguments are made elsewhere, purely."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from runner.bubblewrap_arguments import NOBODY, Plan, arguments, mounts_of
from runner.errors import SandboxFault
from runner.sandbox import Command, Mount

DESCEND = Path(__file__).parent / "inside" / "descend.py"
STAGING = "/tmp"  # noqa: S108 - covered by a file system of its own in a private mount namespace, never written to
MOST_TOLD = 65536
BURIAL = 10.0  # seconds in which the kernel must have buried a killed tree


@dataclass(slots=True)
class Started:
    """One running bubblewrap, from outside."""

    process: subprocess.Popen[bytes]
    info: int
    first: int = -1  # a pidfd of process 1 inside, once bubblewrap has told its id
    told: bytes = b""

    @property
    def stdout(self) -> int:
        """The reading end of standard output."""
        assert self.process.stdout is not None  # noqa: S101 - started with a pipe, says the type checker's way
        return self.process.stdout.fileno()

    @property
    def stderr(self) -> int:
        """The reading end of standard error."""
        assert self.process.stderr is not None  # noqa: S101 - as above
        return self.process.stderr.fileno()

    def take_stdin(self) -> int:
        """The writing end of standard input, which the caller closes."""
        assert self.process.stdin is not None  # noqa: S101 - as above
        descriptor = os.dup(self.process.stdin.fileno())
        self.process.stdin.close()
        return descriptor

    def hear(self) -> bool:
        """Take what bubblewrap says of process 1; whether there may be more."""
        data = os.read(self.info, 4096)
        self.told += data
        if self.first < 0 and b"\n" in self.told:
            found = json.loads(self.told.partition(b"\n")[0])
            with contextlib.suppress(ProcessLookupError):
                self.first = os.pidfd_open(found["child-pid"])
        return bool(data) and len(self.told) < MOST_TOLD

    def kill(self) -> None:
        """Kill process 1, and with it everything in its namespace; then bubblewrap outside."""
        if self.first >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5 if self.first >= 0 else 0)
        self.process.kill()

    def end(self) -> None:
        """Come back when nothing of it is left: the kernel buries a namespace's last process only after all others."""
        self.kill()
        self.process.wait()
        if self.first >= 0:
            dead, _, _ = select.select([self.first], [], [], BURIAL)
            os.close(self.first)
            if not dead:
                raise SandboxFault("a command's processes did not die; restart this machine before judging more")
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def start(command: Command, plan: Plan, *, root: bool, entrances: tuple[str, ...] = ()) -> Iterator[Started]:
    """Start bubblewrap; whatever happens in the block, nothing of it is left afterwards."""
    info_read, info_write = os.pipe()
    handed = [info_write]
    try:
        plan = replace(plan, info=info_write)
        if plan.filter:
            plan = replace(plan, seccomp=_memory_file(plan.filter))
            handed += [plan.seccomp] if plan.seccomp is not None else []
        argv, handed_more = _argv(command, plan, root=root, entrances=entrances)
        handed += handed_more
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={},
                cwd="/",
                pass_fds=handed,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxFault(f"bubblewrap cannot be started: {error}") from error
    finally:
        for descriptor in handed:
            os.close(descriptor)
    started = Started(process, info_read)
    try:
        yield started
    finally:
        started.end()
        os.close(info_read)


def _argv(command: Command, plan: Plan, *, root: bool, entrances: tuple[str, ...]) -> tuple[list[str], list[int]]:
    """The vector to start, and the descriptors that it names."""
    mounts = mounts_of(command, plan)
    if root:
        binds, program = _binds(plan.program, mounts)
        shown = tuple((f"{STAGING}/mounts/{number}", mount) for number, mount in enumerate(mounts))
    else:
        binds, program = [], str(plan.program)
        shown = tuple((str(mount.source), mount) for mount in mounts)
    argv, handed = _with_options_aside(program, arguments(command, plan, shown))
    if not root and not entrances:
        return argv, handed
    descent = {
        "parent": os.getpid(),
        "cgroups": entrances,
        "staging": STAGING,
        "binds": binds,
        "uid": NOBODY if root else None,
        "argv": argv,
    }
    descriptor = _memory_file(json.dumps(descent).encode())
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return [python, "-I", "-S", "-B", str(DESCEND), str(descriptor)], [*handed, descriptor]


def _binds(program: Path, mounts: tuple[Mount, ...]) -> tuple[list[tuple[str, str]], str]:
    """What is bound below the staging place: (source, name) each; and where bubblewrap is then."""
    binds = [(str(mount.source), f"mounts/{number}") for number, mount in enumerate(mounts)]
    if program.is_relative_to("/usr"):
        return binds, str(program)
    package = program.parent.parent
    binds.append((str(package), "program/package"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():  # beside the package, where the program looks for them
        binds.append((str(libraries), f"program/{libraries.name}"))
    return binds, f"{STAGING}/program/package/{program.parent.name}/{program.name}"


def _with_options_aside(program: str, vector: tuple[str, ...]) -> tuple[list[str], list[int]]:
    """Hand bubblewrap its options in a file, so that neither their number nor the process list matters."""
    cut = vector.index("--")
    descriptor = _memory_file(b"".join(option.encode() + b"\0" for option in vector[:cut]))
    return [program, "--args", str(descriptor), *vector[cut:]], [descriptor]


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("mergelock")
    with open(os.dup(descriptor), "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
