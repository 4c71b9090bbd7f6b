"""The one way out of the install phase: loopback TCP inside, bytes to the egress proxy's Unix socket. Stdlib only."""

import contextlib
import selectors
import socket

CHUNK = 65536
MOST_CONNECTIONS = 256


class Bridge:
    """Listens on 127.0.0.1 at a port of the kernel's choice and copies each connection to the Unix socket and back."""

    def __init__(self, path: str, selector: selectors.BaseSelector) -> None:
        self._path = path
        self._selector = selector
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self._peers: dict[socket.socket, socket.socket] = {}
        self._pending: dict[socket.socket, bytearray] = {}
        self._finished: set[socket.socket] = set()
        selector.register(self._listener, selectors.EVENT_READ, self)

    @property
    def address(self) -> str:
        """What the proxy variables say."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def ready(self, key: selectors.SelectorKey, events: int) -> None:
        """Handle what the selector saw on one of our sockets."""
        connection = key.fileobj
        if connection is self._listener:
            self._accept()
            return
        if not isinstance(connection, socket.socket) or connection not in self._peers:
            return
        try:
            if events & selectors.EVENT_WRITE:
                self._flush(connection)
            if events & selectors.EVENT_READ and connection in self._peers:
                self._read(connection)
        except OSError:
            self._close(connection)

    def _accept(self) -> None:
        inner, _ = self._listener.accept()
        outer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            reached = len(self._peers) < 2 * MOST_CONNECTIONS and outer.connect_ex(self._path) == 0
        except OSError:
            reached = False
        if not reached:
            inner.close()
            outer.close()
            return
        for one, other in ((inner, outer), (outer, inner)):
            one.setblocking(False)
            self._peers[one] = other
            self._pending[one] = bytearray()
            self._selector.register(one, selectors.EVENT_READ, self)

    def _read(self, connection: socket.socket) -> None:
        peer = self._peers[connection]
        data = connection.recv(CHUNK)
        if data:
            self._pending[peer] += data
        else:
            self._finished.add(connection)
        self._flush(peer)

    def _flush(self, connection: socket.socket) -> None:
        pending = self._pending[connection]
        if pending:
            with contextlib.suppress(BlockingIOError):
                del pending[: connection.send(pending)]
        peer = self._peers[connection]
        if not pending and peer in self._finished:
            connection.shutdown(socket.SHUT_WR)
            if connection in self._finished:
                self._close(connection)
                return
        self._listen_for(connection)
        self._listen_for(peer)

    def _listen_for(self, connection: socket.socket) -> None:
        """Ask to write while something waits, to read while the other side keeps up: back-pressure both ways."""
        wanted = selectors.EVENT_WRITE if self._pending[connection] else 0
        if connection not in self._finished and not self._pending[self._peers[connection]]:
            wanted |= selectors.EVENT_READ
        known = self._selector.get_map()
        if wanted == 0:
            if connection in known:
                self._selector.unregister(connection)
        elif connection in known:
            self._selector.modify(connection, wanted, self)
        else:
            self._selector.register(connection, wanted, self)

    def _close(self, connection: socket.socket) -> None:
        for one in (connection, self._peers[connection]):
            if one in self._selector.get_map():
                self._selector.unregister(one)
            self._peers.pop(one, None)
            self._pending.pop(one, None)
            self._finished.discard(one)
            one.close()
