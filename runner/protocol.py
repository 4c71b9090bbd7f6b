"""What a sandbox's outside and its process 1 say to each other: the header going in, the mark coming out. Pure."""

import json
from dataclasses import dataclass

from runner.errors import SandboxFault
from runner.sandbox import MIB, Command, EndedBy

EGRESS_INSIDE = "/mergelock/egress.sock"
INSIDE = "/mergelock/inside"
PRIVATE = ("/tmp", "/home/nobody", "/dev/shm")  # noqa: S108 - paths inside a sandbox, each a file system of its own
HOME = "/home/nobody"
OWN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": HOME,
    "TMPDIR": "/tmp",  # noqa: S108 - as above
    "LANG": "C.UTF-8",
}
MARK_LIMIT = 4096
OVERTIME = 30.0
"""Seconds after its time in which a command nobody outside watches any more ends itself."""


def header(
    command: Command, *, nonce: str, rlimits: dict[str, int], watched: dict[str, int], program: bytes = b""
) -> bytes:
    """The bytes that process 1 reads before the command's own standard input.

    Args:
        command: what to run.
        nonce: hexadecimal; known to process 1 and to us only, it makes the closing mark ours.
        rlimits: names of `resource` and the value to set, soft and hard.
        program: a filter of system calls that process 1 puts on itself, where nothing outside did.
        watched: limits (`memory` in bytes, `processes`) that process 1 has to watch, where no control group does.
    """
    options = {
        "argv": list(command.argv),
        "cwd": str(command.cwd),
        "environment": {**OWN_ENVIRONMENT, **command.environment},
        "egress": EGRESS_INSIDE if command.egress_socket else "",
        "nonce": nonce,
        "rlimits": rlimits,
        "watched": watched,
        "private": list(PRIVATE),
        "filter": program.hex(),
        "seconds": command.limits.time + OVERTIME,
    }
    data = json.dumps(options).encode()
    return len(data).to_bytes(4, "big") + data


@dataclass(frozen=True, slots=True)
class Ending:
    """What process 1 said: the command's status (None where a limit ended it), and the limit that it saw met."""

    exit: int | None
    met: EndedBy | None


class MarkFilter:
    """Takes the closing mark out of a stream of standard error, wherever the pieces are cut."""

    def __init__(self, nonce: str) -> None:
        self._mark = b"\0" + nonce.encode()
        self._held = b""
        self._found = False

    def feed(self, piece: bytes) -> bytes:
        """The part of what came so far that is the command's for certain."""
        data = self._held + piece
        if self._found:
            self._held = data[: MARK_LIMIT + 1]
            return b""
        place = data.find(self._mark)
        if place >= 0:
            self._found = True
            self._held = data[place:][: MARK_LIMIT + 1]
            return data[:place]
        keep = _overlap(data, self._mark)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep]

    def rest(self) -> bytes:
        """What was held back and proved to be the command's, once the stream has ended."""
        return b"" if self._found else self._held

    def ending(self) -> Ending | None:
        """What process 1 said, or None where it was killed before it could.

        Raises:
            SandboxFault: the mark is ours and makes no sense.
        """
        if not self._found:
            return None
        try:
            found = json.loads(self._held[len(self._mark) :])
            return Ending(exit=found["exit"], met=EndedBy(found["met"]) if found["met"] else None)
        except (ValueError, KeyError, TypeError) as error:
            raise SandboxFault(f"the sandbox's process 1 ended with a mark that cannot be read: {error}") from error


def _overlap(data: bytes, mark: bytes) -> int:
    """How many of the last bytes of `data` may be the beginning of `mark`."""
    for size in range(min(len(data), len(mark) - 1), 0, -1):
        if data.endswith(mark[:size]):
            return size
    return 0


def private_size(disk: int) -> int:
    """Size in bytes of each private file system: the limit on disk; a zero would mean no bound to the kernel."""
    return max(disk, MIB)
