"""One run of a Python suite under pytest, in the sandbox, with nothing in reach; and its failures once more."""

import json
import secrets
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from runner.environment.tree import Tree
from runner.errors import Cancelled
from runner.evidence import TestOutcome, TestRun, TestStatus
from runner.languages.python.install import BUILD_ENV, ENV, PROJECT
from runner.languages.python.report import MAX_BYTES, Report, read_report
from runner.ownership import remove_tree
from runner.sandbox import JUDGE, WORKSPACE, Command, EndedBy, Limits, Mount, Outcome, Sandbox
from runner.trees import copy_tree

_REPORTER = Path(__file__).with_name("reporter")
_PLUGIN = "mergelock_reporter"
_JUDGE, _REPORTS, _ONLY = JUDGE / "judge", JUDGE / "report", JUDGE / "only"
_MOST_RETRIED = 500
"""Failures beyond this are not run again: that many are no flake."""
_MOST_REASONS = 20
_WIDE = "no file is named as pytest expects, so all test*.py and *tests.py were taken for tests"


@dataclass(frozen=True, slots=True)
class Place:
    """What a run works with: a built workspace (copied for each run), and what is mounted read-only beside it.

    `installed` says that the project was built; else its source is put on the path. `wide` takes more names of files
    for tests than pytest does.
    """

    workspace: Path
    project: Path
    env: Path
    build_env: Path | None
    packages: tuple[str, ...]
    installed: bool
    wide: bool = False
    notes: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a distribution of that canonical name is installed."""
        return any(package.startswith(f"{name}==") for package in self.packages)


@dataclass(frozen=True, slots=True)
class Suites:
    """Runs suites for one judging."""

    sandbox: Sandbox
    scratch: Path
    limits: Limits
    test: tuple[str, ...] | None
    say: Callable[[bytes], None]
    cancel: threading.Event | None

    def run(self, name: str, place: Place, *, retries: int = 0, go_on: bool = True) -> TestRun:
        """Run the suite, and what failed again up to `retries` times: what then passes is flaky and counts as passed.

        Args:
            name: the run's name in the evidence.
            place: what to run in.
            retries: how often failures are run again.
            go_on: run the rest where some files cannot be collected; else nothing is run then, as pytest does.

        Raises:
            Cancelled: called off.
            SandboxFault: the sandbox failed.
        """
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.scratch) as folder:
            report, outcome = self._once(Path(folder) / "first", place, go_on=go_on)
            seconds = outcome.seconds
            if report.complete and report.collected == 0 and not report.uncollectable and self.test is None:
                place = replace(place, wide=True, notes=(*place.notes, _WIDE))
                report, outcome = self._once(Path(folder) / "wide", place, go_on=go_on)
                seconds += outcome.seconds
            outcomes, flaky = report.outcomes, set[str]()
            for number in range(retries if report.complete else 0):
                failing = _failing(outcomes)
                if not 0 < len(failing) <= _MOST_RETRIED:
                    break
                nodeids = [nodeid for name_ in failing for nodeid in report.nodeids[name_]]
                again, second = self._once(Path(folder) / f"again{number}", place, only=nodeids, go_on=go_on)
                seconds += second.seconds
                if not again.complete:
                    break
                passed = {o.id for o in again.outcomes if o.status is TestStatus.PASSED} - set(_failing(again.outcomes))
                flaky |= passed & set(failing)
                outcomes = tuple(replace(o, status=TestStatus.PASSED) if o.id in flaky else o for o in outcomes)
        return TestRun(
            name=name,
            outcomes=outcomes,
            complete=report.complete,
            exit=outcome.exit,
            seconds=round(seconds, 3),
            trouble=_trouble(report, outcome, self.limits),
            flaky=tuple(sorted(flaky)),
            uncollectable=tuple(sorted(report.uncollectable)),
            notes=(*place.notes, *_reasons(report)),
        )

    def _once(
        self, folder: Path, place: Place, *, only: list[str] | None = None, go_on: bool
    ) -> tuple[Report, Outcome]:
        for made in ("report", "only"):
            (folder / made).mkdir(parents=True)
        copy_tree(place.workspace, folder / "workspace")
        if only is not None:
            (folder / "only/only.json").write_text(json.dumps(only), encoding="utf-8")
        nonce = secrets.token_hex(16)
        command = Command(
            _arguments(place, self.test, go_on=go_on),
            environment=_environment(place, self.test, nonce, selected=only is not None, go_on=go_on),
            mounts=(
                Mount(folder / "workspace", WORKSPACE, writable=True),
                Mount(folder / "report", _REPORTS, writable=True),
                Mount(folder / "only", _ONLY),
                Mount(_REPORTER, _JUDGE),
                Mount(place.env, ENV),
                Mount(place.project, PROJECT),
                *((Mount(place.build_env, BUILD_ENV),) if place.build_env else ()),
            ),
            limits=self.limits,
        )
        try:
            outcome = self.sandbox.run(command, cancel=self.cancel, on_output=self.say)
            if outcome.ended_by is EndedBy.CANCELLED:
                raise Cancelled("called off while the tests ran")
            data = Tree(folder / "report").read_bytes("report.jsonl", MAX_BYTES)
        finally:
            remove_tree(folder)
        return read_report(data or b"", nonce=nonce, exit_status=outcome.exit), outcome


def _options(place: Place, *, go_on: bool) -> tuple[str, ...]:
    """What makes any project's pytest tell all that it sees: one process, no early end, no verdict but the tests'."""
    options = ["-p", _PLUGIN, f"--rootdir={WORKSPACE}", "--maxfail=0", "--color=no"]
    if go_on:
        options.append("--continue-on-collection-errors")
    if place.wide:
        options += ["-o", "python_files=test*.py *test.py *tests.py"]
    if place.has("pytest-xdist"):
        options += ["-n", "0"]
    if place.has("pytest-cov"):
        options.append("--no-cov")
    return tuple(options)


def _arguments(place: Place, test: tuple[str, ...] | None, *, go_on: bool) -> tuple[str, ...]:
    return test or (str(ENV / "bin/python"), "-m", "pytest", *_options(place, go_on=go_on))


def _environment(
    place: Place, test: tuple[str, ...] | None, nonce: str, *, selected: bool, go_on: bool
) -> Mapping[str, str]:
    paths = [str(_JUDGE)]
    if not place.installed:
        paths += [str(WORKSPACE / "src"), str(WORKSPACE)]
    environment = {
        "PATH": f"{PROJECT}/bin:{ENV}/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(ENV),
        "PYTHONPATH": ":".join(paths),
        "PYTHONHASHSEED": "0",  # parameters made from sets keep their order, so that ids can be compared between runs
        "CI": "true",
        "MERGELOCK_REPORT": str(_REPORTS / "report.jsonl"),
        "MERGELOCK_NONCE": nonce,
    }
    if selected:
        environment["MERGELOCK_ONLY"] = str(_ONLY / "only.json")
    if test is not None:
        environment["PYTEST_ADDOPTS"] = " ".join(_options(place, go_on=go_on))
    return environment


def _reasons(report: Report) -> list[str]:
    """Why files could not be collected, the last words of each."""
    reasons = []
    for file, message in sorted(report.uncollectable.items())[:_MOST_REASONS]:
        said = [line for line in message.splitlines() if line.strip()]
        reasons.append(f"{file} cannot be collected: {said[-1].strip()[:300] if said else 'no reason given'}")
    return reasons


def _failing(outcomes: tuple[TestOutcome, ...]) -> list[str]:
    bad = {TestStatus.FAILED, TestStatus.ERROR}
    return list(dict.fromkeys(outcome.id for outcome in outcomes if outcome.status in bad))


def _trouble(report: Report, outcome: Outcome, limits: Limits) -> str:
    """Words for a person on why the run is not whole; empty where it is."""
    if report.complete:
        return ""
    if outcome.ended_by is EndedBy.TIME:
        return f"the tests were stopped after {limits.time:g} s; raise environment.limits.time in .github/mergelock.yml"
    if outcome.ended_by is not EndedBy.EXIT:
        limit = outcome.ended_by
        return f"the tests met the limit on {limit}; raise environment.limits.{limit} in .github/mergelock.yml"
    said = (outcome.stdout + outcome.stderr).decode("utf-8", "replace").strip().splitlines()
    tail = "\n".join(line for line in said[-15:])
    return f"{report.trouble} (status {outcome.exit}). The last that it printed:\n{tail[-3000:]}"
