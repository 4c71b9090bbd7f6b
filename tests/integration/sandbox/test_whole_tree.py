"""Nothing of a command outlives it, whichever way it ended; nor does it outlive us."""

import signal
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from runner.sandbox import EndedBy, Sandbox
from tests.integration.sandbox.conftest import SMALL, Runs
from tests.waiting import until

LEAVE_BEHIND = """
import os, signal, subprocess, sys, time
mark, how = sys.argv[1], sys.argv[2]
def child():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.execv(sys.executable, [sys.executable, "-I", "-c", "import time\\nwhile True: time.sleep(1)", mark])
if os.fork() == 0:
    if how in ("setsid", "double"):
        os.setsid()
    if how == "double" and os.fork():
        os._exit(0)
    if how == "closed":
        os.closerange(0, 256)
    child()
print("left", flush=True)
if how == "waits":
    time.sleep(60)
"""


def alive(mark: str) -> list[int]:
    """The processes of this machine with that word among their arguments, but for those that wait to be buried."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("how", ["plain", "setsid", "double", "closed"])
def test_what_it_leaves_behind_dies_with_it(run: Runs, how: str) -> None:
    """The command itself ends well; its children would go on."""
    mark = f"mark-{uuid.uuid4()}"
    python = str(run.sandbox.info.interpreter)
    outcome = run(python, "-I", "-c", LEAVE_BEHIND, mark, how)
    assert (outcome.ended_by, outcome.exit) == (EndedBy.EXIT, 0), outcome.stderr
    assert alive(mark) == []


def test_a_killed_tree_is_gone_when_run_returns(run: Runs) -> None:
    """At the time limit."""
    mark = f"mark-{uuid.uuid4()}"
    python = str(run.sandbox.info.interpreter)
    outcome = run(python, "-I", "-c", LEAVE_BEHIND, mark, "waits", limits=replace(SMALL, time=1.0))
    assert outcome.ended_by is EndedBy.TIME
    assert alive(mark) == []


WORKER = """
import sys
from pathlib import Path, PurePosixPath
from runner.choose import choose
from runner.sandbox import Command
sandbox = choose(sys.argv[1], data_dir=Path(sys.argv[2]))
sandbox.run(Command(("/bin/sh", "-c", "echo up; exec sleep 300", sys.argv[3]), cwd=PurePosixPath("/")),
            on_output=lambda piece: print("up", flush=True))
"""


def test_it_does_not_outlive_a_killed_worker(sandbox: Sandbox, tmp_path: Path) -> None:
    """`kill -9` of us: at once with bubblewrap; with Docker when the next worker looks."""
    mark = f"mark-{uuid.uuid4()}"
    script = WORKER.replace("exec sleep 300", "while :; do sleep 1; done")
    command = [sys.executable, "-c", script, sandbox.info.name, str(tmp_path), mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"up\n"
        pids = [pid for pid in alive(mark) if pid != worker.pid]
        assert pids
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    reap = getattr(sandbox, "reap_orphans", None)
    if reap is not None:
        assert reap() >= 1
    until(lambda: alive(mark) == [], seconds=5, what="the command is gone")


def test_other_workers_containers_are_left_alone(docker_sandbox: Sandbox, tmp_path: Path) -> None:
    """Only the dead ones' are removed."""
    runs = Runs(docker_sandbox, tmp_path)
    reaped: list[int] = []
    outcome = runs(
        "/bin/sh", "-c", "echo up; sleep 0.5; echo done",
        on_output=lambda _: reaped.append(docker_sandbox.reap_orphans()),  # type: ignore[attr-defined]
    )  # fmt: skip
    assert outcome.stdout == b"up\ndone\n"
    assert reaped[0] == 0


def test_no_descriptor_of_ours_is_left_open(run: Runs) -> None:
    """After a hundred runs there would be a hundred times as many."""
    run("/bin/true")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        run("/bin/true")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_no_descriptor_of_ours_gets_inside(run: Runs) -> None:
    """The command has three, and the one that it lists them with."""
    outcome = run.python("import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd')))")
    assert outcome.stdout == b"[0, 1, 2, 3]\n"
