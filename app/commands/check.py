"""`mergelock check`: judge a local change exactly as the server would."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from app import __version__
from app.commands.exits import Exit, exits
from app.commands.terminal import live_steps
from app.gate.result import Result, to_json
from app.gate.terminal import render
from app.judging.local import LocalChange, judge_locally
from app.settings import load
from checks.finding import Finding
from checks.sarif import to_sarif
from runner.choose import choose
from runner.errors import Cancelled


@click.command()
@click.option(
    "--repo", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="the repository"
)
@click.option("--base", required=True, help="revision of the base branch; the policy comes from there")
@click.option("--head", required=True, help="revision to judge")
@click.option(
    "--policy", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="use this policy, not the base's"
)
@click.option("--sandbox", type=click.Choice(["auto", "bubblewrap", "docker"]), help="where to run the patch")
@click.option("--json", "as_json", is_flag=True, help="print the result as one JSON object, and nothing else")
@click.option("--sarif", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="write findings as SARIF")
@click.option("--require-evidence", is_flag=True, help="fail where no test fails without the change")
@click.option("--no-tests", is_flag=True, help="scan only")
@click.option("--no-scans", is_flag=True, help="run the tests only")
def command(  # noqa: PLR0917 - click hands each option over by name
    repo: Path,
    base: str,
    head: str,
    policy: Path | None,
    sandbox: str | None,
    as_json: bool,
    sarif: Path | None,
    require_evidence: bool,
    no_tests: bool,
    no_scans: bool,
) -> None:
    """Judge the change from BASE to HEAD, two revisions of a local repository.

    Commits are judged, not the working tree. The tests run in a sandbox without network.

    \b
    Exit status: 0 passed · 1 failed · 2 usage or policy error · 3 could not judge
    """
    if no_tests and no_scans:
        raise click.UsageError("--no-tests and --no-scans together leave nothing to do")
    asked = LocalChange(repo, base, head, policy, not no_tests, not no_scans, require_evidence)
    with exits():
        result = _judge(asked, sandbox, Console(stderr=True))
        if sarif:
            sarif.write_text(json.dumps(_sarif(result), indent=1) + "\n", encoding="utf-8")
        click.echo(json.dumps(to_json(result)) if as_json else render(result))
    raise Exit(result.verdict.exit_code)


def _judge(asked: LocalChange, sandbox: str | None, console: Console) -> Result:
    settings = load()
    settings.make_data_dir()
    chosen = choose(sandbox or settings.sandbox, data_dir=settings.data_dir)
    began = time.monotonic()
    with live_steps(console) as progress, _called_off_by_signals() as cancel:
        return judge_locally(asked, settings=settings, sandbox=chosen, progress=progress, cancel=cancel, began=began)


@contextmanager
def _called_off_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, and an ordinary request to end: sandboxes die, and what they left is cleared away.

    Python's own exception would wait for the threads that judge, which would not know of it. A second one breaks off.

    Raises:
        Cancelled: the event was set, whatever came of that first.
    """
    cancel = threading.Event()

    def call_off(_number: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = {number: signal.signal(number, call_off) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    except Exception as error:
        if cancel.is_set():
            raise Cancelled("stopped") from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sarif(result: Result) -> dict[str, Any]:
    findings = (
        Finding(**{field.name: getattr(entry, field.name) for field in fields(entry)}) for entry in result.findings
    )
    return to_sarif(findings, tool_version=__version__)
