"""Everything that is done to find out about a change: its tests run and its scans made, side by side."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.gate.known import Fault, TestsTrouble
from app.gate.policy_model import Mode, Policy
from checks.change import Change
from checks.registry import REGISTRY
from checks.scan import ScanReport, scan
from runner.environment.settings import EnvironmentSettings
from runner.errors import EnvironmentFault, SandboxFault
from runner.evidence import Evidence
from runner.progress import Progress, StepState
from runner.sandbox import Limits, Sandbox
from runner.testing import NoTests, TestRequest, prepare, run_suites


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out. What is None was not done, or `tests_trouble` / `scans_trouble` says why not. Seconds."""

    tests: Evidence | None = None
    tests_trouble: TestsTrouble | None = None
    scans: ScanReport | None = None
    scans_trouble: str = ""
    prepare_seconds: float = 0.0
    tests_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parts are asked for; the server always asks for all."""

    tests: bool = True
    scans: bool = True


def limits_of(policy: Policy) -> Limits:
    """The sandbox's bounds of each command, as the policy has them."""
    asked = policy.environment.limits
    return Limits(
        cpus=asked.cpus,
        memory=asked.memory,
        processes=asked.processes,
        disk=asked.disk,
        time=asked.time,
        output=asked.output,
    )


def examine(
    change: Change,
    policy: Policy,
    *,
    wanted: Wanted,
    sandbox: Sandbox,
    data_dir: Path,
    scratch: Path,
    progress: Progress,
    cancel: threading.Event,
) -> Examination:
    """Run the change's tests and the enabled scans at the same time.

    What could not be done is in the examination, with whose fault it was.

    Raises:
        Cancelled: the event was set.
    """
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="examine") as threads:
        scans = threads.submit(_scan, change, policy, wanted, sandbox, scratch, progress, cancel)
        tests = threads.submit(_test, change, policy, wanted, sandbox, data_dir, progress, cancel)
        report, scans_trouble = scans.result()
        found = tests.result()
    return Examination(
        found.tests, found.tests_trouble, report, scans_trouble, found.prepare_seconds, found.tests_seconds
    )


def _scan(
    change: Change,
    policy: Policy,
    wanted: Wanted,
    sandbox: Sandbox,
    scratch: Path,
    progress: Progress,
    cancel: threading.Event,
) -> tuple[ScanReport | None, str]:
    if not wanted.scans:
        return None, ""
    enabled = frozenset(name for name in REGISTRY if policy.checks.mode(name) is not Mode.OFF)
    try:
        return scan(change, sandbox=sandbox, scratch=scratch, enabled=enabled, progress=progress, cancel=cancel), ""
    except (SandboxFault, OSError) as fault:
        return None, str(fault)


def _test(
    change: Change,
    policy: Policy,
    wanted: Wanted,
    sandbox: Sandbox,
    data_dir: Path,
    progress: Progress,
    cancel: threading.Event,
) -> Examination:
    if not wanted.tests:
        return Examination()
    request = test_request(change, policy)
    began = time.monotonic()
    prepared_at = began
    try:
        prepared = prepare(request, sandbox=sandbox, data_dir=data_dir, progress=progress, cancel=cancel)
        prepared_at = time.monotonic()
        evidence = run_suites(request, prepared, sandbox=sandbox, data_dir=data_dir, progress=progress, cancel=cancel)
    except NoTests as nothing:
        progress.finished("environment", str(nothing), StepState.TROUBLE)
        return Examination(tests_trouble=TestsTrouble(Fault.NO_TESTS, str(nothing)))
    except EnvironmentFault as fault:
        whose = Fault.CHANGE if fault.by_change else Fault.OURS
        progress.finished("environment", str(fault), StepState.FAILED if fault.by_change else StepState.TROUBLE)
        return Examination(tests_trouble=TestsTrouble(whose, str(fault)), prepare_seconds=time.monotonic() - began)
    except (SandboxFault, OSError) as fault:
        return Examination(tests_trouble=TestsTrouble(Fault.OURS, str(fault)))
    return Examination(
        tests=evidence, prepare_seconds=prepared_at - began, tests_seconds=time.monotonic() - prepared_at
    )


def test_request(change: Change, policy: Policy) -> TestRequest:
    """What the runner is asked: both trees, what differs, and the environment as base's policy has it."""
    asked = policy.environment
    paths = {path for file in change.files for path in (file.path, file.old_path) if path}
    return TestRequest(
        base_tree=change.base_tree,
        head_tree=change.head_tree,
        changed=tuple(sorted(paths)),
        base_commit=change.base,
        head_commit=change.head,
        settings=EnvironmentSettings(
            language=asked.language,
            install=asked.install,
            test=asked.test,
            limits=limits_of(policy),
            install_hosts=policy.network.install,
        ),
        retries=policy.tests.flaky_retries,
    )


test_request.__test__ = False  # type: ignore[attr-defined]  # a name that pytest would take for a test
