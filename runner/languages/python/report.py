"""Reads what the reporter wrote, strictly: the tests could have written it too. Pure.

Whatever does not add up makes the run incomplete, with words why; nothing here raises on hostile input.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from runner.evidence import TestOutcome, TestStatus

MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 64 * 1024
MAX_TESTS = 200_000
_MAX_ID = 4096
_LONGEST = 7 * 24 * 3600

_EXIT_OK, _EXIT_FAILED, _EXIT_INTERRUPTED, _EXIT_USAGE, _EXIT_NOTHING = 0, 1, 2, 4, 5


@dataclass(frozen=True, slots=True)
class Report:
    """What one pytest process reported. `trouble` is empty where it is whole; `nodeids` maps ids to pytest's own."""

    outcomes: tuple[TestOutcome, ...] = ()
    uncollectable: Mapping[str, str] = field(default_factory=dict)
    nodeids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    collected: int = 0
    trouble: str = ""

    @property
    def complete(self) -> bool:
        """Whether it was seen from the first mark to the last, with everything accounted for."""
        return not self.trouble


class _Distrust(ValueError):  # noqa: N818 - what the reader feels, not what went wrong
    """A line that the reporter would not have written."""


@dataclass(slots=True)
class _Test:
    id: str
    nodeid: str
    file: str
    line: int
    status: TestStatus | None = None
    seconds: float = 0.0
    message: str = ""


@dataclass(slots=True)
class _Reading:
    nonce: str
    tests: dict[int, _Test] = field(default_factory=dict)
    uncollectable: dict[str, str] = field(default_factory=dict)
    started: bool = False
    lines: int = 0
    end: tuple[int, int, int] | None = None


def read_report(data: bytes, *, nonce: str, exit_status: int | None) -> Report:
    """Read one run's report.

    Args:
        data: the file's content, as far as it was read.
        nonce: what the start mark must carry.
        exit_status: pytest's; it must agree with what was reported.
    """
    reading = _Reading(nonce)
    try:
        for line in _lines(data):
            _take(reading, line)
        _check_whole(reading, exit_status)
    except _Distrust as distrust:
        return _report(reading, str(distrust))
    return _report(reading, "")


def _lines(data: bytes) -> Iterator[dict[str, object]]:
    if len(data) > MAX_BYTES:
        raise _Distrust(f"the test report is larger than {MAX_BYTES // (1024 * 1024)} MiB")
    pieces = data.split(b"\n")
    if pieces.pop():
        raise _Distrust("the test report ends in the middle of a line: the test process was stopped")
    for number, piece in enumerate(pieces, 1):
        if len(piece) > MAX_LINE:
            raise _Distrust(f"line {number} of the test report is too long")
        try:
            line = json.loads(piece)
        except (ValueError, RecursionError):
            raise _Distrust(f"line {number} of the test report is not what the reporter writes") from None
        if not isinstance(line, dict):
            raise _Distrust(f"line {number} of the test report is not what the reporter writes")
        yield line


def _take(reading: _Reading, line: dict[str, object]) -> None:
    kind = _text(line, "kind")
    if not reading.started:
        if kind != "start" or _text(line, "nonce") != reading.nonce:
            raise _Distrust("the test report does not begin with the reporter's mark")
        reading.started = True
    elif reading.end is not None:
        raise _Distrust("the test report goes on after its end mark: more than one process wrote it")
    elif kind == "collected":
        _take_collected(reading, line)
    elif kind == "outcome":
        _take_outcome(reading, line)
    elif kind == "uncollectable":
        reading.uncollectable[_text(line, "file")] = _text(line, "message", MAX_LINE)
    elif kind == "end":
        reading.end = (_number(line, "exit"), _number(line, "collected"), _number(line, "lines"))
    else:
        raise _Distrust("the test report holds a line that the reporter does not write")
    reading.lines += 1


def _take_collected(reading: _Reading, line: dict[str, object]) -> None:
    number = _number(line, "number")
    if number != len(reading.tests) or number >= MAX_TESTS:
        raise _Distrust(f"the tests reported as collected are not numbered in order, or are more than {MAX_TESTS}")
    reading.tests[number] = _Test(
        id=_text(line, "id"), nodeid=_text(line, "nodeid"), file=_text(line, "file"), line=_number(line, "line")
    )


