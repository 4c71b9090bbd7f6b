"""Runs the enabled checks over a change, side by side, and says what came of each."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checks.change import Change
from checks.check import Check, CheckInput
from checks.errors import UnknownCheck
from checks.registry import REGISTRY
from checks.report import CheckReport, ScanReport
from checks.staging import stage
from runner.errors import SandboxFault
from runner.progress import Progress, StepState
from runner.sandbox import Sandbox

__all__ = ["CheckReport", "ScanReport", "scan"]


def scan(
    change: Change,
    *,
    sandbox: Sandbox,
    scratch: Path,
    enabled: frozenset[str],
    progress: Progress,
    cancel: threading.Event,
) -> ScanReport:
    """Run the enabled checks; each is a step `checks:NAME` of the progress.

    Args:
        change: what to look at.
        sandbox: where scanners run.
        scratch: an existing folder of ours; the staged files stay in `scratch/scan` for the caller to remove.
        enabled: names of the registry; none is a report without checks.
        progress: told of each check.
        cancel: when set, all checks end soon.

    Raises:
        UnknownCheck: a name that the registry does not list.
        Cancelled: `cancel` was set.
    """
    unknown = enabled - REGISTRY.keys()
    if unknown:
        raise UnknownCheck(tuple(sorted(unknown)), tuple(REGISTRY))
    chosen = [check for name, check in REGISTRY.items() if name in enabled]
    started = time.monotonic()
    if not chosen:
        return ScanReport(())
    work = CheckInput(stage(change, scratch / "scan"), sandbox, cancel)
    with ThreadPoolExecutor(max_workers=len(chosen), thread_name_prefix="check") as threads:
        reports = tuple(threads.map(lambda check: _run(check, work, progress), chosen))
    return ScanReport(reports, time.monotonic() - started)


def _run(check: Check, work: CheckInput, progress: Progress) -> CheckReport:
    """One check as a step. That the sandbox failed is this check's trouble: the others may have something to say."""
    step = f"checks:{check.name}"
    progress.started(step, check.title)
    began = time.monotonic()
    try:
        report = check.run(work)
    except SandboxFault as fault:
        report = CheckReport(check.name, trouble=(f"{check.name} could not run: {fault}",))
    except BaseException:
        progress.finished(step, "did not finish", StepState.TROUBLE)
        raise
    report = CheckReport(report.check, report.findings, report.trouble, time.monotonic() - began)
    progress.finished(step, summary(report), state(report))
    return report


def summary(report: CheckReport) -> str:
    """A report in a few words: "2 findings (1 high, 1 low) in 2.1 s"."""
    count = len(report.findings)
    levels = [finding.level for finding in report.findings]
    counted = ", ".join(f"{levels.count(level)} {level}" for level in sorted(set(levels), key=lambda v: -v.rank))
    found = f"{count} finding{'s' if count != 1 else ''} ({counted})" if count else "nothing found"
    more = f" (and {len(report.trouble) - 1} more)" if len(report.trouble) > 1 else ""
    doubt = f"; could not tell: {report.trouble[0]}{more}" if report.trouble else ""
    return f"{found} in {report.seconds:.1f} s{doubt}"


def state(report: CheckReport) -> StepState:
    """How the step ended."""
    if report.trouble:
        return StepState.TROUBLE
    return StepState.FAILED if report.findings else StepState.DONE
