"""A command's output, bounded: its head and its tail are kept, the middle of a flood is not. Pure."""

from collections import deque

FLOOD = 4
"""An output this many times its limit is a flood, and ends the command."""


class BoundedOutput:
    """Keeps at most `limit` bytes of a stream: the first half as it came, and the last half."""

    def __init__(self, limit: int) -> None:
        self._head_room = limit - limit // 2
        self._tail_room = limit // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self.total = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total += len(piece)
        room = self._head_room - len(self._head)
        if room > 0:
            self._head += piece[:room]
            piece = piece[room:]
        if not piece or self._tail_room == 0:
            return
        self._tail.append(piece)
        self._tail_size += len(piece)
        while self._tail_size - len(self._tail[0]) >= self._tail_room:
            self._tail_size -= len(self._tail.popleft())

    @property
    def truncated(self) -> bool:
        """Whether a part of the stream was dropped."""
        return self.total > self._head_room + self._tail_room

    @property
    def kept(self) -> bytes:
        """Head and tail, with a line between them that says how much is missing where something is."""
        tail = b"".join(self._tail)
        if not self.truncated:
            return bytes(self._head) + tail
        tail = tail[len(tail) - self._tail_room :]
        missing = self.total - len(self._head) - len(tail)
        return bytes(self._head) + f"\n[... {missing} bytes of output left out ...]\n".encode() + tail
