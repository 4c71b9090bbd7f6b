"""The processes of the demo: GitHub's stand-in, the web server, a worker. All on loopback, all ended by the demo."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.demo.errors import DemoError

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60.0
STOP_SECONDS = 20.0


class GitHub:
    """The stand-in's back door: what people do there, and what is to be seen there."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.url: str = described["url"]
        self.api_url: str = described["api_url"]
        self.app_id: int = described["app_id"]
        self.private_key: str = described["private_key"]
        self.webhook_secret: str = described["webhook_secret"]
        self._token: str = described["control_token"]

    def do(self, action: str, **arguments: Any) -> Any:
        """Have somebody do something, or look at something."""
        request = urllib.request.Request(  # noqa: S310 - our own process on loopback
            f"{self.url}/_control/{action}",
            data=json.dumps(arguments).encode(),
            headers={"Content-Type": "application/json", "X-Control": self._token},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            raise DemoError(f"the stand-in refused {action}: {error.read().decode('utf-8', 'replace')}") from error


@dataclass(frozen=True, slots=True)
class Servers:
    """The running processes, and where they are."""

    github: GitHub
    page: str
    sign_in: str
    database: str


@contextmanager
def running(folder: Path, sandbox: str) -> Iterator[Servers]:
    """Start all three and end them again; their logs go to `folder`.

    Raises:
        DemoError: one of them did not come up.
    """
    if not (ROOT / "tests" / "github" / "server.py").is_file():
        raise DemoError(
            "the demo needs GitHub's stand-in, which is part of a checkout: clone the repository, `make demo`"
        )
    started: list[subprocess.Popen[bytes]] = []
    try:
        port = _free_port()
        page = f"http://127.0.0.1:{port}"
        state = folder / "github.json"
        options = ("--folder", str(folder / "github"), "--state", str(state))
        stand_in = (sys.executable, "-m", "tests.github.server", *options, "--webhook-url", f"{page}/webhooks/github")
        started.append(_start(stand_in, {}, folder / "github.log"))
        _wait("GitHub's stand-in", state.is_file, started[-1], folder / "github.log")
        github = GitHub(json.loads(state.read_text()))
        environment = _settings(folder, github, port, sandbox)
        for name, ready in (("serve", "healthz"), ("worker", "readyz")):
            log = folder / f"{name}.log"
            started.append(_start((sys.executable, "-m", "app.cli", name), environment, log))
            _wait(f"mergelock {name}", lambda ready=ready: _answers(f"{page}/{ready}"), started[-1], log)
        yield Servers(github, page, _sign_in(folder / "serve.log"), f"sqlite:///{folder / 'data' / 'mergelock.db'}")
    finally:
        _end(started)


def _settings(folder: Path, github: GitHub, port: int, sandbox: str) -> dict[str, str]:
    key = folder / "app.pem"
    key.touch(mode=0o600)
    key.write_text(github.private_key)
    return {
        "MERGELOCK_DATA_DIR": str(folder / "data"),
        "MERGELOCK_GITHUB_API_URL": github.api_url,
        "MERGELOCK_APP_ID": str(github.app_id),
        "MERGELOCK_PRIVATE_KEY_FILE": str(key),
        "MERGELOCK_WEBHOOK_SECRETS": github.webhook_secret,
        "MERGELOCK_BIND": f"127.0.0.1:{port}",
        "MERGELOCK_SANDBOX": sandbox,
    }


def _start(command: tuple[str, ...], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MERGELOCK_")}
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, env={**own, **environment}, stdout=output, stderr=output, start_new_session=True
        )


def _end(started: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(started):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in reversed(started):
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait(what: str, ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end = log.read_text(errors="replace")[-1500:]
            raise DemoError(f"{what} did not come up. The end of its log:\n{end}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own process on loopback
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def _sign_in(log: Path) -> str:
    for line in log.read_text(errors="replace").splitlines():
        if "/sign-in?token=" in line:
            return line.split()[-1]
    raise DemoError(f"the web server printed no sign-in link; see {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
