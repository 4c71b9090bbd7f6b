"""The web server as it is really served: gunicorn as a process of its own, on loopback, in a folder of its own."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import Settings, load
from app.store import Store
from app.web import launch
from tests.waiting import until


@dataclass
class Served:
    """A running server."""

    settings: Settings
    store: Store
    port: int
    secret: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address."""
        return self.settings.public_url

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def kill(self) -> None:
        """`kill -9` of all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


@contextmanager
def serving(folder: Path, database: str = "") -> Iterator[Served]:
    """Serve until the block ends; the database is a new SQLite file in the folder unless given."""
    port, secret = free_port(), secrets.token_hex(32)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "MERGELOCK_DATA_DIR": str(folder),
            "MERGELOCK_DATABASE_URL": database,
            "MERGELOCK_WEBHOOK_SECRETS": secret,
            "MERGELOCK_BIND": f"127.0.0.1:{port}",
            "MERGELOCK_LOG_LEVEL": "warning",
        }.items():
            environment.setenv(name, value)
        settings = load()
        launch.prepare(settings)
        started = launch.gunicorn(settings)
        process = subprocess.Popen(
            started.command, env={**os.environ, **started.environment}, start_new_session=True, cwd=folder
        )
    served = Served(settings, Store.open(settings.database), port, secret, process)
    try:
        until(lambda: answers(port) or process.poll() is not None, seconds=60, what="the server answers")
        assert process.poll() is None, "the server ended as it started: see its messages above"
        yield served
    finally:
        served.stop()
        served.store.close()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether a server is up there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
