"""Reads git objects one after the other from a single `git cat-file --batch`, bounded in size and time."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
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
        return self._answer(name, limit, sink, path)

    def copy_all(self, names: Sequence[str], limit: int, sinks: Iterable[Callable[[bytes], object]]) -> None:
        """Hand each object's content to its sink, in order; much quicker than one by one. Errors as `read`.

        Each sink is taken from the iterable right before its object is read, and done with when the next one is taken.
        """
        following = iter(sinks)
        for first in range(0, len(names), _ASKED_AT_ONCE):
            some = names[first : first + _ASKED_AT_ONCE]
            self._ask(self._contents, some)
            for name, sink in zip(some, following, strict=False):
                self._answer(name, limit, sink, "")

    def _answer(self, name: str, limit: int, sink: Callable[[bytes], object], path: str) -> tuple[str, int]:
        kind, size = self._header(self._contents, name)
        if size > limit:
            raise TooLarge(f"a file or folder has {size} bytes, more than the {limit} allowed", path)
        left = size
        while left:
            piece = self._take(self._contents, left)
            left -= len(piece)
            sink(piece)
        self._take(self._contents, 1)
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
        buffer = self._filled(process)
        while (end_of_line := buffer.find(b"\n")) < 0:
            self._fill(process, buffer)
        fields = buffer[:end_of_line].split()
        del buffer[: end_of_line + 1]
        if len(fields) != 3 or not fields[2].isdigit():  # noqa: PLR2004 - "<id> <type> <size>", else "<name> missing"
            raise CommitMissing(name)
        return fields[1].decode("ascii"), int(fields[2])

    def _take(self, process: "subprocess.Popen[bytes]", most: int) -> bytes:
        buffer = self._filled(process)
        piece = bytes(buffer[:most])
        del buffer[:most]
        return piece

    def _filled(self, process: "subprocess.Popen[bytes]") -> bytearray:
        buffer = self._read.setdefault(process.pid, bytearray())
        if not buffer:
            self._fill(process, buffer)
        return buffer

    def _fill(self, process: "subprocess.Popen[bytes]", buffer: bytearray) -> None:
        assert process.stdout is not None  # noqa: S101 - started with a pipe
        descriptor = process.stdout.fileno()
        self._watch.readable(descriptor)
        data = os.read(descriptor, 1 << 16)
        if not data:
            raise FetchTrouble("git cat-file ended before its time; the mirror may be damaged: remove it to fetch anew")
        buffer += data


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
