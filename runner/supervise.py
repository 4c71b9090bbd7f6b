"""Watches one started command from outside: time, cancel, output, and what a sandbox adds. Both sandboxes use it."""

import os
import selectors
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from runner.output import FLOOD, BoundedOutput
from runner.protocol import Ending, MarkFilter
from runner.sandbox import EndedBy, Limits

ROUND = 0.05  # seconds between two looks at cancel and limits
GRACE = 5.0  # seconds in which a killed tree must be gone and its pipes closed
CHUNK = 256 * 1024

Check = Callable[[], EndedBy | None]


class Streams(Protocol):
    """The two output streams of a started command, as a selector sees them."""

    def descriptors(self) -> tuple[int, ...]:
        """What to wait for."""
        ...

    def read(self, descriptor: int) -> list[tuple[bool, bytes]] | None:
        """What there is to read: (is standard error, bytes) each; None at the end of this descriptor."""
        ...


@dataclass(frozen=True, slots=True)
class Stdin:
    """Standard input: a writable descriptor, closed at the end; what to write; how the end is told before closing."""

    descriptor: int
    data: bytes
    finish: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Watched:
    """What was seen of a command from its start until its streams closed."""

    ended_by: EndedBy
    ending: Ending | None
    seconds: float
    stdout: BoundedOutput
    stderr: BoundedOutput


@dataclass(slots=True)
class Supervisor:
    """Runs the loop around one command.

    Attributes:
        limits: time and output are held here.
        nonce: of the closing mark.
        cancel: looked at every 50 ms.
        on_output: told of pieces as they come.
        checks: each is asked every 50 ms which limit was met, if one was.
        kill: ends the whole tree; called at most once.
    """

    limits: Limits
    nonce: str
    kill: Callable[[], None]
    checks: tuple[Check, ...] = ()
    cancel: threading.Event | None = None
    on_output: Callable[[bytes], None] | None = None
    _stdout: BoundedOutput = field(init=False)
    _stderr: BoundedOutput = field(init=False)
    _mark: MarkFilter = field(init=False)

    def __post_init__(self) -> None:
        self._stdout = BoundedOutput(self.limits.output)
        self._stderr = BoundedOutput(self.limits.output)
        self._mark = MarkFilter(self.nonce)

    def watch(self, streams: Streams, stdin: Stdin, others: Mapping[int, Callable[[], bool]]) -> Watched:
        """Feed standard input and take output until every stream has closed; kill where a limit is met.

        Args:
            streams: the command's output.
            stdin: what to write, and where to.
            others: descriptors that the sandbox wants to hear of; each callable answers whether to go on listening.
        """
        started = time.monotonic()
        ended_by: EndedBy | None = None
        killed_at = 0.0
        open_streams = len(streams.descriptors())
        with selectors.DefaultSelector() as selector:
            for descriptor in streams.descriptors():
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ, "output")
            for descriptor in others:
                selector.register(descriptor, selectors.EVENT_READ, "other")
            feeder = _Feeder(selector, stdin)
            try:
                while open_streams:
                    open_streams -= self._round(selector, streams, feeder, others)
                    now = time.monotonic()
                    if ended_by is None:
                        ended_by = self._limit_met(now - started)
                        if ended_by is not None:
                            killed_at = now
                            self.kill()
                    elif now - killed_at > GRACE:
                        break
            except BaseException:
                self.kill()
                raise
            finally:
                feeder.close()
        if ended_by is None:  # a limit may have been met by the last thing the command did
            ended_by = next((met for check in self.checks if (met := check()) is not None), None)
        self._keep(True, self._mark.rest())
        return Watched(
            ended_by=ended_by or EndedBy.EXIT,
            ending=self._mark.ending(),
            seconds=time.monotonic() - started,
            stdout=self._stdout,
            stderr=self._stderr,
        )

    def _round(
        self,
        selector: selectors.BaseSelector,
        streams: Streams,
        feeder: "_Feeder",
        others: Mapping[int, Callable[[], bool]],
    ) -> int:
        """Do what the selector says is to be done; how many streams ended."""
        ended = 0
        for key, _ in selector.select(ROUND):
            if key.data == "stdin":
                feeder.write()
            elif key.data == "other":
                if not others[key.fd]():
                    selector.unregister(key.fd)
            elif not self._take(streams, key.fd):
                selector.unregister(key.fd)
                ended += 1
        return ended

    def _limit_met(self, seconds: float) -> EndedBy | None:
        if self.cancel is not None and self.cancel.is_set():
            return EndedBy.CANCELLED
        if seconds > self.limits.time:
            return EndedBy.TIME
        if self._stdout.total + self._stderr.total > FLOOD * self.limits.output:
            return EndedBy.OUTPUT
        for check in self.checks:
            met = check()
            if met is not None:
                return met
        return None

    def _take(self, streams: Streams, descriptor: int) -> bool:
        pieces = streams.read(descriptor)
        for is_error, piece in pieces or ():
            self._keep(is_error, self._mark.feed(piece) if is_error else piece)
        return pieces is not None

    def _keep(self, is_error: bool, piece: bytes) -> None:
        if not piece:
            return
        stream = self._stderr if is_error else self._stdout
        if self.on_output is not None and not stream.truncated:
            self.on_output(piece)
        stream.feed(piece)


class _Feeder:
    """Writes standard input as the command takes it, and closes it."""

    def __init__(self, selector: selectors.BaseSelector, stdin: Stdin) -> None:
        self._selector = selector
        self._stdin = stdin
        self._left = memoryview(stdin.data)
        os.set_blocking(stdin.descriptor, False)
        selector.register(stdin.descriptor, selectors.EVENT_WRITE, "stdin")
        self._open = True

    def write(self) -> None:
        try:
            self._left = self._left[os.write(self._stdin.descriptor, self._left[:CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # the command has closed its end: it wants no more
            self._left = memoryview(b"")
        if not self._left:
            self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._selector.unregister(self._stdin.descriptor)
            self._stdin.finish()
            os.close(self._stdin.descriptor)


@dataclass(frozen=True, slots=True)
class PipeStreams:
    """Standard output and error as two pipes."""

    stdout: int
    stderr: int

    def descriptors(self) -> tuple[int, ...]:
        """Both pipes."""
        return self.stdout, self.stderr

    def read(self, descriptor: int) -> list[tuple[bool, bytes]] | None:
        """One read of what is there."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return []
        return [(descriptor == self.stderr, data)] if data else None
