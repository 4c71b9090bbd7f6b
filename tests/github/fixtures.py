"""Fixtures: a stand-in for GitHub, watched, and a small project on it with a pull request."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.github.client import App, Installation
from tests.github.server import StandIn
from tests.github.watching import Watcher
from tests.repositories import Source

REPOSITORY = "octo/lib"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in. Whatever went over the wire that GitHub does not know fails the test, at its end."""
    stand_in = StandIn(tmp_path / "github")
    watcher = Watcher(stand_in)
    with stand_in:
        yield stand_in
    assert list(dict.fromkeys(watcher.problems)) == []


@pytest.fixture
def app(github: StandIn) -> Iterator[App]:
    """Our client, as the App that the stand-in knows."""
    client = App(github.api_url, github.app_id, github.private_key, timeout=5)
    yield client
    client.close()


@dataclass(frozen=True)
class Project:
    """A repository with the App installed and one open pull request by an agent's branch."""

    github: StandIn
    source: Source
    installation: Installation
    number: int
    base: str
    head: str
    name: str = REPOSITORY

    def push(self, files: dict[str, str | bytes | None], message: str = "More", *, login: str = "ann") -> str:
        """Commits to the pull request's branch and pushes it; gives the new head."""
        head = self.source.commit(files, message)
        return self.github.people.push(login, self.name, "codex/change", self.source.directory, head)


@pytest.fixture
def project(github: StandIn, app: App, tmp_path: Path) -> Project:
    """The project: `main` with a small module; `codex/change` changes it; `ann` opened pull request 1."""
    people = github.people
    people.create_repository(REPOSITORY)
    installed = people.install("octo")
    source = Source(tmp_path / "source")
    base = source.commit({"lib.py": "ANSWER = 41\n", "README.md": "# Lib\n"}, "Begin")
    people.push("octo", REPOSITORY, "main", source.directory, base)
    source.git("checkout", "--quiet", "-b", "codex/change")
    head = source.commit({"lib.py": "ANSWER = 42\n", "docs/über uns.md": "Hello\n"}, "Answer rightly")
    people.push("ann", REPOSITORY, "codex/change", source.directory, head)
    number = people.open_pull_request("ann", REPOSITORY, "codex/change", title="Answer rightly", body="By an agent")
    return Project(github, source, app.installation(installed.id), number, base, head)
