"""A run with everything on it, and hostile text in every place that a change can write to."""

from typing import Any

import sqlalchemy as sa

from app.store import events, runs
from app.store.events import EventKind
from app.store.runs import NewRun, Run

HOSTILE = (
    "<script>alert(1)</script>\u202egnp.exe\u200b\x1b]0;x\x07\x00\udcff{{7*1000003}}\"'><img src=x onerror=alert(1)>"
)
HEAD, BASE = "a" * 40, "b" * 40


def result(text: str = HOSTILE) -> dict[str, Any]:
    """A result in which every text of the change's is `text`."""
    counts = {"passed": 12, "failed": 1, "errors": 0, "skipped": 2, "seconds": 3.25, "exit": 1}
    return {
        "schema": "mergelock.result/1",
        "verdict": "failed",
        "reasons": [{"code": "findings", "text": f"One finding blocks: {text}", "fix": f"Remove it: {text}"}],
        "change": {
            "base": BASE, "head": HEAD, "files": 2, "added": 10, "removed": 3,
            "agent": {"authored": True, "name": "Codex", "signals": [f"branch {text}"]},
        },
        "tests": {
            "runs": {"base": counts, "head": counts, "base-with-head-tests": counts},
            "fail_to_pass": [f"tests.test_a::fixed {text}"], "pass_to_pass": 11,
            "pass_to_fail": [f"tests.test_a::broken {text}"], "removed": [], "newly_skipped": [],
            "changed_expectations": [], "flaky": [],
            "tampering": [{"code": "skipped", "file": f"tests/{text}.py", "line": 4, "text": text}],
        },
        "findings": [
            {"check": "bandit", "rule": "B307", "level": "high", "file": f"src/{text}.py", "line": 9, "end_line": 9,
             "text": f"eval of input {text}", "fix": "", "fingerprint": "00"},
            {"check": "semgrep", "rule": "x", "level": "low", "file": f"src/{text}.py", "line": 2, "end_line": 2,
             "text": "minor", "fix": text, "fingerprint": "01"},
        ],
        "observations": [
            {"kind": "network", "detail": {"address": text, "port": 443}, "process": text, "run": "head", "count": 2,
             "new_in_head": True}
        ],
        "timing": {"prepare": 1.0, "tests": 7.5, "scans": 2.0, "total": 11.0},
        "sandbox": {"name": "bubblewrap", "version": "0.11.0", "limits": {"memory": 2**32, "time": 1200, "cpus": 2}},
    }  # fmt: skip


def new_run(connection: sa.Connection, key: str = "k", number: int = 7, text: str = HOSTILE) -> Run:
    """A queued run."""
    new = NewRun(
        key=key, repository="octo/hello", number=number, head=HEAD, base=BASE, base_ref="main", title=f"Fix it {text}",
        author="codex", policy="c" * 64,
    )  # fmt: skip
    return runs.create(connection, new)[0]


def say(connection: sa.Connection, run: Run, step: str, kind: EventKind, text: str, state: str = "") -> None:
    """An event of that run."""
    events.append(connection, run.id, step=step, kind=kind, text=text, state=state)


def judged_run(connection: sa.Connection, key: str = "k", text: str = HOSTILE) -> Run:
    """A run that went all the way."""
    run = new_run(connection, key, text=text)
    runs.start(connection, run.id, "w")
    say(connection, run, "fetch", EventKind.STARTED, "fetching")
    say(connection, run, "fetch", EventKind.FINISHED, "fetched", "done")
    say(connection, run, "tests:head", EventKind.STARTED, f"running {text}")
    say(connection, run, "tests:head", EventKind.OUTPUT, f"\x1b[32mline one\x1b[0m {text}\nline two\n")
    say(connection, run, "tests:head", EventKind.FINISHED, f"1 failed {text}", "failed")
    whole = result(text)
    runs.finish(
        connection, run.id, verdict="failed", reasons=whole["reasons"], result=whole, agent=whole["change"]["agent"]
    )
    return run
