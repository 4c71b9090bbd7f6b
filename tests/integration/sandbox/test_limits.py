"""Every limit is held, and the one that was met is named."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runner.bubblewrap import Bubblewrap
from runner.cgroups import Groups
from runner.errors import SandboxUnavailable
from runner.sandbox import GIB, MIB, EndedBy, Limits, Observation, Sandbox
from tests.integration.sandbox.conftest import SMALL, Runs

HOARD = """
import sys
kept = []
while True:
    kept.append(bytearray(16 * 1024 * 1024))
"""
HOARD_IN_CHILDREN = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        kept = bytearray(48 * 1024 * 1024)
        time.sleep(60)
time.sleep(60)
"""
FORK_BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
THREADS = """
import threading, time
for _ in range(200):
    try:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError:
        time.sleep(60)
"""
FILL = "i=0; while :; do head -c 4000000 /dev/zero > {}/fill$i || sleep 60; i=$((i+1)); done"
EMPTY_FILES = """
import itertools
for number in itertools.count():
    open(f"empty{number}", "w").close()
"""
DEEP = """
import os
for _ in range(100000):
    os.mkdir("d")
    os.chdir("d")
"""

PYTHON = "python"
SHELL = "shell"


@pytest.mark.parametrize(
    ("kind", "script", "ended_by", "limits"),
    [
        pytest.param(SHELL, "sleep 60", EndedBy.TIME, replace(SMALL, time=0.5), id="asleep"),
        pytest.param(SHELL, "trap '' TERM HUP; while :; do :; done", EndedBy.TIME, replace(SMALL, time=0.5), id="busy"),
        pytest.param(PYTHON, HOARD, EndedBy.MEMORY, SMALL, id="memory"),
        pytest.param(PYTHON, HOARD_IN_CHILDREN, EndedBy.MEMORY, SMALL, id="memory-of-all-together"),
        pytest.param(PYTHON, FORK_BOMB, EndedBy.PROCESSES, SMALL, id="fork-bomb"),
        pytest.param(PYTHON, THREADS, EndedBy.PROCESSES, SMALL, id="threads"),
        pytest.param(SHELL, "yes", EndedBy.OUTPUT, SMALL, id="output"),
        pytest.param(SHELL, "yes >&2", EndedBy.OUTPUT, SMALL, id="error-output"),
        pytest.param(SHELL, FILL.format("/workspace"), EndedBy.DISK, SMALL, id="disk-in-the-workspace"),
        pytest.param(SHELL, FILL.format("/tmp"), EndedBy.DISK, SMALL, id="disk-in-tmp"),
        pytest.param(SHELL, FILL.format("/home/nobody"), EndedBy.DISK, SMALL, id="disk-at-home"),
        pytest.param(SHELL, FILL.format("/dev/shm"), EndedBy.DISK, SMALL, id="disk-in-shared-memory"),
        pytest.param(PYTHON, EMPTY_FILES, EndedBy.DISK, replace(SMALL, disk=4 * MIB), id="empty-files"),
        pytest.param(PYTHON, DEEP, EndedBy.DISK, SMALL, id="folders-in-folders"),
        pytest.param(
            SHELL, "exec head -c 9000000 /dev/zero > f", EndedBy.DISK, replace(SMALL, file_size=MIB), id="file-size"
        ),
    ],
)  # fmt: skip
def test_a_limit_is_held_and_named(run: Runs, kind: str, script: str, ended_by: EndedBy, limits: Limits) -> None:
    """The tree is gone in seconds, and the observation says what was met."""
    outcome = run.python(script, limits=limits) if kind == PYTHON else run("/bin/sh", "-c", script, limits=limits)
    assert (outcome.ended_by, outcome.exit) == (ended_by, None), outcome.stderr[-300:]
    assert not outcome.ok
    assert outcome.seconds < 15
    name = "file_size" if "exec head" in script else ended_by.value
    assert outcome.observations == (Observation("limit", {"limit": name, "value": int(getattr(limits, name))}),)


def test_within_its_limits_nothing_is_met(run: Runs) -> None:
    """A suite that forks, allocates and writes as suites do."""
    script = """
import subprocess, concurrent.futures
for _ in range(30):
    subprocess.run(["/bin/true"], check=True)
with concurrent.futures.ThreadPoolExecutor(20) as pool:
    list(pool.map(lambda n: bytearray(n), [1024 * 1024] * 40))
open("out", "wb").write(bytes(20 * 1024 * 1024))
"""
    outcome = run.python(script)
    assert outcome.ok, outcome.stderr
    assert outcome.observations == ()


