"""Plays the demo: opens the pull requests, watches what GitHub is told, lets a maintainer and an agent act."""

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from app.demo.board import Board, Row
from app.demo.errors import DemoError
from app.demo.library import NEW, OLD, PACKAGE, Checkout, unpack_release
from app.demo.scenes import DEVELOPER, MAINTAINER, SCENES, Scene
from app.demo.servers import GitHub, Servers, running
from app.gate.check_run import REQUIRED
from app.store import Store, events, runs
from app.store.events import EventKind

OWNER, REPOSITORY = "acme", f"acme/{PACKAGE}"
LABEL = "human-reviewed"
PATIENCE_SECONDS = 240.0
LOOK_EVERY = 0.2


@dataclass(slots=True)
class Opened:
    """A scene's pull request, once opened."""

    scene: Scene
    number: int
    head: str
    checkout: Checkout


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must come of a pull request: what the check says, the reasons for it, whether the gate is open."""

    opened: Opened
    conclusion: str
    codes: tuple[str, ...]
    gate: bool

    def met_by(self, found: dict[str, Any]) -> bool:
        """Whether it has come so."""
        state = (found["conclusion"], found["gate_open"])
        return state == (self.conclusion, self.gate) and set(self.codes) <= found["codes"]

    def difference(self, found: dict[str, Any]) -> str:
        """What came instead, in words."""
        reasons = ", ".join(sorted(found["codes"])) or "no reasons"
        return (
            f"#{self.opened.number} ({self.opened.scene.key}): the check says "
            f"{found['conclusion'] or found['status']!r} ({reasons}), the gate is {_gate(found['gate_open'])}; "
            f"it had to be {self.conclusion!r} ({', '.join(self.codes)}), {_gate(self.gate)}"
        )


class Demo:
    """One playing of the demo, on running servers."""

    def __init__(self, servers: Servers, board: Board, folder: Path) -> None:
        self._servers = servers
        self._github: GitHub = servers.github
        self._board = board
        self._folder = folder
        self._store = Store.open(servers.database, pool_size=2)
        self.wrong: list[str] = []

    def close(self) -> None:
        """Give the database back."""
        self._store.close()

    def play(self) -> list[Opened]:
        """All of it, in order; what did not come out as it must is in `wrong`. Answers the pull requests."""
        old, new = self._releases()
        self._make_repository(old)
        opened = [self._open(scene, new) for scene in SCENES]
        self._await(
            *(Wanted(one, one.scene.conclusion, one.scene.codes, one.scene.conclusion == "success") for one in opened)
        )
        honest = opened[0]
        self._board.say(f"A maintainer looks at #{honest.number} and puts the label {LABEL} on.")
        self._board.restart(honest.number)
        self._github.do("label", login=MAINTAINER, full_name=REPOSITORY, number=honest.number, name=LABEL)
        self._await(Wanted(honest, "success", ("reviewed",), gate=True))
        self._board.say(f"The agent pushes once more to #{honest.number}: the review was for another commit.")
        self._board.restart(honest.number)
        honest.head = self._push_again(honest)
        self._await(Wanted(honest, "action_required", ("review-missing",), gate=False))
        if LABEL in self._pull(honest)["labels"]:
            self.wrong.append(f"#{honest.number} still has the label {LABEL} after a push")
        return opened

    def _releases(self) -> tuple[Path, Path]:
        found = []
        for version in (OLD, NEW):
            tree = self._folder / version
            tree.mkdir()
            unpack_release(PACKAGE, version, tree)
            found.append(tree)
        return found[0], found[1]

    def _make_repository(self, old: Path) -> None:
        """The repository as its maintainers have it: installed App, required check, one agent with write access."""
        self._github.do("create_repository", full_name=REPOSITORY)
        self._github.do("install", owner=OWNER)
        checkout = self._new_checkout("main")
        checkout.replace_with(old)
        checkout.commit(f"{PACKAGE} {OLD}", DEVELOPER)
        for login, role in ((MAINTAINER, "maintain"), ("developer", "write")):
            self._github.do("set_permission", full_name=REPOSITORY, login=login, role=role)
        self._github.do("push", login=MAINTAINER, full_name=REPOSITORY, branch="main", source=str(checkout.folder))
        self._github.do("require_check", full_name=REPOSITORY, branch="main", context=REQUIRED)

    def _new_checkout(self, name: str) -> Checkout:
        folder = self._folder / "people" / name
        folder.mkdir(parents=True)
        checkout = Checkout(folder)
        checkout.git("init", "--quiet", "--initial-branch=main")
        return checkout

    def _open(self, scene: Scene, release: Path) -> Opened:
        folder = self._folder / "people" / scene.key
        checkout = Checkout(self._folder / "people" / "main")
        checkout.git("clone", "--quiet", "--local", str(checkout.folder), str(folder))
        checkout = Checkout(folder)
        checkout.git("checkout", "--quiet", "-b", scene.branch)
        scene.make(checkout, release)
        head = checkout.commit(scene.message, scene.author)
        self._github.do(
            "push", login=scene.login, full_name=REPOSITORY, branch=scene.branch, source=str(checkout.folder)
        )
        number: int = self._github.do(
            "open_pull_request",
            login=scene.login,
            full_name=REPOSITORY,
            head=scene.branch,
            title=scene.title,
            body=scene.body,
        )
        self._board.add(Row(number, scene.title, scene.what))
        return Opened(scene, number, head, checkout)

    def _push_again(self, opened: Opened) -> str:
        readme = opened.checkout.folder / "README.rst"
        readme.write_text(readme.read_text() + "\nCopies keep the attributes of the original.\n")
        head = opened.checkout.commit("Say so in the README", opened.scene.author)
        self._github.do(
            "push",
            login=opened.scene.login,
            full_name=REPOSITORY,
            branch=opened.scene.branch,
            source=str(opened.checkout.folder),
        )
        return head

    def _await(self, *wanted: Wanted) -> None:
        """Watch all of them until each is as it must be, or patience ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        waiting = list(wanted)
        while waiting and time.monotonic() < deadline:
            for one in tuple(waiting):
                if one.met_by(self._look(one.opened)):
                    self._board.settle(one.opened.number)
                    waiting.remove(one)
            time.sleep(LOOK_EVERY)
        self.wrong += [one.difference(self._look(one.opened)) for one in waiting]

    def _look(self, opened: Opened) -> dict[str, Any]:
        posted = self._github.do("check_runs", full_name=REPOSITORY, head=opened.head, name=REQUIRED)
        check = posted[-1] if posted else {"status": "", "conclusion": None, "title": ""}
        pull = self._pull(opened)
        doing, codes = self._run(opened)
        self._board.update(
            opened.number,
            doing=doing,
            check=str(check["conclusion"] or check["status"]),
            says=check["title"] or "",
            gate=_gate(pull["gate_open"]),
        )
        return {**check, "gate_open": pull["gate_open"], "codes": codes}

    def _run(self, opened: Opened) -> tuple[str, set[str]]:
        """What the run of this head is at, and its verdict's reasons."""
        with self._store.reading() as connection:
            run = runs.latest(connection, REPOSITORY, opened.number, opened.head)
            if run is None:
                return "waiting for the webhook", set()
            said = events.steps(connection, run.id)
        codes = {str(reason["code"]) for reason in run.reasons or ()}
        if not said:
            return "queued", codes
        open_steps = {event.step: event for event in said if event.kind is EventKind.STARTED}
        for event in said:
            if event.kind is EventKind.FINISHED:
                open_steps.pop(event.step, None)
        if open_steps and run.active:
            return "\n".join(f"{event.step}: {event.text}" for event in open_steps.values()), codes
        done = [event for event in said if event.kind is EventKind.FINISHED and event.step == "tests:head"]
        return "\n".join(["judged", *(event.text for event in done)]), codes

    def _pull(self, opened: Opened) -> dict[str, Any]:
        found: dict[str, Any] = self._github.do("pull", full_name=REPOSITORY, number=opened.number)
        return found


def _gate(is_open: bool) -> str:
    return "open" if is_open else "closed"


def play(console: Console, sandbox: str, *, keep: bool) -> list[str]:
    """Play it; answers what went otherwise than it must.

    Raises:
        DemoError: it could not be played.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mergelock-demo-")))
        folder.chmod(0o755)
        console.print("Starting GitHub's stand-in, the web server and a worker …", style="dim")
        servers = stack.enter_context(running(folder, sandbox))
        console.print(f"The page (sign in, good once): {servers.sign_in}\n", soft_wrap=True)
        with Board(console) as board:
            demo = Demo(servers, board, folder)
            stack.callback(demo.close)
            demo.play()
        if keep:
            _wait_for_the_person(console, servers)
        return demo.wrong


def _wait_for_the_person(console: Console, servers: Servers) -> None:
    console.print(f"\nThe servers stay up: {servers.page} (the sign-in link above). Ctrl-C ends them.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Ending them.", style="dim")


__all__ = ["Demo", "DemoError", "play"]
