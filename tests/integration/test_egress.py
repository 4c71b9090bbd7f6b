"""The egress proxy over real sockets: what it lets out, what it refuses, and what it writes down."""

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from runner.environment.egress import EgressProxy
from runner.environment.sources import Host


@pytest.fixture
def echo() -> Iterator[int]:
    """A server on loopback that sends back what it gets; its port."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                while data := connection.recv(65536):
                    connection.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    stop.set()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


def say(proxy: EgressProxy, request: bytes) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(20)
    client.connect(str(proxy.path))
    client.sendall(request)
    return client


def connect(target: str) -> bytes:
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


def answer(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(4096)
        if not piece:
            break
        data += piece
    return data.split(b"\r\n", 1)[0]


def test_a_tunnel_to_an_allowed_host_carries_bytes_and_is_written_down(echo: int) -> None:
    hosts = [Host("localhost", echo, configured=True)]
    with EgressProxy(hosts, environment={}) as proxy, closing(say(proxy, connect(f"LocalHost:{echo}"))) as client:
        assert answer(client) == b"HTTP/1.1 200 Connection established"
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    [tunnel] = proxy.tunnels
    assert (tunnel.host, tunnel.port, tunnel.allowed, tunnel.sent, tunnel.received) == ("LocalHost", echo, True, 5, 5)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(connect("elsewhere.invalid:443"), b"403", id="another-host"),
        pytest.param(connect("localhost:1"), b"403", id="another-port"),
        pytest.param(connect("169.254.169.254:80"), b"403", id="the-metadata-address"),
        pytest.param(connect("[::1]:443"), b"403", id="an-address-in-brackets"),
        pytest.param(b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"405", id="a-plain-request"),
        pytest.param(b"CONNECT localhost HTTP/1.1\r\n\r\n", b"400", id="no-port"),
        pytest.param(b"CONNECT localhost:99999 HTTP/1.1\r\n\r\n", b"400", id="no-such-port"),
        pytest.param(b"A" * 40_000, b"400", id="an-endless-head"),
        pytest.param(b"\x16\x03\x01\r\n\r\n", b"405", id="not-http"),
    ],
)
def test_everything_else_is_refused(request_: bytes, status: bytes) -> None:
    hosts = [Host("localhost", 443, configured=True)]
    with EgressProxy(hosts, environment={}) as proxy, closing(say(proxy, request_)) as client:
        assert answer(client).split()[1] == status
    assert not any(tunnel.allowed for tunnel in proxy.tunnels)


def test_what_was_refused_is_named() -> None:
    with EgressProxy([], environment={}) as proxy, closing(say(proxy, connect("elsewhere.invalid:443"))) as client:
        answer(client)
    assert [(t.host, t.port, t.allowed, t.reason) for t in proxy.tunnels] == [
        ("elsewhere.invalid", 443, False, "not an allowed host")
    ]


def test_a_name_of_the_policy_s_that_leads_inside_is_refused(echo: int) -> None:
    hosts = [Host("localhost", echo)]
    with EgressProxy(hosts, environment={}) as proxy, closing(say(proxy, connect(f"localhost:{echo}"))) as client:
        assert answer(client).split()[1] == b"403"
    assert proxy.tunnels[0].reason == "resolves to an address that is not public"


def test_a_name_that_does_not_exist_is_our_trouble_not_a_crash() -> None:
    hosts = [Host("nowhere.invalid", 443, configured=True)]
    with EgressProxy(hosts, environment={}) as proxy, closing(say(proxy, connect("nowhere.invalid:443"))) as client:
        assert answer(client).split()[1] == b"502"


def test_no_more_comes_in_than_an_environment_may_have(echo: int) -> None:
    allowed = Host("localhost", echo, configured=True)
    with (
        EgressProxy([allowed], environment={}, most_bytes=100_000) as proxy,
        closing(say(proxy, connect(f"localhost:{echo}"))) as client,
    ):
        assert answer(client).split()[1] == b"200"
        sender = threading.Thread(target=_pour, args=(client,), daemon=True)
        sender.start()
        received = 0
        while data := _receive(client):
            received += len(data)
        sender.join(10)
    assert received <= 200_000
    assert "more bytes" in proxy.tunnels[0].reason


def _pour(client: socket.socket) -> None:
    try:
        for _ in range(100):
            client.sendall(b"x" * 65536)
    except OSError:
        return


def _receive(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except OSError:
        return b""


def test_the_machine_s_own_proxy_is_used(echo: int) -> None:
    with EgressProxy([Host("localhost", echo, configured=True)], environment={}) as outer:
        bridge = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=_bridge, args=(bridge, str(outer.path)), daemon=True)
        thread.start()
        environment = {"HTTPS_PROXY": f"http://me:secret@127.0.0.1:{bridge.getsockname()[1]}"}
        with (
            EgressProxy([Host("localhost", echo)], environment=environment) as proxy,
            closing(say(proxy, connect(f"localhost:{echo}"))) as client,
        ):
            assert answer(client).split()[1] == b"200"
            client.sendall(b"hello")
            assert client.recv(100) == b"hello"
        thread.join(10)
        bridge.close()
    assert outer.tunnels[0].allowed


def _bridge(server: socket.socket, path: str) -> None:
    """Serve one connection by passing it on to a Unix socket."""
    near, _ = server.accept()
    far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    far.connect(path)
    with near, far:
        back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
        back.start()
        _pass_on(near, far)
        back.join(10)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_the_socket_is_ours_alone_and_goes_away() -> None:
    with EgressProxy([], environment={}) as proxy:
        path = proxy.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.stat().st_uid == os.getuid()
    assert not path.parent.exists()