def test_processors_are_bounded(run: Runs) -> None:
    """Four busy processes on half a processor take about half a second of its time a second."""
    if run.sandbox.info.limits_by["cpus"] != "cgroup":
        pytest.skip("processors are bounded by control groups only")
    script = """
import os, time
end = time.monotonic() + 1.5
children = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        break
    children.append(pid)
while time.monotonic() < end:
    pass
if children:
    for pid in children: os.waitpid(pid, 0)
    t = os.times()
    print(t.user + t.system + t.children_user + t.children_system)
"""
    outcome = run.python(script, limits=replace(SMALL, cpus=0.5))
    lines = outcome.stdout.decode().split()
    assert max(float(line) for line in lines) < 1.2


def test_the_middle_of_long_output_is_left_out(run: Runs) -> None:
    """Head and tail are kept, and it is said."""
    outcome = run("/bin/sh", "-c", "echo first; yes | head -c 2000000; echo last")
    assert outcome.ok
    assert outcome.output_truncated
    assert outcome.stdout.startswith(b"first\n")
    assert outcome.stdout.endswith(b"last\n")
    assert b"left out" in outcome.stdout
    assert len(outcome.stdout) < SMALL.output + 200


def test_cancelled_within_a_second(run: Runs) -> None:
    """And gone, with all that belonged to it, within two."""
    cancel = threading.Event()
    told: list[float] = []

    def stop(_: bytes) -> None:
        told.append(time.monotonic())
        cancel.set()

    script = "trap '' TERM INT HUP; setsid sleep 60 & echo up; sleep 60"
    outcome = run("/bin/sh", "-c", script, cancel=cancel, on_output=stop)
    assert time.monotonic() - told[0] < 2.0  # dead within one; the rest is clearing away
    assert (outcome.ended_by, outcome.exit, outcome.observations) == (EndedBy.CANCELLED, None, ())


def test_cancelled_before_it_began(run: Runs) -> None:
    """Nothing of the command need have happened."""
    cancel = threading.Event()
    cancel.set()
    assert run("/bin/sleep", "60", cancel=cancel).ended_by is EndedBy.CANCELLED


@pytest.fixture(scope="module")
def ungrouped(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Bubblewrap on a machine where no control group can be made."""
    try:
        return Bubblewrap(data_dir=tmp_path_factory.mktemp("ungrouped"), groups=Groups(()))
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("script", "ended_by"),
    [
        pytest.param(HOARD_IN_CHILDREN, EndedBy.MEMORY, id="memory-of-all-together"),
        pytest.param(FORK_BOMB, EndedBy.PROCESSES, id="fork-bomb"),
        pytest.param(THREADS, EndedBy.PROCESSES, id="threads"),
    ],
)
def test_limits_hold_without_control_groups(ungrouped: Sandbox, tmp_path: Path, script: str, ended_by: EndedBy) -> None:
    """By resource limits and by process 1, which looks at all of them together."""
    assert {ungrouped.info.limits_by[name] for name in ("cpus", "memory", "processes")} == {"rlimit"}
    # Memory is counted for each process there, shared pages too: with little of it a fork bomb might meet that first.
    limits = SMALL if ended_by is EndedBy.MEMORY else replace(SMALL, memory=4 * GIB)
    outcome = Runs(ungrouped, tmp_path).python(script, limits=limits)
    assert outcome.ended_by is ended_by, outcome.stderr[-300:]


def test_one_process_cannot_hoard_without_control_groups(ungrouped: Sandbox, tmp_path: Path) -> None:
    """The kernel refuses it more."""
    outcome = Runs(ungrouped, tmp_path).python(HOARD)
    assert not outcome.ok
    assert outcome.ended_by is EndedBy.MEMORY or b"MemoryError" in outcome.stderr


def test_processor_time_is_bounded_without_control_groups(ungrouped: Sandbox, tmp_path: Path) -> None:
    """As much for each process as the whole command might have taken."""
    script = "while :; do :; done"
    outcome = Runs(ungrouped, tmp_path)("/bin/sh", "-c", script, limits=replace(SMALL, cpus=0.1, time=8.0))
    assert outcome.ended_by is EndedBy.TIME
    assert outcome.seconds < 6
