"""The egress proxy: the one way out of the install phase. It opens tunnels to the allowed hosts, and logs every wish.

A Unix socket in a private folder; `CONNECT` and nothing else; names are resolved here, and an address that is not a
public one is refused unless the machine's own configuration names the host. Why it is not proxy.py:
docs/decisions/0030-egress-proxy.md.
"""

import asyncio
import base64
import contextlib
import ipaddress
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit
from urllib.request import (  # type: ignore[attr-defined] # the second is there, its types are not
    getproxies_environment,
    proxy_bypass_environment,
)

from runner.environment.sources import Host

_HEAD_LIMIT = 16 * 1024
_PATIENCE = 30.0
_MOST_REQUESTS = 10_000
_CHUNK = 64 * 1024


@dataclass(slots=True)
class Tunnel:
    """One wish to get out: where to, whether it was let, and how many bytes went each way."""

    host: str
    port: int
    allowed: bool
    reason: str = ""
    sent: int = 0
    received: int = 0


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: str, reason: str, host: str = "", port: int = 0) -> None:
        super().__init__(reason)
        self.status, self.reason, self.host, self.port = status, reason, host, port


class EgressProxy:
    """Serves from entering its context to leaving it, in a thread of its own.

    Attributes:
        path: the Unix socket.
        tunnels: what was asked for, in order; complete once the context is left.
    """

    def __init__(
        self, hosts: Iterable[Host], *, environment: Mapping[str, str] | None = None, most_bytes: int = 8 * 1024**3
    ) -> None:
        """Allow those hosts.

        Args:
            hosts: all that may be reached.
            environment: where the machine's own proxy is looked up (HTTPS_PROXY, NO_PROXY); ours if None.
            most_bytes: what may come in, all tunnels together.
        """
        self._hosts = {(host.name.lower(), host.port): host for host in hosts}
        self._proxies = getproxies_environment() if environment is None else _lower_proxies(environment)
        self._left = most_bytes
        self.tunnels: list[Tunnel] = []

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._folder = Path(tempfile.mkdtemp(prefix="mergelock-egress-"))
        self.path = self._folder / "socket"
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="egress-proxy", daemon=True)
        self._thread.start()
        ready.wait(_PATIENCE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every tunnel and take the socket away."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main(ready))
        finally:
            self._loop.close()

    async def _main(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        clients: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._client(reader, writer))
            clients.add(task)
            task.add_done_callback(clients.discard)

        server = await asyncio.start_unix_server(accept, self.path, limit=_HEAD_LIMIT)
        os.chmod(self.path, 0o600)  # noqa: PTH101 - Path.chmod is the same call
        ready.set()
        await self._stop.wait()
        server.close()
        for task in tuple(clients):
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were ended close their sockets in the loop's next round

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                await self._serve_wish(reader, writer)
            finally:
                self._end(writer)

    async def _serve_wish(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = "", 0
        try:
            host, port = await asyncio.wait_for(_read_wish(reader), _PATIENCE)
            upstream = await asyncio.wait_for(self._open(host, port), _PATIENCE)
        except (_Refused, TimeoutError, OSError) as trouble:
            refusal = trouble if isinstance(trouble, _Refused) else _Refused("502 Bad Gateway", _words(trouble))
            if refusal.host or host:
                self._log(Tunnel(refusal.host or host, refusal.port or port, allowed=False, reason=refusal.reason))
            writer.write(f"HTTP/1.1 {refusal.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        else:
            tunnel = Tunnel(host, port, allowed=True)
            self._log(tunnel)
            try:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await self._carry(tunnel, (reader, writer), upstream)
            finally:
                self._end(upstream[1])

    def _end(self, writer: asyncio.StreamWriter) -> None:
        """Close after what is still to be sent; at once when we stop."""
        if self._stop.is_set():
            writer.transport.abort()
        else:
            writer.close()

    async def _open(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        allowed = self._hosts.get((host.lower(), port))
        if allowed is None:
            raise _Refused("403 Forbidden", "not an allowed host", host, port)
        if len(self.tunnels) >= _MOST_REQUESTS or self._left <= 0:
            raise _Refused("403 Forbidden", "too many connections or bytes", host, port)
        proxy = self._proxies.get("https")
        if proxy and not proxy_bypass_environment(f"{host}:{port}", dict(self._proxies)):
            return await _through(proxy, host, port)
        try:
            found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as trouble:
            raise _Refused("502 Bad Gateway", f"the name cannot be resolved ({trouble})", host, port) from trouble
        for *_, address in found:
            number = str(address[0])
            if allowed.configured or ipaddress.ip_address(number.split("%", maxsplit=1)[0]).is_global:
                return await asyncio.open_connection(number, port)
        raise _Refused("403 Forbidden", "resolves to an address that is not public", host, port)

    async def _carry(
        self,
        tunnel: Tunnel,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, inward: bool) -> None:
            while data := await reader.read(_CHUNK):
                if inward:
                    tunnel.received += len(data)
                    self._left -= len(data)
                    if self._left < 0:
                        tunnel.reason = "cut: more bytes than an environment may have"
                        break
                else:
                    tunnel.sent += len(data)
                writer.write(data)
                await writer.drain()
            with contextlib.suppress(OSError):
                writer.write_eof()

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(pump(near[0], far[1], inward=False))
                group.create_task(pump(far[0], near[1], inward=True))
        except* OSError:
            tunnel.reason = tunnel.reason or "cut by one of its ends"

    def _log(self, tunnel: Tunnel) -> None:
        if len(self.tunnels) < 2 * _MOST_REQUESTS:
            self.tunnels.append(tunnel)


async def _read_wish(reader: asyncio.StreamReader) -> tuple[str, int]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.LimitOverrunError, asyncio.IncompleteReadError) as trouble:
        raise _Refused("400 Bad Request", "not a request") from trouble
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or words[0] != "CONNECT":  # noqa: PLR2004 - method, target, version
        raise _Refused("405 Method Not Allowed", "only CONNECT is served", words[1][:200] if words[1:] else "?")
    host, _, port = words[1].rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 - ports
        raise _Refused("400 Bad Request", "not host:port", words[1][:200])
    return host.strip("[]"), int(port)


async def _through(proxy: str, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A tunnel through the machine's own proxy, which resolves the name."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append("Proxy-Authorization: Basic " + base64.b64encode(secret.encode()).decode())
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        writer.close()
        raise _Refused("502 Bad Gateway", "this machine's own proxy refused", host, port)
    return reader, writer


def _lower_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, value in environment.items():
        if name.lower().endswith("_proxy") and value:
            found[name.lower().removesuffix("_proxy")] = value
    return found


def _words(trouble: Exception) -> str:
    return str(trouble) or type(trouble).__name__
