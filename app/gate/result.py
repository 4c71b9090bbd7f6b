"""The machine-readable result: built from what was judged, to its JSON and back, with its JSON Schema."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.gate.errors import ResultError
from app.gate.reasons import Decision, Reason
from app.gate.result_model import (
    MAX_ENTRIES,
    MAX_ID,
    MAX_IDS,
    MAX_TEXT,
    SCHEMA,
    ChangeSummary,
    FindingEntry,
    ObservationEntry,
    Result,
    RunSummary,
    SandboxSummary,
    TamperingEntry,
    TestsSummary,
    Timing,
)
from app.gate.wording import cut
from checks.finding import Finding
from checks.report import ScanReport
from runner.evidence import Evidence, TestRun, TestStatus
from runner.sandbox import Limits, Observation, SandboxInfo

_ADAPTER: TypeAdapter[Result] = TypeAdapter(Result)
MAX_DETAILS = 20


def build(
    decision: Decision,
    *,
    change: ChangeSummary,
    tests: Evidence | None = None,
    scans: ScanReport | None = None,
    observations: Mapping[str, Sequence[Observation]] | None = None,
    timing: Timing | None = None,
    sandbox: SandboxInfo | None = None,
    limits: Limits | None = None,
) -> Result:
    """Put a result together, everything bounded.

    Args:
        decision: the verdict with its reasons.
        change: which commits, how large, whose.
        tests: the runs compared; none: not run.
        scans: what the checks found; none: not run.
        observations: what the sandbox saw, by the run's name.
        timing: seconds of the parts.
        sandbox: in what it ran; none: nothing was executed.
        limits: the bounds of each command there.
    """
    truncated: dict[str, int] = {}
    seen = _observed(observations or {})
    return Result(
        verdict=decision.verdict,
        reasons=tuple(_reason(reason) for reason in _bounded(decision.reasons, MAX_ENTRIES, "reasons", truncated)),
        change=_change(change),
        tests=_tests(tests, truncated) if tests is not None else TestsSummary(),
        findings=tuple(
            _finding(f) for f in _bounded(scans.findings if scans else (), MAX_ENTRIES, "findings", truncated)
        ),
        observations=tuple(_bounded(seen, MAX_ENTRIES, "observations", truncated)),
        timing=_timing(timing or Timing()),
        sandbox=_sandbox(sandbox, limits or Limits()),
        truncated=truncated,
    )


def to_json(result: Result) -> dict[str, Any]:
    """The JSON object of `mergelock.result/1`; `truncated` is there only where something was cut."""
    data: dict[str, Any] = _ADAPTER.dump_python(result, mode="json")
    if not data["truncated"]:
        del data["truncated"]
    return {"schema": data.pop("schema"), **data}


def from_json(data: Mapping[str, Any]) -> Result:
    """A result from its JSON object; keys that it does not know are left out.

    Raises:
        ResultError: it is no `mergelock.result/1`.
    """
    if data.get("schema") != SCHEMA:
        raise ResultError(
            f"this is no {SCHEMA} but {cut(repr(data.get('schema')), 80)}; use the mergelock that wrote it"
        )
    try:
        return _ADAPTER.validate_json(json.dumps(data), strict=True)
    except (ValidationError, TypeError, ValueError) as error:
        raise ResultError(f"this is no whole {SCHEMA}: {cut(str(error), 500)}") from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a result."""
    schema = _ADAPTER.json_schema(mode="serialization")
    schema["required"] = [key for key in schema["required"] if key != "truncated"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": SCHEMA}


def _bounded(items: Sequence[Any], most: int, name: str, truncated: dict[str, int]) -> Sequence[Any]:
    if len(items) > most:
        truncated[name] = len(items)
        return items[:most]
    return items


def _clean(text: str, most: int = MAX_TEXT) -> str:
    """Cut, and free of lone surrogates, which no JSON reader takes: a file's name may hold any bytes."""
    return cut(text, most).encode("utf-8", "backslashreplace").decode("utf-8")[: most * 2]


def _seconds(value: float) -> float:
    return round(value, 3) if math.isfinite(value) and value > 0 else 0.0


def _reason(reason: Reason) -> Reason:
    return Reason(reason.code, _clean(reason.text), _clean(reason.fix))


def _change(change: ChangeSummary) -> ChangeSummary:
    agent = change.agent
    signals = tuple(_clean(signal, MAX_ID) for signal in agent.signals[:100])
    name = None if agent.name is None else _clean(agent.name, MAX_ID)
    return ChangeSummary(
        base=_clean(change.base, MAX_ID),
        head=_clean(change.head, MAX_ID),
        files=change.files,
        added=change.added,
        removed=change.removed,
        agent=type(agent)(agent.authored, name, signals),
    )


def _tests(tests: Evidence, truncated: dict[str, int]) -> TestsSummary:
    def ids(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_clean(value, MAX_ID) for value in _bounded(values, MAX_IDS, f"tests.{name}", truncated))

    tampering = _bounded(tests.tampering, MAX_ENTRIES, "tests.tampering", truncated)
    return TestsSummary(
        runs={run.name: _run(run) for run in tests.runs},
        fail_to_pass=ids("fail_to_pass", tests.fail_to_pass),
        pass_to_pass=len(tests.pass_to_pass),
        pass_to_fail=ids("pass_to_fail", tests.pass_to_fail),
        removed=ids("removed", tests.removed),
        newly_skipped=ids("newly_skipped", tests.newly_skipped),
        changed_expectations=ids("changed_expectations", tests.changed_expectations),
        flaky=ids("flaky", tests.flaky),
        tampering=tuple(
            TamperingEntry(_clean(t.code, MAX_ID), _clean(t.file, MAX_ID), t.line, _clean(t.text)) for t in tampering
        ),
    )


def _run(run: TestRun) -> RunSummary:
    counts = dict.fromkeys(TestStatus, 0)
    for outcome in run.outcomes:
        counts[outcome.status] += 1
    return RunSummary(
        passed=counts[TestStatus.PASSED],
        failed=counts[TestStatus.FAILED],
        errors=counts[TestStatus.ERROR],
        skipped=counts[TestStatus.SKIPPED],
        seconds=_seconds(run.seconds),
        exit=run.exit,
    )


def _finding(finding: Finding) -> FindingEntry:
    return FindingEntry(
        check=_clean(finding.check, MAX_ID),
        rule=_clean(finding.rule, MAX_ID),
        level=finding.level,
        file=_clean(finding.file, MAX_ID),
        line=finding.line,
        end_line=finding.end_line,
        text=_clean(finding.text),
        fix=_clean(finding.fix),
        fingerprint=_clean(finding.fingerprint, MAX_ID),
    )


def _observed(observations: Mapping[str, Sequence[Observation]]) -> list[ObservationEntry]:
    """All runs' observations, those that are new in the head's first: they are the interesting part."""
    before = {_sight(observation) for observation in observations.get("base", ())}
    entries = [
        ObservationEntry(
            kind=_clean(observation.kind, MAX_ID),
            detail={
                _clean(key, MAX_ID): _detail(value) for key, value in list(observation.detail.items())[:MAX_DETAILS]
            },
            process=_clean(observation.process, MAX_ID),
            run=run,
            count=observation.count,
            new_in_head=run.startswith("head") and _sight(observation) not in before,
        )
        for run, seen in observations.items()
        for observation in seen
    ]
    return sorted(entries, key=lambda entry: not entry.new_in_head)


def _detail(value: str | int) -> str | int:
    return _clean(value, MAX_ID) if isinstance(value, str) else value


def _sight(observation: Observation) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What was seen, by what it is: the same from another process is the same."""
    return observation.kind, tuple(sorted((key, str(value)) for key, value in observation.detail.items()))


def _timing(timing: Timing) -> Timing:
    return Timing(_seconds(timing.prepare), _seconds(timing.tests), _seconds(timing.scans), _seconds(timing.total))


def _sandbox(info: SandboxInfo | None, limits: Limits) -> SandboxSummary:
    if info is None:
        return SandboxSummary("none", "", {})
    bounds = {
        "cpus": float(limits.cpus),
        "memory": float(limits.memory),
        "processes": float(limits.processes),
        "disk": float(limits.disk),
        "time": float(limits.time),
        "output": float(limits.output),
    }
    return SandboxSummary(_clean(info.name, MAX_ID), _clean(info.version, MAX_ID), bounds)


__all__ = [
    "SCHEMA",
    "ChangeSummary",
    "FindingEntry",
    "ObservationEntry",
    "Result",
    "RunSummary",
    "SandboxSummary",
    "TamperingEntry",
    "TestsSummary",
    "Timing",
    "build",
    "from_json",
    "json_schema",
    "to_json",
]
