"""Reads git objects one after the other from a single `git cat-file --batch`, bounded in size and time."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from app.repository.errors import CommitMissing, FetchTrouble, HostileTree, TooLarge
from app.repository.git import Git
from app.repository.process import Watch, end, start

_ASKED_AT_ONCE = 400  # 17 kB of names: less than a pipe holds, so that neither side waits for the other
_RAW_ID = 20


class Objects:
    """A running `git cat-file`. Use it as a context manager; not for several threads at once."""

    def __init__(self, git: Git, *, seconds: float = 300.0, cancel: threading.Event | None = None) -> None:
        self._watch = Watch(seconds, cancel)
        # --buffer would hold answers back; one question at a time is quick enough (about 30,000 a second).
        self._contents = _running(git, "--batch")
        self._names = _running(git, "--batch-check")
        self._read: dict[int, bytearray] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end(self._contents)
        end(self._names)

    def read(self, name: str, limit: int, path: str = "") -> tuple[str, bytes]:
        """An object's type and content.

        Raises:
            CommitMissing: there is no such object.
            TooLarge: it has more than `limit` bytes; this reader is of no use afterwards.
        """
        pieces: list[bytes] = []
        kind, _ = self.copy(name, limit, pieces.append, path)
        return kind, b"".join(pieces)

    def copy(self, name: str, limit: int, sink: Callable[[bytes], object], path: str = "") -> tuple[str, int]:
        """Hand an object's content to `sink` in pieces; gives its type and size. Errors as `read`."""
        self._ask(self._contents, [name])
        kind, size = self._header(self._contents, name)
        if size > limit:
            raise TooLarge(f"a file or folder has {size} bytes, more than the {limit} allowed", path)
        left = size
        while left:
            piece = self._take(self._contents, left)
            left -= len(piece)
            sink(piece)
        self._exactly(self._contents, 1)
        return kind, size

    def sizes(self, names: Sequence[str]) -> Iterator[int]:
        """The sizes in bytes of objects that are there, in the order asked."""
        for first in range(0, len(names), _ASKED_AT_ONCE):
            some = names[first : first + _ASKED_AT_ONCE]
            self._ask(self._names, some)
            for name in some:
                yield self._header(self._names, name)[1]

    def tree(self, name: str, limit: int, path: str = "") -> list[tuple[bytes, bytes, str]]:
        """A tree's entries: mode, name, object id. Errors as `read`, and HostileTree where it does not parse."""
        kind, data = self.read(name, limit, path)
        if kind != "tree":
            raise HostileTree("a folder's object is not a tree", path)
        return parse_tree(data, path)

    def _ask(self, process: "subprocess.Popen[bytes]", names: Sequence[str]) -> None:
        assert process.stdin is not None  # noqa: S101 - started with a pipe
        for name in names:
            if "\n" in name or not name:
                raise CommitMissing(name)
        try:
            process.stdin.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
        except BrokenPipeError:
            raise FetchTrouble(
                "git cat-file ended before its time; the mirror may be damaged: remove it to fetch anew"
            ) from None

    def _header(self, process: "subprocess.Popen[bytes]", name: str) -> tuple[str, int]:
        line = bytearray()
        while not line.endswith(b"\n"):
            line += self._exactly(process, 1)
        fields = line.split()
        if len(fields) != 3 or not fields[2].isdigit():  # noqa: PLR2004 - "<id> <type> <size>", else "<name> missing"
            raise CommitMissing(name)
        return fields[1].decode("ascii"), int(fields[2])

    def _exactly(self, process: "subprocess.Popen[bytes]", count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._take(process, count - len(data))
        return data

    def _take(self, process: "subprocess.Popen[bytes]", most: int) -> bytes:
        assert process.stdout is not None  # noqa: S101 - started with a pipe
        descriptor = process.stdout.fileno()
        buffer = self._read.setdefault(descriptor, bytearray())
        if not buffer:
            self._watch.readable(descriptor)
            buffer += os.read(descriptor, 1 << 16)
            if not buffer:
                raise FetchTrouble(
                    "git cat-file ended before its time; the mirror may be damaged: remove it to fetch anew"
                )
        piece = bytes(buffer[:most])
        del buffer[:most]
        return piece


def _running(git: Git, mode: str) -> "subprocess.Popen[bytes]":
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return start(git.argv("cat-file", mode), git.environment(), git.bounds, **pipes)


def parse_tree(data: bytes, path: str = "") -> list[tuple[bytes, bytes, str]]:
    """A tree object's entries (mode, name, id in hexadecimal); pure.

    Raises:
        HostileTree: the bytes are no tree.
    """
    entries = []
    at = 0
    while at < len(data):
        space, zero = data.find(b" ", at), data.find(b"\0", at)
        if not at < space < zero or zero + 1 + _RAW_ID > len(data):
            raise HostileTree("a folder's object does not parse", path)
        entries.append((data[at:space], data[space + 1 : zero], data[zero + 1 : zero + 1 + _RAW_ID].hex()))
        at = zero + 1 + _RAW_ID
    return entries
