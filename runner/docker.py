"""The servers' sandbox: Docker. Containers without network, capabilities or a way to more privileges.

What a container may see and be is made in `runner.docker_options`, purely; how the way out of the install phase works
is the same as in bubblewrap (docs/decisions/0011-egress-bridge.md).
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import docker

from runner.disk import DiskWatch
from runner.docker_options import INTERPRETER, OWNER_LABEL, container, mounts_of
from runner.docker_orphans import is_orphan, owner_name
from runner.docker_process import ENGINE_TROUBLE, FramedStreams, connect, created
from runner.errors import SandboxFault, SandboxUnavailable
from runner.etc import tree_of
from runner.images.recipe import ensure_image
from runner.limits import held_by, rlimits, watched_inside
from runner.mounts import check_mounts
from runner.outcome import outcome_of
from runner.ownership import open_socket, prepare, take_back
from runner.progress import Progress, Silent
from runner.protocol import header
from runner.sandbox import Command, EndedBy, Limits, Mount, Outcome, SandboxInfo
from runner.seccomp import ARCHITECTURES, compile_filter
from runner.supervise import Stdin, Supervisor, Watched

INSIDE = Path(__file__).with_name("inside")
NOBODY = 65534
GROUPED = frozenset({"cpus", "memory", "processes"})
PROBE = Limits(time=60.0, processes=64)


class Docker:
    """A `Sandbox` on a Docker engine of this machine. Safe to use from several threads.

    Commands run as nobody (65534), and writable mounts are given to nobody; where Mergelock itself does not run as
    root they run as its own user, as files could not be removed afterwards.
    """

    def __init__(self, *, data_dir: Path, progress: Progress | None = None) -> None:
        """Find the engine, make the image if it is not there, remove what dead workers left, and try it.

        Args:
            data_dir: where the certificates shown inside are kept, and the image while it is made.
            progress: told of the making of the image, which takes a while.

        Raises:
            SandboxUnavailable: no engine, no image, or nothing starts; it says why.
        """
        data_dir.mkdir(parents=True, exist_ok=True)
        machine = os.uname().machine
        self._filter = compile_filter(machine) if machine in ARCHITECTURES else b""
        self._user = f"{NOBODY}:{NOBODY}" if os.geteuid() == 0 else f"{os.geteuid()}:{os.getegid()}"
        self._etc = tree_of(data_dir / "sandbox")
        with connect() as client:
            version, about = str(client.version()["Version"]), client.info()
            self._image = ensure_image(_Images(client), progress or Silent(), scratch=data_dir)
        self.reap_orphans()
        python = self._probe()
        self._info = SandboxInfo(
            name="docker",
            version=version,
            interpreter=INTERPRETER,
            python_version=python,
            platform=f"linux-{machine}",
            limits_by=held_by(GROUPED),
            notes=_notes(about, self._filter, machine),
        )

    @property
    def info(self) -> SandboxInfo:
        """What it is; constant for its life."""
        return self._info

    def reap_orphans(self) -> int:
        """Remove containers whose worker is gone (killed, or the machine started anew); how many there were."""
        with connect() as client:
            found = client.containers(all=True, filters={"label": OWNER_LABEL})
            orphans = [one["Id"] for one in found if is_orphan(one["Labels"][OWNER_LABEL])]
            for orphan in orphans:
                with contextlib.suppress(*ENGINE_TROUBLE):  # another worker may be removing it as well
                    client.remove_container(orphan, v=True, force=True)
        return len(orphans)

    def run(
        self,
        command: Command,
        *,
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """Run the command to its end; see `runner.sandbox.Sandbox.run`."""
        check_mounts(command.mounts)
        prepare(command.mounts, owner=NOBODY)
        if command.egress_socket is not None:
            open_socket(command.egress_socket, owner=NOBODY)
        body = container(
            command,
            image=self._image,
            user=self._user,
            owner=owner_name(),
            mounts=mounts_of(command, inside=INSIDE, etc=self._etc),
        )
        try:
            seen = self._watch(command, body, cancel, on_output)
        finally:
            take_back(command.mounts)
        return outcome_of(seen, command.limits, sandbox="docker")

    def _watch(
        self,
        command: Command,
        body: dict[str, Any],
        cancel: threading.Event | None,
        on_output: Callable[[bytes], None] | None,
    ) -> Watched:
        nonce = secrets.token_hex(16)
        first = header(
            command,
            nonce=nonce,
            rlimits=rlimits(command.limits, grouped=GROUPED),
            watched=watched_inside(command.limits, grouped=GROUPED),
            program=self._filter,
        )
        writable = [mount.source for mount in command.mounts if mount.writable]
        with (
            connect() as client,
            created(client, body) as started,
            DiskWatch(writable, command.limits.disk) as disk,
        ):
            started.start()
            seen = Supervisor(
                limits=command.limits,
                nonce=nonce,
                kill=started.kill,
                checks=(started.limit_met, disk.limit_met),
                cancel=cancel,
                on_output=on_output,
            ).watch(
                FramedStreams(started.output),
                Stdin(started.take_stdin(), first + command.stdin, started.finish_stdin),
                {},
            )
            if seen.ended_by is EndedBy.EXIT and started.ran_out_of_memory():
                seen = replace(seen, ended_by=EndedBy.MEMORY)
            return seen

    def _probe(self) -> str:
        """Start the interpreter once, with a mount that proves that the engine sees this machine's files."""
        script = "import platform,sys;sys.stdout.write(platform.python_version())"
        probe = Command(
            (str(INTERPRETER), "-I", "-c", script),
            cwd=PurePosixPath("/"),
            mounts=(Mount(INSIDE, PurePosixPath("/mergelock/probe")),),
            limits=PROBE,
        )
        try:
            outcome = self.run(probe)
        except SandboxFault as error:
            raise SandboxUnavailable((f"Docker cannot start a container here: {error}",)) from error
        if not outcome.ok:
            said = outcome.stderr.decode(errors="replace")
            raise SandboxUnavailable((f"Docker cannot start a program here: {said or outcome.ended_by}",))
        return outcome.stdout.decode(errors="replace")


