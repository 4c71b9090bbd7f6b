"""Every hostile program is run in every sandbox, and none gets what it tries for."""

import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.sandbox import MIB, WORKSPACE, Command, EndedBy, Limits, Mount, Sandbox
from tests.security.escape import programs

LIMITS = Limits(cpus=1.0, memory=512 * MIB, processes=64, disk=64 * MIB, time=30.0, output=MIB)


@dataclass(frozen=True)
class Host:
    """What is on the host for a program to get at; the control test shows that each can be got from outside."""

    file: Path
    port: int
    abstract: str

    def values(self) -> str:
        """As the first lines of a program."""
        return (
            f"HOST_FILE = {str(self.file)!r}\nHOST_MARK = {self.file.name!r}\nHOST_PORT = {self.port}\n"
            f"ABSTRACT = {self.abstract!r}\nHOST_PID = {os.getpid()}\nNUMBERS = {programs.numbers()!r}\n"
        )


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A file, a listener on loopback and an abstract Unix socket of the host."""
    file = tmp_path_factory.mktemp("host") / f"secret-{uuid.uuid4()}"
    file.write_text("secret")
    for folder in (file, *file.parents):
        if folder.owner() == Path(file).owner() and str(folder).startswith(str(tmp_path_factory.getbasetemp().parent)):
            folder.chmod(0o755)
    abstract = f"mergelock-test-{uuid.uuid4()}"
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        tcp.bind(("127.0.0.1", 0))
        unix.bind("\0" + abstract)
        for listener in (tcp, unix):
            listener.listen(16)
        yield Host(file, tcp.getsockname()[1], abstract)


ALL = {**programs.FILES, **programs.KERNEL, **programs.NETWORK}


def attempt(sandbox: Sandbox, host: Host, program: str, workspace: Path) -> bytes:
    """Run one program; what it printed. It must have come to its end."""
    workspace.mkdir()
    script = f"{programs.PRELUDE}\n{host.values()}\n{program}\nprint('TRIED', flush=True)\n"
    command = Command(
        (str(sandbox.info.interpreter), "-I", "-c", script),
        mounts=(Mount(workspace, WORKSPACE, writable=True),),
        limits=LIMITS,
    )
    outcome = sandbox.run(command)
    assert outcome.ended_by is EndedBy.EXIT
    assert outcome.stdout.endswith(b"TRIED\n"), outcome.stderr.decode(errors="replace")
    return outcome.stdout


@pytest.mark.parametrize("name", ALL)
def test_gets_nothing(sandbox: Sandbox, host: Host, name: str, tmp_path: Path) -> None:
    """One program, one attempt."""
    assert attempt(sandbox, host, ALL[name], tmp_path / "workspace") == b"TRIED\n"


def test_refused_calls_answer_our_refusal(sandbox: Sandbox, host: Host, tmp_path: Path) -> None:
    """Every call of the list, not the kernel's own answer to nonsense arguments."""
    tries = programs.refused_calls()
    program = "\n".join(
        f"print({name!r}) if ({body.removesuffix(' and got()')}) else None" for name, body in tries.items()
    )
    assert len(tries) > 60
    said = attempt(sandbox, host, program, tmp_path / "workspace").decode().split()
    permitted_by_engine: set[str] = set()
    assert set(said) - {"TRIED"} == permitted_by_engine


def test_families_of_sockets_are_refused(sandbox: Sandbox, host: Host, tmp_path: Path) -> None:
    """All but the four that programs use."""
    program = "\n".join(programs.refused_families().values())
    assert attempt(sandbox, host, program, tmp_path / "workspace") == b"TRIED\n"


def test_the_attempts_would_succeed_outside(host: Host) -> None:
    """The control: what the programs look for is really there, and their tools find it."""
    script = f"{programs.PRELUDE}\n{host.values()}\n" + "\n".join(
        (
            programs.FILES["host-file"],
            programs.NETWORK["host-loopback"],
            programs.NETWORK["abstract-socket"],
            programs.KERNEL["signal-outside"],
        )
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.count("GOT") == 4, done.stderr


def test_another_commands_workspace_and_processes_are_out_of_reach(sandbox: Sandbox, tmp_path: Path) -> None:
    """While both run at once."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "secret").write_text("of-the-first")
    seen = threading.Event()
    cancel = threading.Event()

    def hold() -> None:
        mounts = (Mount(first, WORKSPACE, writable=True),)
        sandbox.run(
            Command(("/bin/sh", "-c", "echo up; sleep 30", "of-the-first"), mounts=mounts, limits=LIMITS),
            cancel=cancel, on_output=lambda _: seen.set(),
        )  # fmt: skip

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert seen.wait(20)
        look = "find / -name secret -not -path '/proc/*' 2>/dev/null"
        script = f"cat /proc/*/cmdline | tr '\\0' ' '; cat {first}/secret; {look}"
        mounts = (Mount(second, WORKSPACE, writable=True),)
        outcome = sandbox.run(Command(("/bin/sh", "-c", script), mounts=mounts, limits=LIMITS))
    finally:
        cancel.set()
        holder.join()
    assert b"up" not in outcome.stdout.replace(b"cmdline", b"")
    assert b"sleep 30" not in outcome.stdout
    assert b"of-the-first" not in outcome.stdout
