"""The one way out of the install phase: a proxy on loopback inside, a Unix socket outside. Tests never have it."""

import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.sandbox import MIB
from tests.integration.sandbox.conftest import Runs

BIG = 8 * MIB


class Proxy(socketserver.BaseRequestHandler):
    """Answers every request with what it was asked for; `/big` with much, `/echo` with what it is sent."""

    def handle(self) -> None:
        """One connection, one request."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(4096)
            if not piece:
                return
            head += piece
        line = head.partition(b"\r\n")[0]
        if b"/echo" in line:
            body = head.partition(b"\r\n\r\n")[2]
            while piece := self.request.recv(65536):
                body += piece
        else:
            body = b"x" * BIG if b"/big" in line else line
        self.request.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The egress proxy's stand-in."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@contextmanager
def proxy() -> Iterator[Path]:
    """A proxy that listens on a Unix socket in a folder that only we may enter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "egress.sock"
        with Server(str(path), Proxy) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield path
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture
def egress() -> Iterator[Path]:
    """Its socket."""
    with proxy() as path:
        yield path


FETCH = "import urllib.request as r; print(len(r.urlopen('http://host.invalid{path}').read()))"


def test_requests_reach_the_proxy(run: Runs, egress: Path) -> None:
    """By the usual variables, in both cases, and with the name that was asked for."""
    script = "import urllib.request as r; print(r.urlopen('http://packages.invalid/simple').read().decode())"
    outcome = run.python(script, egress_socket=egress)
    assert outcome.stdout == b"GET http://packages.invalid/simple HTTP/1.1\n", outcome.stderr
    names = run("/usr/bin/env", egress_socket=egress).stdout.decode()
    found = dict(line.split("=", 1) for line in names.splitlines())
    values = {
        found[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    }
    assert len(values) == 1
    assert values.pop().startswith("http://127.0.0.1:")


def test_much_comes_through(run: Runs, egress: Path) -> None:
    """More than any buffer between holds."""
    outcome = run.python(FETCH.format(path="/big"), egress_socket=egress)
    assert outcome.stdout.strip() == str(BIG).encode(), outcome.stderr


def test_an_end_of_sending_is_passed_on(run: Runs, egress: Path) -> None:
    """One side may be done while the other still talks."""
    script = """
import os, socket
port = int(os.environ["HTTP_PROXY"].rpartition(":")[2])
with socket.create_connection(("127.0.0.1", port)) as connection:
    connection.sendall(b"PUT /echo HTTP/1.1\\r\\n\\r\\n" + b"y" * 3000000)
    connection.shutdown(socket.SHUT_WR)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
print(answer.count(b"y"))
"""
    outcome = run.python(script, egress_socket=egress)
    assert outcome.stdout == b"3000000\n", outcome.stderr


def test_many_connections_at_once(run: Runs, egress: Path) -> None:
    """As installers open them."""
    script = """
import concurrent.futures, urllib.request as r
with concurrent.futures.ThreadPoolExecutor(24) as pool:
    print(sum(pool.map(lambda n: len(r.urlopen(f'http://host.invalid/{n:03}').read()), range(96))))
"""
    outcome = run.python(script, egress_socket=egress)
    assert outcome.stdout.strip() == str(96 * len("GET http://host.invalid/000 HTTP/1.1")).encode(), outcome.stderr


def test_a_proxy_that_is_gone_is_a_refused_connection(run: Runs, tmp_path: Path) -> None:
    """Not a command that hangs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "egress.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
        outcome = run.python(FETCH.format(path="/"), egress_socket=path)
    assert outcome.exit == 1
    assert outcome.seconds < 10


def test_without_it_there_is_no_way_out(run: Runs) -> None:
    """No proxy variables, no socket, no listener."""
    outcome = run("/bin/sh", "-c", "env | grep -i proxy; ls /mergelock; cat /proc/net/tcp /proc/net/unix | wc -l")
    lines = outcome.stdout.decode().split()
    assert lines[0] == "inside"
    assert lines[-1] == "2"
