"""Where the token goes: to the host it is for, in a header, and nowhere else."""

import base64
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.repository.errors import FetchTrouble
from app.repository.git import Remote
from app.repository.mirror import Mirror

TOKEN = "ghs_exampleTOKENexample0123456789"


class Host(http.server.ThreadingHTTPServer):
    """A web server that notes what it was asked, how git's processes look meanwhile, then redirects or fails."""

    daemon_threads = True

    def __init__(self, location: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.location = location
        self.headers: list[str] = []
        self.paths: list[str] = []
        self.arguments: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/o/r.git"


class Asked(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.headers.append(self.headers.get("Authorization", ""))
        self.server.paths.append(self.path)
        for process in Path("/proc").glob("[0-9]*"):
            try:
                self.server.arguments.append((process / "cmdline").read_bytes())
            except (FileNotFoundError, ProcessLookupError):
                continue
        if self.server.location:
            self.send_response(302)
            self.send_header("Location", self.server.location)
        else:
            self.send_response(500)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def test_the_token_is_in_a_header_only(tmp_path: Path, host: Host) -> None:
    mirror = Mirror(tmp_path / "data", "o/r")
    with pytest.raises(FetchTrouble) as told:
        mirror.fetch(Remote(host.url, TOKEN), ["refs/heads/main"])
    basic = base64.b64encode(f"x-access-token:{TOKEN}".encode())
    assert host.headers[0] == f"Basic {basic.decode()}"
    seen = b"\n".join(host.arguments)
    assert b"fetch" in seen
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (TOKEN.encode(), basic):
        assert secret not in seen
        assert secret not in on_disk
        assert secret not in str(told.value).encode()
        assert secret not in repr(Remote(host.url, TOKEN)).encode()
    assert TOKEN not in "".join(host.paths)


def test_a_redirect_takes_no_token_along(tmp_path: Path, host: Host) -> None:
    with Host() as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.02,))
        thread.start()
        host.location = f"{other.url}/info/refs?service=git-upload-pack"
        with pytest.raises(FetchTrouble):
            Mirror(tmp_path / "data", "o/r").fetch(Remote(host.url, TOKEN), ["refs/heads/main"])
        other.shutdown()
        thread.join(10)
        assert other.headers == []
    assert len(host.headers) == 1


def test_another_host_gets_no_token(tmp_path: Path, host: Host) -> None:
    mirror = Mirror(tmp_path / "data", "o/r")
    environment = mirror.git.environment(Remote("https://example.org/o/r", TOKEN))
    named = [value for key, value in environment.items() if key.startswith("GIT_CONFIG_KEY") and "extraHeader" in value]
    assert named == ["http.https://example.org/o/r.extraHeader"]
