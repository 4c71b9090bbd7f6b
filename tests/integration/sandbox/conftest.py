"""Fixtures of the sandboxes' contract: a workspace, and a short way to run something in it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from runner.ownership import remove_tree
from runner.sandbox import MIB, WORKSPACE, Command, Limits, Mount, Outcome, Sandbox

SMALL = Limits(cpus=1.0, memory=256 * MIB, processes=64, disk=64 * MIB, file_size=64 * MIB, time=30.0, output=MIB)


@dataclass(frozen=True)
class Runs:
    """A sandbox and a writable workspace in it."""

    sandbox: Sandbox
    workspace: Path

    def __call__(
        self,
        *argv: str,
        limits: Limits = SMALL,
        mounts: tuple[Mount, ...] = (),
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
        **options: object,
    ) -> Outcome:
        """Run a program in the workspace."""
        shown = (Mount(self.workspace, WORKSPACE, writable=True), *mounts)
        command = Command(argv, limits=limits, mounts=shown, **options)  # type: ignore[arg-type]
        return self.sandbox.run(command, cancel=cancel, on_output=on_output)

    def python(self, script: str, **options: object) -> Outcome:
        """Run a Python script in the workspace."""
        return self(str(self.sandbox.info.interpreter), "-I", "-c", script, **options)  # type: ignore[arg-type]


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Iterator[Runs]:
    """Each sandbox in turn, with an empty workspace."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    yield Runs(sandbox, workspace)
    remove_tree(workspace)


ROOT = PurePosixPath("/")
