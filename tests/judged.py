"""Small changes judged for real: two trees written to disk, environments from the package index, runs in a sandbox."""

import hashlib
import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runner.environment.settings import EnvironmentSettings
from runner.environment.sources import read_sources
from runner.evidence import Evidence
from runner.progress import StepState
from runner.sandbox import Sandbox
from runner.testing import Prepared, TestRequest, prepare, run_suites

Files = dict[str, str]


@dataclass
class Log:
    """Writes down the steps it is told of."""

    steps: list[str] = field(default_factory=list)
    ended: dict[str, tuple[str, StepState]] = field(default_factory=dict)
    said: bytes = b""

    def started(self, step: str, text: str) -> None:
        self.steps.append(step)

    def output(self, step: str, data: bytes) -> None:
        self.said += data

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        self.ended[step] = (text, state)


def write_tree(folder: Path, files: Files) -> Path:
    """The files below a new folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@dataclass
class Judge:
    """Judges changes with one store of environments."""

    sandbox: Sandbox
    data_dir: Path
    scratch: Path
    log: Log = field(default_factory=Log)
    settings: EnvironmentSettings = field(default_factory=EnvironmentSettings)
    count: int = 0

    def request(self, base: Files, head: Files) -> TestRequest:
        """Both trees on disk; commits are named after what is in them."""
        self.count += 1
        trees = [write_tree(self.scratch / f"{self.count}-{name}", f) for name, f in (("base", base), ("head", head))]
        commits = [hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:40] for files in (base, head)]
        changed = tuple(sorted(name for name in base.keys() | head.keys() if base.get(name) != head.get(name)))
        return TestRequest(trees[0], trees[1], changed, commits[0], commits[1], self.settings)

    def prepare(self, request: TestRequest, cancel: threading.Event | None = None) -> Prepared:
        """Make both environments."""
        return prepare(request, sandbox=self.sandbox, data_dir=self.data_dir, progress=self.log, cancel=cancel)

    def run(self, request: TestRequest, prepared: Prepared, cancel: threading.Event | None = None) -> Evidence:
        """Run the suites."""
        return run_suites(
            request, prepared, sandbox=self.sandbox, data_dir=self.data_dir, progress=self.log, cancel=cancel
        )

    def judge(self, base: Files, head: Files) -> Evidence:
        """From two trees to what they show."""
        request = self.request(base, head)
        return self.run(request, self.prepare(request))


def registry_or_skip() -> None:
    """Go on only where the package index that this machine is set up with can be reached."""
    for host in read_sources().hosts:
        try:
            socket.create_connection((host.name, host.port), timeout=10).close()
        except OSError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"the package index cannot be reached: {error}")
            pytest.skip(f"the package index cannot be reached: {error}")


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all tests: an environment is made once."""
    registry_or_skip()
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def judge(bubblewrap_sandbox: Sandbox, environments: Path, tmp_path: Path) -> Judge:
    """A judge on bubblewrap."""
    return Judge(bubblewrap_sandbox, environments, tmp_path)
