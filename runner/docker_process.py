"""One running container: attached, started, killed, removed. `docker` is imported here and in `docker.py` only."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests.exceptions

from runner.cgroups import Group, folders_of
from runner.errors import SandboxFault, SandboxUnavailable
from runner.sandbox import EndedBy
from runner.supervise import CHUNK

FRAME = 8  # bytes before each piece: which stream, three zeros, its size
STDERR = 2
ENGINE_SOCKET = "/var/run/docker.sock"
CALL_TIME = 60  # seconds for one answer of the engine
KILL_TIME = 10.0  # seconds to wait for a kill before the container is removed by force
ENGINE_TROUBLE = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)


@contextlib.contextmanager
def connect() -> Iterator[docker.APIClient]:
    """A client of its own for each use: its connections are not made to be shared by threads.

    Raises:
        SandboxUnavailable: there is no engine, or it is on another machine.
    """
    address = os.environ.get("DOCKER_HOST", "")
    if address and not address.startswith("unix://"):
        raise SandboxUnavailable(("DOCKER_HOST names an engine on another machine, which cannot see the workspaces",))
    _knock(Path(address.removeprefix("unix://") or ENGINE_SOCKET))
    try:
        client = docker.APIClient(base_url=address or None, version="auto", timeout=CALL_TIME)
    except ENGINE_TROUBLE as error:
        raise SandboxUnavailable((f"no Docker engine answers; install docker.io and start it ({error})",)) from error
    with contextlib.closing(client):
        yield client


def _knock(path: Path) -> None:
    """Say plainly why no engine answers there: docker's client leaves its socket open when it fails."""
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(CALL_TIME)
        try:
            knocking.connect(str(path))
        except PermissionError as error:
            raise SandboxUnavailable(("this user may not speak to the Docker engine; add it to its group",)) from error
        except OSError as error:
            raise SandboxUnavailable(
                (f"no Docker engine answers; install docker.io and start it ({error})",)
            ) from error


class FramedStreams:
    """Standard output and error as the engine sends them: in one stream, each piece with a frame."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = bytearray()
        self._stream, self._left = 0, 0

    def descriptors(self) -> tuple[int, ...]:
        """The one connection."""
        return (self._descriptor,)

    def read(self, descriptor: int) -> list[tuple[bool, bytes]] | None:
        """One read of what is there."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            return None
        return self.take(data) if data else None

    def take(self, data: bytes) -> list[tuple[bool, bytes]]:
        """The pieces in what came, wherever it was cut."""
        self._unread += data
        pieces = []
        while self._unread:
            if self._left == 0:
                if len(self._unread) < FRAME:
                    break
                self._stream, self._left = self._unread[0], int.from_bytes(self._unread[4:FRAME], "big")
                del self._unread[:FRAME]
                continue
            piece = bytes(self._unread[: self._left])
            del self._unread[: len(piece)]
            self._left -= len(piece)
            pieces.append((self._stream == STDERR, piece))
        return pieces


@dataclass(slots=True)
class Started:
    """One container of ours, from outside."""

    client: docker.APIClient
    id: str
    connection: socket.SocketIO
    group: Group = field(default_factory=lambda: Group({}, {}))
    _killer: threading.Thread | None = None

    @property
    def output(self) -> int:
        """The descriptor that output is read from."""
        return self.connection.fileno()

    def start(self) -> None:
        """Let process 1 run; it waits for its header."""
        self.client.start(self.id)
        pid = self.client.inspect_container(self.id)["State"]["Pid"]
        with contextlib.suppress(OSError):
            found = folders_of(Path(f"/proc/{pid}/cgroup").read_text(), Path("/proc/self/mountinfo").read_text())
            self.group = Group(
                {name: place for name, (place, _) in found.items()}, {n: v for n, (_, v) in found.items()}
            )

    def take_stdin(self) -> int:
        """A descriptor of its own for writing, which the caller closes."""
        return os.dup(self.connection.fileno())

    def finish_stdin(self) -> None:
        """Tell the engine that no more input comes, while output still does."""
        raw = socket.socket(fileno=os.dup(self.connection.fileno()))
        with raw, contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """Have process 1 killed, and with it everything in its namespace.

        In a thread of its own: the engine answers once the output has been taken, and it is the caller who takes it.
        """
        if self._killer is None:
            self._killer = threading.Thread(target=self._kill, name="docker-kill", daemon=True)
            self._killer.start()

    def _kill(self) -> None:
        # It may have ended; removing it by force comes next in any case.
        with contextlib.suppress(*ENGINE_TROUBLE, SandboxUnavailable), connect() as client:
            client.kill(self.id)

    def end(self) -> None:
        """Wait for a kill that is under way."""
        if self._killer is not None:
            self._killer.join(KILL_TIME)

    def limit_met(self) -> EndedBy | None:
        """Which limit the kernel has had to hold, as far as its counters can be read from here."""
        return self.group.limit_met()

    def ran_out_of_memory(self) -> bool:
        """Whether the engine says so, once the container has ended and its counters are gone."""
        return bool(self.client.inspect_container(self.id)["State"]["OOMKilled"])


@contextlib.contextmanager
def created(client: docker.APIClient, body: dict[str, Any]) -> Iterator[Started]:
    """Create a container and attach to it; whatever happens in the block, it is removed by force afterwards."""
    try:
        container = client.create_container_from_config(body)["Id"]  # type: ignore[no-untyped-call]
    except ENGINE_TROUBLE as error:
        raise SandboxFault(f"the Docker engine made no container: {error}") from error
    try:
        parameters = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        with contextlib.closing(client.attach_socket(container, parameters)) as connection:
            started = Started(client, container, connection)
            try:
                yield started
            finally:
                # Closing the stream alone leaves the connection open that it came by.
                response = getattr(connection, "_response", None)
                if response is not None:
                    response.close()
        started.end()
    except ENGINE_TROUBLE as error:
        raise SandboxFault(f"the Docker engine failed: {error}") from error
    finally:
        _remove(client, container)


def _remove(client: docker.APIClient, container: str) -> None:
    """Nothing of it is left, or we say so."""
    try:
        client.remove_container(container, v=True, force=True)
    except docker.errors.NotFound:
        return
    except ENGINE_TROUBLE as error:
        raise SandboxFault(f"a container could not be removed; look at it with docker ps: {error}") from error
