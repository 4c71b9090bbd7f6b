"""Takes the picture of a run's page for the documentation: `python -m tests.browser.picture docs/images/page.png`.

The run in it is an example, written into a new database; the page and its server are the real ones.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from app.store import runs
from app.store.events import EventKind
from app.store.runs import NewRun, Run
from app.web.guard import sign_in_link
from tests.browser.conftest import QUIET
from tests.integration.web.example import say
from tests.serving import serving

HEAD, BASE = "3f9c1d20a4b7e8859d6c0f1e2a3b4c5d6e7f8091", "a11ce00d5e6f708192a3b4c5d6e7f80912233445"
COUNTS = {"errors": 0, "skipped": 2, "exit": 0}


def result() -> dict[str, Any]:
    """A change that fixes something and brings a credential along."""
    return {
        "schema": "mergelock.result/1",
        "verdict": "failed",
        "reasons": [
            {
                "code": "findings",
                "text": "2 findings block, in lines that the change adds.",
                "fix": "Read the key from the environment, and parse the expression instead of evaluating it.",
            }
        ],
        "change": {
            "base": BASE, "head": HEAD, "files": 3, "added": 41, "removed": 7,
            "agent": {"authored": True, "name": "Codex", "signals": ["the branch codex/cache-keys"]},
        },
        "tests": {
            "runs": {
                "base": {**COUNTS, "passed": 441, "failed": 0, "seconds": 2.4},
                "head": {**COUNTS, "passed": 443, "failed": 0, "seconds": 2.5},
                "base-with-head-tests": {**COUNTS, "passed": 441, "failed": 2, "seconds": 2.4, "exit": 1},
            },
            "fail_to_pass": ["tests.test_keys::test_hashkey_of_kwargs", "tests.test_keys::test_typedkey_of_none"],
            "pass_to_pass": 441, "pass_to_fail": [], "removed": [], "newly_skipped": [], "changed_expectations": [],
            "flaky": [], "tampering": [],
        },
        "findings": [
            {"check": "secrets", "rule": "AWS Access Key", "level": "critical", "file": "src/cachetools/remote.py",
             "line": 12, "end_line": 12, "text": "An AWS access key in the source.",
             "fix": "Revoke it, and read it from the environment.", "fingerprint": "00"},
            {"check": "semgrep", "rule": "python.eval-of-input", "level": "high", "file": "src/cachetools/remote.py",
             "line": 31, "end_line": 31, "text": "eval() of a value that comes from outside.",
             "fix": "Parse it, with ast.literal_eval for literals.", "fingerprint": "01"},
        ],
        "observations": [
            {"kind": "network", "detail": {"address": "203.0.113.7", "port": 443}, "process": "python", "run": "head",
             "count": 1, "new_in_head": True}
        ],
        "timing": {"prepare": 3.1, "tests": 7.6, "scans": 2.2, "total": 11.4},
        "sandbox": {
            "name": "bubblewrap", "version": "0.11.0",
            "limits": {"cpus": 2, "memory": 2**32, "processes": 512, "disk": 2**32, "time": 1200},
        },
    }  # fmt: skip


def example(connection: sa.Connection) -> Run:
    """The run of the picture."""
    new = NewRun(
        key="example", repository="octo-org/cachetools", number=128, head=HEAD, base=BASE, base_ref="main",
        title="Make cache keys of keyword arguments stable", author="codex[bot]", policy="5d41402abc4b2a76b971",
    )  # fmt: skip
    run, _ = runs.create(connection, new)
    runs.start(connection, run.id, "w")
    for step, text, state in (
        ("recognise", "written by Codex: the branch codex/cache-keys", "done"),
        ("fetch", "3 files, +41 -7", "done"),
        ("environment", "from the cache", "done"),
        ("tests:base", "441 passed in 2.4 s", "done"),
        ("tests:head", "443 passed in 2.5 s", "done"),
        ("checks:semgrep", "1 finding", "failed"),
        ("checks:secrets", "1 finding", "failed"),
    ):
        say(connection, run, step, EventKind.STARTED, text)
        say(connection, run, step, EventKind.FINISHED, text, state)
    whole = result()
    agent = whole["change"]["agent"]
    runs.finish(connection, run.id, verdict="failed", reasons=whole["reasons"], result=whole, agent=agent)
    return run


def main(target: Path) -> None:
    """Take it."""
    program = shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory(prefix="mergelock-picture-") as folder,
        serving(Path(folder)) as served,
        sync_playwright() as playwright,
    ):
        with served.store.writing() as connection:
            run = example(connection)
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.goto(sign_in_link(served.settings, served.store))
        page.goto(f"{served.url}/runs/{run.id}")
        page.screenshot(path=target, full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
