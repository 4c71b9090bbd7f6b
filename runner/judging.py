"""The runs of one judging: which have to be made, side by side where they can be, and what they show together."""

import dataclasses
import json
import os
import secrets
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.environment.tree import Tree
from runner.evidence import Evidence, TestOutcome, TestRun, TestStatus, compare
from runner.languages.python.suite import Place, Suites
from runner.progress import Progress, StepState
from runner.sandbox import Limits, Sandbox
from runner.trees import TestLayout, copy_tree, replace_tests

_RECIPE = "1"
"""Part of the name under which a run of the base is kept: raise it when runs are made or read differently."""
_MOST_MIXED = 180.0
"""Seconds for base's source with head's tests, unless the head's own run is slow: what does not fit may hang."""


@dataclass(frozen=True, slots=True)
class Judging:
    """Everything that the runs of one change need."""

    base: Place
    head: Place
    base_tree: Path
    head_tree: Path
    changed: tuple[str, ...]
    test: tuple[str, ...] | None
    limits: Limits
    retries: int
    sandbox: Sandbox
    data_dir: Path
    progress: Progress
    cancel: threading.Event | None
    base_key: str

    def evidence(self) -> Evidence:
        """Make the runs that differ, and compare them."""
        base_files, head_files = list(Tree(self.base_tree).files()), list(Tree(self.head_tree).files())
        layout = TestLayout((*base_files, *head_files, *self.changed))
        tests_changed = any(layout.is_test(path) for path in self.changed)
        source_changed = any(not layout.is_test(path) for path in self.changed)
        with ThreadPoolExecutor(2, thread_name_prefix="tests") as pool:
            head = pool.submit(self._run, "head", self.head)
            base = pool.submit(self._base)
            mixed: Future[TestRun] | None = None
            if tests_changed and source_changed:
                mixed = pool.submit(self._mixed, head, base_files, head_files)
            runs = head.result(), base.result(), mixed.result() if mixed else None
        head_run, base_run, mixed_run = runs
        if mixed_run is None:
            same = head_run if tests_changed else base_run
            mixed_run = dataclasses.replace(same, name="base-with-head-tests")
        return compare(base_run, head_run, mixed_run)

    def _base(self) -> TestRun:
        """The base's run, as it is kept or made now."""
        kept = self.data_dir / "base-runs" / f"{_RECIPE}-{self.base_key}.json"
        found = load_run(kept)
        if found is not None:
            self.progress.started("tests:base", "looking up what worked before")
            self.progress.finished("tests:base", f"{summary(found)}, known from before")
            return found
        run = self._run("base", self.base)
        if run.complete:
            store_run(kept, run)
        return run

    def _mixed(self, head: Future[TestRun], base_files: list[str], head_files: list[str]) -> TestRun:
        """Base's source with head's tests, in head's environment, which has what head's tests need."""
        scratch = self._scratch()
        with tempfile.TemporaryDirectory(prefix="mixed-", dir=scratch) as folder:
            workspace = Path(folder) / "workspace"
            copy_tree(self.base.workspace, workspace)
            replace_tests(workspace, self.head_tree, base_files, head_files)
            place = dataclasses.replace(self.base, workspace=workspace, env=self.head.env, packages=self.head.packages)
            run = self._run("base-with-head-tests", place, go_on=False, most=_MOST_MIXED)
            go_on = run.complete and run.uncollectable and not run.outcomes and head.result().uncollectable
            if go_on:
                # The head's own run cannot collect all files either: having stopped for that would prove nothing.
                run = self._run("base-with-head-tests", place, most=_MOST_MIXED)
            patience = 5 * head.result().seconds
            if not run.complete and run.seconds > _MOST_MIXED and patience > _MOST_MIXED:
                run = self._run("base-with-head-tests", place, go_on=bool(go_on), most=patience)
            return run

    def _run(self, name: str, place: Place, *, go_on: bool = True, most: float | None = None) -> TestRun:
        limits = self.limits if most is None else dataclasses.replace(self.limits, time=min(self.limits.time, most))
        step = f"tests:{name}"
        self.progress.started(step, f"running the tests of {name}")
        suites = Suites(
            self.sandbox, self._scratch(), limits, self.test,
            lambda data: self.progress.output(step, data), self.cancel,
        )  # fmt: skip
        retries = 0 if name == "base-with-head-tests" else self.retries
        run = suites.run(name, place, retries=retries, go_on=go_on)
        state = StepState.DONE if run.complete else StepState.TROUBLE
        if name == "head" and run.complete and _bad(run):
            state = StepState.FAILED
        self.progress.finished(step, summary(run), state)
        return run

    def _scratch(self) -> Path:
        scratch = self.data_dir / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        return scratch


def summary(run: TestRun) -> str:
    """A run in a few words: "443 passed, 2 skipped in 1.1 s"."""
    counts = {status: sum(o.status is status for o in run.outcomes) for status in TestStatus}
    words = [f"{count} {status}" for status, count in counts.items() if count]
    if run.uncollectable:
        words.append(f"{len(run.uncollectable)} files not collected")
    text = ", ".join(words) or "no tests"
    return f"{text} in {run.seconds:.1f} s" if run.complete else f"incomplete: {run.trouble.splitlines()[0]}"


def _bad(run: TestRun) -> bool:
    return bool(run.uncollectable) or any(o.status in {TestStatus.FAILED, TestStatus.ERROR} for o in run.outcomes)


def store_run(path: Path, run: TestRun) -> None:
    """Keep a run; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    partial.write_text(json.dumps(dataclasses.asdict(run)), encoding="utf-8")
    partial.replace(path)


def load_run(path: Path) -> TestRun | None:
    """A run that was kept; None where there is none, or it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        outcomes = tuple(TestOutcome(**{**o, "status": TestStatus(o["status"])}) for o in data.pop("outcomes"))
        lists: dict[str, Any] = {key: tuple(data.pop(key)) for key in ("flaky", "uncollectable", "notes")}
        os.utime(path)
        return TestRun(outcomes=outcomes, **lists, **data)
    except (OSError, ValueError, KeyError, TypeError):
        return None
