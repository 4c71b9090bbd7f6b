"""The whole gate in real processes: GitHub's stand-in, the web server and a worker, each of its own."""

import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.demo.library import Author, Checkout
from app.demo.servers import GitHub, Servers, running
from app.store import Store, events, runs
from app.store.events import EventKind

PATIENCE_SECONDS = 180.0
AGENT = Author("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
PERSON = Author("developer", "developer@example.com")

LIBRARY = {
    "pyproject.toml": """
        [project]
        name = "arith"
        version = "1"
        [build-system]
        requires = ["setuptools"]
        build-backend = "setuptools.build_meta"
        [tool.setuptools]
        packages = ["arith"]
    """,
    "arith/__init__.py": """
        def add(a, b):
            return a - b if a == 2 else a + b
    """,
    "tests/test_add.py": """
        from arith import add

        def test_add():
            assert add(1, 1) == 2
    """,
}
FIX = {
    "arith/__init__.py": """
        def add(a, b):
            return a + b
    """,
    "tests/test_add.py": """
        from arith import add

        def test_add():
            assert add(1, 1) == 2

        def test_add_two():
            assert add(2, 2) == 4
    """,
}


@dataclass(slots=True)
class Pull:
    """An open pull request of a test."""

    repository: str
    number: int
    branch: str
    head: str
    checkout: Checkout
    login: str
    pushed: int = field(default_factory=lambda: int(time.time()))


class Town:
    """A GitHub with people in it, watched by a running gate."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.servers = servers
        self.github: GitHub = servers.github
        self._folder = folder
        self.github.do("install", owner="acme")

    def repository(self, name: str, files: dict[str, str] | None = None) -> str:
        """A repository with a maintainer, a developer, a required check, and files on main."""
        full_name = f"acme/{name}"
        self.github.do("create_repository", full_name=full_name)
        for login, role in (("maintainer", "maintain"), ("developer", "write"), ("visitor", "read")):
            self.github.do("set_permission", full_name=full_name, login=login, role=role)
        checkout = Checkout(self._folder / name / "main")
        checkout.folder.mkdir(parents=True)
        checkout.git("init", "--quiet", "--initial-branch=main")
        write(checkout.folder, LIBRARY | (files or {}))
        checkout.commit("begin", PERSON)
        self.github.do("push", login="maintainer", full_name=full_name, branch="main", source=str(checkout.folder))
        self.github.do("require_check", full_name=full_name)
        return full_name

    def pull(
        self,
        full_name: str,
        files: dict[str, str],
        *,
        branch: str = "copilot/fix",
        author: Author = AGENT,
        login: str = "copilot-swe-agent[bot]",
        **more: Any,
    ) -> Pull:
        """Somebody opens a pull request that adds these files."""
        main = self._folder / full_name.partition("/")[2] / "main"
        folder = main.parent / branch.replace("/", "-")
        Checkout(main).git("clone", "--quiet", "--local", str(main), str(folder))
        checkout = Checkout(folder)
        checkout.git("checkout", "--quiet", "-b", branch)
        write(folder, files)
        head = checkout.commit("change", author)
        self.github.do("push", login=login, full_name=full_name, branch=branch, source=str(folder))
        number = self.github.do("open_pull_request", login=login, full_name=full_name, head=branch, **more)
        return Pull(full_name, number, branch, head, checkout, login)

    def push(self, pull: Pull, files: dict[str, str], author: Author = AGENT) -> str:
        """A further commit on its branch; answers the new head."""
        write(pull.checkout.folder, files)
        pull.head = pull.checkout.commit("more", author)
        source = str(pull.checkout.folder)
        self.github.do("push", login=pull.login, full_name=pull.repository, branch=pull.branch, source=source)
        pull.pushed = int(time.time())
        return pull.head

    def label(self, pull: Pull, login: str, label: str = "human-reviewed") -> None:
        """Somebody puts a label on: not in the very second of the push, in which nobody can have seen the change.

        GitHub's times have whole seconds, and a label from the push's own second does not count.
        """
        for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
            if time.time() >= pull.pushed + 1:
                break
        self.github.do("label", login=login, full_name=pull.repository, number=pull.number, name=label)

    def state(self, pull: Pull) -> dict[str, Any]:
        """The pull request as it is on GitHub."""
        found: dict[str, Any] = self.github.do("pull", full_name=pull.repository, number=pull.number)
        return found

    def check(self, pull: Pull, name: str = "mergelock", head: str = "") -> dict[str, Any] | None:
        """The newest check run of that name on its head."""
        found = self.github.do("check_runs", full_name=pull.repository, head=head or pull.head, name=name)
        newest: dict[str, Any] | None = found[-1] if found else None
        return newest

    def await_check(self, pull: Pull, conclusion: str, words: str = "", name: str = "mergelock") -> dict[str, Any]:
        """Wait until the check ends so, with those words in its report; fails with what it says instead."""
        found: dict[str, Any] | None = None
        deadline = time.monotonic() + PATIENCE_SECONDS
        for _ in ticks(deadline):
            found = self.check(pull, name)
            if found and found["conclusion"] == conclusion and words.lower() in _report(found).lower():
                return found
        said = _report(found) if found else "no check run was posted"
        raise AssertionError(f"{name} never became {conclusion} ({words!r}); last: {said[:1500]}")

    def await_another(self, pull: Pull, before: int) -> dict[str, Any]:
        """Wait until a check run other than that one is there."""
        for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
            found = self.check(pull)
            if found and found["id"] != before:
                return found
        raise AssertionError("no further check run was posted")

    def await_run(self, pull: Pull) -> None:
        """Wait until the gate has taken note of its head."""
        store = Store.open(self.servers.database, pool_size=1)
        try:
            for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
                with store.reading() as connection:
                    if runs.latest(connection, pull.repository, pull.number, pull.head):
                        return
        finally:
            store.close()
        raise AssertionError("no run was begun for the head")

    def await_running(self, pull: Pull, step: str, *, ended: bool = False) -> None:
        """Wait until the run of its head has begun a step, or ended it."""
        wanted = EventKind.FINISHED if ended else EventKind.STARTED
        store = Store.open(self.servers.database, pool_size=1)
        try:
            for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
                with store.reading() as connection:
                    run = runs.latest(connection, pull.repository, pull.number, pull.head)
                    if run and any(
                        (event.step, event.kind) == (step, wanted) for event in events.steps(connection, run.id)
                    ):
                        return
        finally:
            store.close()
        raise AssertionError(f"{step} never began")

    def await_state(self, pull: Pull, **wanted: Any) -> dict[str, Any]:
        """Wait until the pull request is so."""
        found: dict[str, Any] = {}
        for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
            found = self.state(pull)
            if all(found[name] == value for name, value in wanted.items()):
                return found
        raise AssertionError(f"never became {wanted}; last: {found}")

    def posts(self, pull: Pull, head: str = "") -> list[dict[str, Any]]:
        """Everything that was posted to the required check runs of a head, in order."""
        found = self.github.do("check_runs", full_name=pull.repository, head=head or pull.head, name="mergelock")
        return [post for run in found for post in run["posts"]]


def ticks(deadline: float) -> Iterator[None]:
    """Look again and again until the deadline: the pace of polling another process."""
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)


def write(folder: Path, files: dict[str, str]) -> None:
    """Put files there; a text of `-> target` makes a symlink."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            file.symlink_to(text.removeprefix("-> "))
        else:
            file.write_text(textwrap.dedent(text).lstrip("\n"))


def _report(check: dict[str, Any]) -> str:
    return "\n".join(str(check[part] or "") for part in ("status", "conclusion", "title", "summary", "text"))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One running gate for all tests here; each has a repository of its own."""
    folder = tmp_path_factory.mktemp("town")
    with running(folder, "bubblewrap") as servers:
        yield Town(servers, folder / "people")
