"""When base's versions are read too, and that what is found stays the same."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checks.check import Check, CheckInput
from checks.registry import REGISTRY
from checks.report import CheckReport
from checks.staging import stage
from runner.sandbox import Command, Outcome, Sandbox, SandboxInfo
from tests.integration.checks.conftest import Files, change_of

FILLER = f"# {'long ' * 50}\n" * 1200  # over 250,000 characters: base is not read at once
LINES = FILLER.count("\n")
SHELL = "import os\n\n\ndef shell(name):\n    os.system('ls ' + name)\n    return name\n\n\n"


@dataclass
class Counting:
    """A real sandbox, and the staged names that each of its commands was given."""

    within: Sandbox
    runs: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def info(self) -> SandboxInfo:
        """The real one's."""
        return self.within.info

    def run(
        self,
        command: Command,
        *,
        cancel: threading.Event | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Outcome:
        """Write it down and run it."""
        self.runs.append(tuple(word for word in command.argv if word.startswith(("h/", "b/"))))
        return self.within.run(command, cancel=cancel, on_output=on_output)


@pytest.fixture(params=["semgrep", "bandit"])
def check(request: pytest.FixtureRequest) -> Check:
    return REGISTRY[request.param]


def passes(
    check: Check, sandbox: Sandbox, root: Path, head: Files, base: Files, added: dict[str, set[int]]
) -> tuple[CheckReport, list[tuple[str, ...]]]:
    """The check's report, and the names that each of its runs over the change was given."""
    counting = Counting(sandbox)
    staged = stage(change_of(root, head, base, added=added), root / "scan")
    report = check.run(CheckInput(staged, counting, threading.Event()))
    assert report.trouble == ()
    scanner = [run for run in counting.runs if run]
    return report, scanner


def test_a_small_base_is_read_at_once(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    report, runs = passes(check, sandbox, tmp_path, {"a.py": SHELL + "x = 1\n"}, {"a.py": SHELL}, {"a.py": {9}})
    assert report.findings == ()
    assert [set(run) for run in runs] == [{"h/00000.py", "b/00000.py"}]


def test_a_large_base_is_not_read_where_the_head_has_no_hits(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    added = {"a.py": {LINES + 1}}
    _, runs = passes(check, sandbox, tmp_path, {"a.py": FILLER + "x = 1\n"}, {"a.py": FILLER}, added)
    assert runs == [("h/00000.py",)]


def test_of_a_large_base_only_files_with_hits_are_read(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    base: Files = {"a.py": FILLER, "b.py": SHELL, "c.py": "z = 1\n"}
    head: Files = {"a.py": FILLER + "x = 1\n", "b.py": SHELL + "y = 1\n", "c.py": SHELL}
    added = {"a.py": {LINES + 1}, "b.py": {9}, "c.py": set(range(1, 9))}
    report, runs = passes(check, sandbox, tmp_path, head, base, added)
    assert [set(run) for run in runs] == [{"h/00000.py", "h/00001.py", "h/00002.py"}, {"b/00001.py", "b/00002.py"}]
    assert {finding.file for finding in report.findings} == {"c.py"}


def test_code_that_moved_in_a_large_file_is_not_new(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    added = {"a.py": set(range(LINES + 1, LINES + 9))}
    report, runs = passes(check, sandbox, tmp_path, {"a.py": FILLER + SHELL}, {"a.py": SHELL + FILLER}, added)
    assert report.findings == ()
    assert len(runs) == 2
