"""An older pytest where the newest does not understand the base's suite: what worked before must be seen to work.

A project that bounds or locks pytest gets what it asks for. One that does not was tested with the newest of its day.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runner.environment.store import Store
from runner.errors import Cancelled
from runner.languages.python.install import ENV, PROJECT, InstallTrouble
from runner.languages.python.prepare import Ready
from runner.sandbox import WORKSPACE, Command, EndedBy, Limits, Mount, Sandbox
from runner.trees import copy_tree

_OLDEST = 7
_SIGNS = re.compile(rb"PluginValidationError|PytestRemovedIn\d+Warning|/stable/deprecations\.html")


@dataclass(frozen=True, slots=True)
class Fitting:
    """Finds the newest pytest that can list a tree's tests without stumbling over what pytest has given up."""

    sandbox: Sandbox
    store: Store
    limits: Limits
    cancel: threading.Event | None

    def find(self, prepare: Callable[[tuple[str, ...]], Ready]) -> tuple[Ready, tuple[str, ...]]:
        """The tree ready, and the bound on pytest that it took ("pytest<9"), if any.

        Args:
            prepare: makes the tree ready under such a bound.
        """
        newest = prepare(())
        if self._fits(newest):
            return newest, ()
        for major in range(_major(newest), _OLDEST, -1):
            bound = (f"pytest<{major}",)
            try:
                older = prepare(bound)
            except InstallTrouble as trouble:
                if trouble.outage:
                    raise
                break
            if self._fits(older):
                return older, bound
        return newest, ()

    def _fits(self, ready: Ready) -> bool:
        """Whether that environment's pytest lists the tests without such a stumble; known from before, or tried now."""

        def make(folder: Path) -> None:
            copy_tree(ready.built.workspace, folder / "workspace")
            command = Command(
                (str(ENV / "bin/python"), "-m", "pytest", "--collect-only", "-q", "--color=no"),
                environment={"PATH": f"{PROJECT}/bin:{ENV}/bin:/usr/bin:/bin", "PYTHONPATH": f"{WORKSPACE}/src"},
                mounts=(
                    Mount(folder / "workspace", WORKSPACE, writable=True),
                    Mount(ready.env.path, ENV),
                    Mount(ready.built.project, PROJECT),
                ),
                limits=self.limits,
            )
            outcome = self.sandbox.run(command, cancel=self.cancel)
            if outcome.ended_by is EndedBy.CANCELLED:
                raise Cancelled("called off while the tests were listed")
            stumbled = _SIGNS.search(outcome.stdout + outcome.stderr) is not None and outcome.exit != 0
            (folder / "fits.json").write_text(json.dumps(not stumbled), encoding="ascii")

        path, _ = self.store.get(f"fits-{ready.built.key[:20]}-{ready.env.key}", make, cancel=self.cancel)
        return bool(json.loads((path / "fits.json").read_text(encoding="ascii")))


def _major(ready: Ready) -> int:
    found = next((package for package in ready.env.packages if package.startswith("pytest==")), "pytest==0")
    return int(found.partition("==")[2].split(".", maxsplit=1)[0])
