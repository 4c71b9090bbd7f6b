"""The judge's reporter: a pytest plug-in that writes what happened as JSON lines.

It runs inside the sandbox, in the interpreter of the tests, whichever pytest they ask for: standard library and
pytest's hooks only, and nothing of this project. What it writes is read by `runner.languages.python.report`, which
believes no line of it unchecked: the tests share this process and could write the same file.

    start        nonce, version of this format
    collected    number, id, nodeid, file, line, of each test that is to run
    uncollectable  file, message
    outcome      id's number, phase, outcome, expected failure or not, seconds, message
    end          exit as pytest has it, how many were collected, how many lines were written
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_MESSAGE = 4000
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Reporter:
    """Writes one line for each thing that happens, at once, so that what was seen before a crash is kept."""

    def __init__(self, path: str, nonce: str, only: frozenset[str] | None) -> None:
        """Open the report for appending; `only` are the node ids to run, or None for all."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._only = only
        self._numbers: dict[str, int] = {}
        self._lines = 0
        self._pid = os.getpid()
        self._write(kind="start", nonce=nonce, version=1)

    def _write(self, **line: object) -> None:
        if os.getpid() != self._pid:
            return  # a forked child of a test reports nothing
        self._lines += 1
        data = (json.dumps(line, ensure_ascii=True) + "\n").encode("ascii")
        while data:
            data = data[os.write(self._file, data) :]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self) -> Generator[None, Any, None]:
        """Tell of a `conftest.py` that cannot be imported: pytest ends there, before there is a session."""
        outcome = yield
        trouble = outcome.excinfo
        if trouble and trouble[0].__name__ == "ConftestImportFailure":
            path = str(getattr(trouble[1], "path", ""))
            self._uncollectable(os.path.relpath(path), str(getattr(trouble[1], "cause", trouble[1])))
            self._end(4)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep only the tests asked for, when some are to be run again."""
        if self._only is None:
            return
        keep = [item for item in items if item.nodeid in self._only]
        rest = [item for item in items if item.nodeid not in self._only]
        items[:] = keep
        if rest:
            config.hook.pytest_deselected(items=rest)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """List what is to run."""
        for item in session.items:
            if item.nodeid in self._numbers:
                continue
            self._numbers[item.nodeid] = len(self._numbers)
            self._write(
                kind="collected",
                number=self._numbers[item.nodeid],
                id=identify(item.nodeid),
                nodeid=item.nodeid,
                file=str(item.nodeid.split("::")[0]),
                line=(item.location[1] or 0) + 1 if item.location[1] is not None else 0,
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell of a file whose tests cannot be listed."""
        if report.failed:
            self._uncollectable(report.nodeid.split("::")[0], _message(report))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of one phase of one test."""
        if report.nodeid not in self._numbers or report.outcome not in ("passed", "failed", "skipped"):
            return  # a plug-in's own ("rerun"): its final one follows
        self._write(
            kind="outcome",
            number=self._numbers[report.nodeid],
            phase=report.when,
            part=type(report).__name__.lower() == "subtestreport",
            outcome=report.outcome,
            expected=hasattr(report, "wasxfail"),
            seconds=round(float(getattr(report, "duration", 0.0) or 0.0), 6),
            message=_message(report) if report.outcome != "passed" else "",
        )

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Generator[None, Any, None]:
        """Set the end mark, after every other plug-in has had its say."""
        yield
        self._end(int(exitstatus))

    def _uncollectable(self, file: str, message: str) -> None:
        self._write(kind="uncollectable", file=file, message=message[-_MESSAGE:])

    def _end(self, status: int) -> None:
        self._write(kind="end", exit=status, collected=len(self._numbers), lines=self._lines)


def identify(nodeid: str) -> str:
    """A test's id as pytest's JUnit report names it: classname, two colons, name."""
    path, _, tail = nodeid.partition("::")
    tail, bracket, parameters = tail.partition("[")
    names = [path.replace("/", ".").removesuffix(".py"), *(tail.split("::") if tail else ())]
    name = _NOT_XML.sub(_spell_out, names[-1] + bracket + parameters)
    return ".".join(names[:-1]) + "::" + name


def _spell_out(character: re.Match[str]) -> str:
    code = ord(character.group())
    return f"#x{code:02X}" if code <= 0xFF else f"#x{code:04X}"  # noqa: PLR2004 - as JUnit's writer does: two digits or four


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = getattr(report, "longrepr", None)
    if isinstance(text, tuple):  # a skip: file, line, reason
        text = text[2]
    return str(text or "")[-_MESSAGE:]


def _start() -> Reporter | None:
    """Make the reporter from what the judge set, and take that out of the tests' sight."""
    path = os.environ.pop("MERGELOCK_REPORT", "")
    nonce = os.environ.pop("MERGELOCK_NONCE", "")
    selection = os.environ.pop("MERGELOCK_ONLY", "")
    only = None
    if selection:
        with Path(selection).open(encoding="utf-8") as file:
            only = frozenset(json.load(file))
    return Reporter(path, nonce, only) if path else None


@pytest.hookimpl(tryfirst=True)
def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the reporter as early as a plug-in can: before any `conftest.py` is imported."""
    reporter = _start()
    if reporter is not None:
        pluginmanager.register(reporter, "mergelock-reporter")
