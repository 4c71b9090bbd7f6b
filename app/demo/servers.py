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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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


class Processes:
    """The processes by name: started, killed and started again, all ended in the end. Their logs go to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._commands: dict[str, tuple[tuple[str, ...], dict[str, str], Callable[[], bool]]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def add(self, name: str, command: tuple[str, ...], environment: dict[str, str], ready: Callable[[], bool]) -> None:
        """Start one, and wait until it is ready."""
        self._commands[name] = (command, environment, ready)
        self.start(name)

    def start(self, name: str) -> None:
        """Start one that was added and ended."""
        command, environment, ready = self._commands[name]
        log = self.log(name)
        process = self._running[name] = _start(command, environment, log)
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DemoError(
                    f"{name} did not come up. The end of its log:\n{log.read_text(errors='replace')[-1500:]}"
                )
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """End one at once, without a word, with all that it started."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def pid(self, name: str) -> int:
        """The number of one that was started and not ended by `kill`."""
        return self._running[name].pid

    def stop(self, name: str) -> int:
        """End one as an operator would; answers its exit status.

        Raises:
            DemoError: it did not heed it in time.
        """
        process = self._running[name]
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise DemoError(f"{name} did not end when it was told to; see {self.log(name)}") from error

    def log(self, name: str) -> Path:
        """What one said."""
        return self._folder / f"{name}.log"

    def end(self) -> None:
        """End all in order; those that do not heed it in time are killed."""
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self._running.values()):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


@dataclass(frozen=True, slots=True)
class Servers:
    """The running processes, and where they are."""

    github: GitHub
    page: str
    sign_in: str
    database: str
    processes: Processes


@contextmanager
def running(folder: Path, sandbox: str, *, database: str = "", workers: int = 1) -> Iterator[Servers]:
    """Start GitHub's stand-in, `serve` and `worker`, and end them again.

    Args:
        folder: where all of them keep what they keep.
        sandbox: where patches are run.
        database: its address; a new SQLite file where it is not given.
        workers: how many, called `worker`, `worker-2`, …; with 0 `serve` judges as well.

    Raises:
        DemoError: one of them did not come up.
    """
    if not (ROOT / "tests" / "github" / "server.py").is_file():
        raise DemoError(
            "the demo needs GitHub's stand-in, which is part of a checkout: clone the repository, `make demo`"
        )
    processes = Processes(folder)
    try:
        port = _free_port()
        page = f"http://127.0.0.1:{port}"
        state = folder / "github.json"
        options = ("--folder", str(folder / "github"), "--state", str(state))
        stand_in = (sys.executable, "-m", "tests.github.server", *options, "--webhook-url", f"{page}/webhooks/github")
        processes.add("github", stand_in, {}, state.is_file)
        github = GitHub(json.loads(state.read_text()))
        database = database or f"sqlite:///{folder / 'data' / 'mergelock.db'}"
        environment = _settings(folder, github, port, sandbox) | {"MERGELOCK_DATABASE_URL": database}
        program = (sys.executable, "-m", "app.cli")
        form, ready = (("serve",), "healthz") if workers else (("serve", "--with-worker"), "readyz")
        processes.add("serve", (*program, *form), environment, lambda: _answers(f"{page}/{ready}"))
        for name in ("worker" if number == 1 else f"worker-{number}" for number in range(1, workers + 1)):
            up = partial(_judges, processes.log(name), page)
            processes.add(name, (*program, "worker"), environment, up)
        yield Servers(github, page, _sign_in(processes.log("serve")), database, processes)
    finally:
        processes.end()


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
    with log.open("ab") as output:
        # Told to end if we die without a word: a closed terminal must leave no servers behind.
        told = ("setpriv", "--pdeathsig", "TERM", "--", *command)
        return subprocess.Popen(
            told, cwd=ROOT, env={**own, **environment}, stdout=output, stderr=output, start_new_session=True
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own process on loopback
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def _judges(log: Path, page: str) -> bool:
    return "judging in" in log.read_text(errors="replace") and _answers(f"{page}/readyz")


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
