"""`mergelock check` on a terminal: live steps, nothing hostile, and Ctrl-C."""

import errno
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.commands.conftest import CommandLine, Library, Started
from tests.judged import registry_or_skip
from tests.processes import descendants
from tests.waiting import until

pytestmark = [pytest.mark.registry, pytest.mark.xdist_group("commands")]

COLUMNS = 160
STEERING = (b"\x1b]0;", b"\x1b[2J", b"\x9b2J", b"\x07", "\u202e".encode())
"""Sets the window's title, clears the screen in two spellings, rings, and turns the direction of writing around."""

LOUD = """
    import os
    import time

    def pytest_unconfigure():
        # Past pytest's own capture, as the last line that the terminal shows beside the step, long enough to be drawn.
        os.write(1, b"\\nloud-line\\x1b]0;taken\\x07\\x1b[2J\\xc2\\x9b2J\\xe2\\x80\\xae\\n")
        time.sleep(2)
"""
HANGING = """
    import time

    def test_hanging():
        time.sleep(600)
"""


class Terminal:
    """A pseudo-terminal with a command on it, and all that it was sent."""

    def __init__(self, leader: int, process: Started) -> None:
        self._leader = leader
        self.process = process
        self.shown = b""
        os.set_blocking(leader, False)

    def look(self) -> bool:
        """Take what came; whether the command has ended and all is read."""
        try:
            while data := os.read(self._leader, 65536):
                self.shown += data
        except BlockingIOError:
            return False
        except OSError as error:  # Linux's way to say that the other side was closed
            assert error.errno == errno.EIO
        return True

    def sees(self, words: bytes) -> bool:
        """Whether these words came."""
        self.look()
        return words in self.shown

    def wait(self, seconds: float) -> int:
        """Wait for the end; gives the exit status."""
        until(self.look, seconds=seconds, what="the command ends")
        return self.process.wait(10)


@contextmanager
def on_a_terminal(command_line: CommandLine, *arguments: str) -> Iterator[Terminal]:
    """Start it with a terminal as its outputs."""
    leader, follower = pty.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    process = command_line.start(*arguments, out=follower)
    os.close(follower)
    try:
        yield Terminal(leader, process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        os.close(leader)


@pytest.fixture(autouse=True)
def index() -> None:
    """Environments come from there."""
    registry_or_skip()


def test_steps_are_shown_live_and_nothing_steers_the_terminal(judging: CommandLine, library: Library) -> None:
    name = "tests/test_\x1b]0;taken\x07\u202e.py"
    files = {"conftest.py": LOUD, name: "def test_add():\n    assert False, 'loud-failure'\n"}
    with on_a_terminal(judging, *library.arguments(library.change(files), "--no-scans")) as terminal:
        status = terminal.wait(120)
    assert status == 1, terminal.shown
    for step in (b"fetch", b"environment", b"tests:base", b"tests:head"):
        assert step in terminal.shown
    assert b"loud-line" in terminal.shown, terminal.shown
    assert "⟨U+001B⟩".encode() in terminal.shown
    assert [text for text in STEERING if text in terminal.shown] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_called_off_it_ends_soon_and_leaves_nothing(
    judging: CommandLine, library: Library, number: signal.Signals
) -> None:
    branch = library.change({"tests/test_hanging.py": HANGING})
    with on_a_terminal(judging, *library.arguments(branch)) as terminal:
        until(lambda: terminal.sees(b"tests:head"), seconds=60, what="the head's tests run")
        below = until(lambda: descendants(terminal.process.pid), what="there is a sandbox")
        terminal.process.send_signal(number)
        assert terminal.wait(15) == 130
        until(lambda: not any(process.alive for process in below), seconds=5, what="all that it started is gone")
    assert b"stopped" in terminal.shown
