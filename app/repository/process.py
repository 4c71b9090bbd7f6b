"""Starts git with nothing inherited, bounds what it may use, and reads what it prints. No shell, ever."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.repository.errors import FetchTrouble
from runner.errors import Cancelled
from runner.sandbox import GIB, MIB

_CHUNK = MIB
_POLL = 0.1  # seconds between two looks at the cancel event
_STDERR_KEPT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one git command may use: seconds, and bytes of output, of each file written and of memory."""

    seconds: float = 120.0
    output: int = 64 * MIB
    file_size: int = 2 * GIB
    memory: int = 6 * GIB


@dataclass(frozen=True, slots=True)
class Finished:
    """A git command that ended by itself. `overflow`: it was stopped because it printed more than it may."""

    exit: int
    stdout: bytes
    stderr: str
    overflow: bool = False


class Watch:
    """The time a piece of work has left, and whether it is still wanted."""

    def __init__(self, seconds: float, cancel: threading.Event | None = None) -> None:
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._cancel = cancel

    def check(self) -> None:
        """Return while the work may go on.

        Raises:
            Cancelled: it is no longer wanted.
            FetchTrouble: its time is over.
        """
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("the run was called off while git was at work")
        if time.monotonic() > self._deadline:
            raise FetchTrouble(
                f"git took longer than {self._seconds:.0f} s; the machine or the network may be overloaded"
            )

    def readable(self, *descriptors: int) -> list[int]:
        """Wait until one of the descriptors can be read; the same errors as `check`."""
        while True:
            self.check()
            ready = select.select(descriptors, [], [], _POLL)[0]
            if ready:
                return [int(one) for one in ready]


def start(
    argv: Sequence[str],
    environment: Mapping[str, str],
    bounds: Bounds,
    *,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.PIPE,
) -> "subprocess.Popen[bytes]":
    """Start a program as the leader of its own process group, with its bounds set by `prlimit` before it runs."""
    limits = ("prlimit", f"--fsize={bounds.file_size}", f"--as={bounds.memory}", "--core=0", "--")
    return subprocess.Popen(
        [*limits, *argv],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=dict(environment),
        cwd="/",
        process_group=0,
        bufsize=0,
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and all that it started, and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def run(
    argv: Sequence[str], environment: Mapping[str, str], bounds: Bounds, cancel: threading.Event | None = None
) -> Finished:
    """Run a program to its end.

    Raises:
        Cancelled: the event was set.
        FetchTrouble: it took too long.
    """
    watch = Watch(bounds.seconds, cancel)
    process = start(argv, environment, bounds)
    assert process.stdout is not None  # noqa: S101 - asked for by `start`
    assert process.stderr is not None  # noqa: S101
    stdout, stderr = process.stdout.fileno(), process.stderr.fileno()
    kept: dict[int, bytearray] = {stdout: bytearray(), stderr: bytearray()}
    open_ones = {stdout, stderr}
    overflow = False
    try:
        while open_ones and not overflow:
            for descriptor in watch.readable(*open_ones):
                data = os.read(descriptor, _CHUNK)
                if not data:
                    open_ones.discard(descriptor)
                kept[descriptor] += data
            del kept[stderr][:-_STDERR_KEPT]
            overflow = len(kept[stdout]) > bounds.output
        while not overflow and process.poll() is None:
            watch.check()
            try:
                process.wait(_POLL)
            except subprocess.TimeoutExpired:
                continue
    finally:
        end(process)
    text = kept[stderr].decode("utf-8", "replace")
    return Finished(process.returncode, bytes(kept[stdout]), text, overflow)
