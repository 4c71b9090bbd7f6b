"""The command line on small local repositories."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from runner.sandbox import Sandbox
from tests.e2e.conftest import FIX, LIBRARY
from tests.repositories import Source

NOWHERE = "unix:///nonexistent/docker.sock"


@dataclass
class CommandLine:
    """`mergelock` with settings of its own and none of ours; a Docker engine only where a test asks for it."""

    settings: dict[str, str]
    _removed: tuple[str, ...] = field(
        default_factory=lambda: tuple(name for name in os.environ if name.startswith("MERGELOCK_"))
    )

    def run(self, *arguments: str, **settings: str) -> Result:
        """Run it in this process; settings by their names without MERGELOCK_."""
        environment: dict[str, str | None] = {**dict.fromkeys(self._removed), **self._environment(settings)}
        done = CliRunner(env=environment).invoke(main, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def start(
        self, *arguments: str, out: int = subprocess.PIPE, settings: Mapping[str, str] | None = None
    ) -> "Started":
        """Start it as a process; its outputs go to `out`."""
        inherited = {name: value for name, value in os.environ.items() if name not in self._removed}
        return subprocess.Popen(
            (sys.executable, "-m", "app.cli", *arguments),
            env=inherited | self._environment(settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        named = {**self.settings, **settings}
        return {name if name == "DOCKER_HOST" else f"MERGELOCK_{name.upper()}": named[name] for name in named}


Started = subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all: an environment is made once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def mergelock(data_dir: Path) -> CommandLine:
    """The command line."""
    return CommandLine({"data_dir": str(data_dir), "DOCKER_HOST": NOWHERE})


@pytest.fixture
def judging(mergelock: CommandLine, bubblewrap_sandbox: Sandbox) -> CommandLine:
    """The command line where bubblewrap can run."""
    return mergelock


@dataclass
class Library:
    """A small library with tests, its base on `main`; each change is a branch from there."""

    source: Source

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self.source.directory)

    def change(self, files: Mapping[str, str | bytes | None], branch: str = "change") -> str:
        """A commit on a branch of its own; gives the branch's name."""
        self.source.git("checkout", "--quiet", "-B", branch, "main")
        self.source.commit(dedented(files))
        return branch

    def arguments(self, head: str, *options: str) -> tuple[str, ...]:
        """What `mergelock` is told to check that branch."""
        return ("check", "--repo", self.path, "--base", "main", "--head", head, *options)


def dedented(files: Mapping[str, str | bytes | None]) -> dict[str, str | bytes | None]:
    """Texts as they are written down in a test."""
    return {name: textwrap.dedent(text).lstrip("\n") if isinstance(text, str) else text for name, text in files.items()}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A fresh one."""
    made = Library(Source(tmp_path / "library"))
    made.source.commit(dedented(LIBRARY))
    return made


@pytest.fixture
def fix(library: Library) -> str:
    """The branch of an honest change."""
    return library.change(FIX)