def _notes(info: dict[str, Any], program: bytes, machine: str) -> tuple[str, ...]:
    """What this engine or kernel lacks, one sentence each."""
    security = " ".join(info.get("SecurityOptions") or ())
    found = []
    if "name=seccomp" not in security or "unconfined" in security:
        found.append("the engine's own list of system calls is off; only ours stands")
    if not program:
        found.append(f"no list of refused system calls of ours for {machine}; only the engine's stands")
    if not (info.get("MemoryLimit") and info.get("PidsLimit") and info.get("CpuCfsQuota")):
        found.append("the engine cannot hold every limit: memory, processes or processors are unbounded")
    if not info.get("SwapLimit"):
        found.append("the engine cannot bound swap: a command may use more memory than its limit by swapping")
    return tuple(found)


class _Images:
    """What making an image needs, from an engine."""

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client

    def has(self, image: str) -> bool:
        return bool(self._client.images(image))

    def import_tree(self, archive: Path, repository: str, tag: str) -> None:
        try:
            self._client.import_image_from_file(str(archive), repository=repository, tag=tag)
        except ENGINE_TROUBLE as error:
            raise SandboxUnavailable((f"the engine did not take the image: {error}",)) from error

    def build(self, folder: Path, image: str) -> None:
        try:
            said = list(self._client.build(path=str(folder), tag=image, rm=True, decode=True))
        except ENGINE_TROUBLE as error:
            raise SandboxUnavailable((str(error),)) from error
        if not self.has(image):
            raise SandboxUnavailable((str(said[-1].get("error", said[-1])) if said else "the engine said nothing",))
