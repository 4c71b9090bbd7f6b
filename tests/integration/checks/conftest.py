"""A real sandbox, and changes laid out as a repository's two trees."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.change import Change, ChangedFile, FileStatus
from checks.registry import REGISTRY
from checks.report import ScanReport
from checks.scan import scan
from runner.choose import choose
from runner.errors import SandboxUnavailable
from runner.progress import Silent
from runner.sandbox import Sandbox

Files = dict[str, str | bytes]
Scan = Callable[..., ScanReport]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """bubblewrap: the embedded default, and quick to start."""
    try:
        return choose("bubblewrap", data_dir=tmp_path_factory.mktemp("data"))
    except SandboxUnavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))


def change_of(
    root: Path, head: Files, base: Files | None = None, *, added: dict[str, set[int]] | None = None
) -> Change:
    """A change that makes `head` of `base`. Every line of a changed file counts as added unless `added` says which."""
    base = base or {}
    for side, files in (("head", head), ("base", base)):
        (root / side).mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            target = root / side / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
    changed = []
    for path, content in head.items():
        if base.get(path) == content:
            continue
        data = content if isinstance(content, bytes) else content.encode()
        lines = (added or {}).get(path, set(range(1, data.count(b"\n") + 2)))
        status = FileStatus.MODIFIED if path in base else FileStatus.ADDED
        changed.append(ChangedFile(path, status, frozenset(lines), size=len(data)))
    return Change("b" * 40, "h" * 40, tuple(changed), root / "head", root / "base")


@pytest.fixture
def scan_files(sandbox: Sandbox, tmp_path: Path) -> Scan:
    """Scan a change given as two sets of files."""

    def run(
        head: Files,
        base: Files | None = None,
        *,
        added: dict[str, set[int]] | None = None,
        enabled: frozenset[str] = frozenset(REGISTRY),
    ) -> ScanReport:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        return scan(
            change_of(tmp_path, head, base, added=added),
            sandbox=sandbox,
            scratch=scratch,
            enabled=enabled,
            progress=Silent(),
            cancel=threading.Event(),
        )

    return run