def _take_outcome(reading: _Reading, line: dict[str, object]) -> None:
    test = reading.tests.get(_number(line, "number"))
    if test is None:
        raise _Distrust("the test report has an outcome of a test that was not collected")
    status = _status(_text(line, "phase"), _text(line, "outcome"), _truth(line, "expected"))
    test.seconds += _duration(line)
    if _truth(line, "part") and status is not TestStatus.FAILED:
        return  # a part of a test that passed or was skipped says nothing about the whole
    if status is not None and _weight(status) > _weight(test.status):
        test.status = status
        test.message = _text(line, "message", MAX_LINE)


def _status(phase: str, outcome: str, expected: bool) -> TestStatus | None:
    """One phase's part in a test's outcome; None for a set-up or tear-down that went well."""
    match phase, outcome:
        case "setup" | "teardown", "passed":
            return None
        case "call", "passed":
            return TestStatus.PASSED
        case "call", "failed":
            return TestStatus.FAILED
        case "setup" | "teardown", "failed":
            return TestStatus.ERROR
        case "setup" | "call" | "teardown", "skipped":
            return TestStatus.PASSED if expected else TestStatus.SKIPPED
        case _:
            raise _Distrust("the test report has an outcome that pytest does not know")


def _weight(status: TestStatus | None) -> int:
    order = (None, TestStatus.PASSED, TestStatus.SKIPPED, TestStatus.ERROR, TestStatus.FAILED)
    return order.index(status)


def _check_whole(reading: _Reading, exit_status: int | None) -> None:
    if not reading.started:
        raise _Distrust("the tests did not start: there is no report")
    if reading.end is None:
        raise _Distrust("the tests did not run to their end: the report has no end mark")
    reported, collected, lines = reading.end
    if collected != len(reading.tests) or lines != reading.lines - 1:
        raise _Distrust("the test report's end mark does not agree with what was reported")
    if reported != exit_status:
        raise _Distrust(f"pytest ended with status {exit_status}, but reported {reported}")
    missing = sum(test.status is None for test in reading.tests.values())
    stopped = stopped_by_collection(exit_status, reading.uncollectable, ran=len(reading.tests) - missing)
    if missing and not stopped:
        raise _Distrust(f"{missing} of {len(reading.tests)} collected tests have no outcome")
    bad = bool(reading.uncollectable) or any(
        test.status in {TestStatus.FAILED, TestStatus.ERROR} for test in reading.tests.values()
    )
    agrees = {
        _EXIT_OK: not bad and bool(reading.tests),
        _EXIT_FAILED: bad,
        _EXIT_INTERRUPTED: stopped,
        _EXIT_USAGE: stopped,
        _EXIT_NOTHING: not reading.tests and not bad,
    }
    if not agrees.get(-1 if exit_status is None else exit_status, False):
        raise _Distrust(f"pytest ended with status {exit_status}, which does not agree with the outcomes it reported")


def stopped_by_collection(exit_status: int | None, uncollectable: Mapping[str, str], *, ran: int) -> bool:
    """Whether pytest ran nothing because files could not be collected, as it does unless told to go on."""
    return exit_status in {_EXIT_INTERRUPTED, _EXIT_USAGE} and bool(uncollectable) and ran == 0


def _report(reading: _Reading, trouble: str) -> Report:
    outcomes = tuple(
        TestOutcome(test.id, test.status, round(test.seconds, 6), test.file, test.line, test.message)
        for test in reading.tests.values()
        if test.status is not None
    )
    nodeids: dict[str, tuple[str, ...]] = {}
    for test in reading.tests.values():
        nodeids[test.id] = (*nodeids.get(test.id, ()), test.nodeid)
    return Report(outcomes, reading.uncollectable, nodeids, len(reading.tests), trouble)


def _text(line: dict[str, object], key: str, limit: int = _MAX_ID) -> str:
    value = line.get(key)
    if not isinstance(value, str) or len(value) > limit:
        raise _Distrust(f'the test report has a line whose "{key}" is not text, or too long')
    return value.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates cannot be stored or shown


def _number(line: dict[str, object], key: str) -> int:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise _Distrust(f'the test report has a line whose "{key}" is not a number')
    return value


def _duration(line: dict[str, object]) -> float:
    """Seconds; tests that move the clock make pytest measure nonsense, which is no reason to distrust the rest."""
    value = line.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Distrust('the test report has a line whose "seconds" is not a number')
    return float(value) if 0 <= value <= _LONGEST else 0.0


def _truth(line: dict[str, object], key: str) -> bool:
    value = line.get(key)
    if not isinstance(value, bool):
        raise _Distrust(f'the test report has a line whose "{key}" is neither true nor false')
    return value
