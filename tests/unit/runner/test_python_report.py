"""Reports as the reporter writes them are believed; whatever does not add up is not, and nothing raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.evidence import TestStatus
from runner.languages.python.report import MAX_LINE, read_report

NONCE = "0123456789abcdef"
Lines = list[dict[str, Any]]


def started(nonce: str = NONCE) -> dict[str, Any]:
    return {"kind": "start", "nonce": nonce, "version": 1}


def collected(number: int) -> dict[str, Any]:
    name = f"tests/test_a.py::test_{number}"
    return {"kind": "collected", "number": number, "id": f"tests.test_a::test_{number}", "nodeid": name,
            "file": "tests/test_a.py", "line": 3}  # fmt: skip


def outcome(number: int, phase: str, result: str, **more: Any) -> dict[str, Any]:
    fixed = {"part": False, "expected": False, "seconds": 0.5, "message": ""}
    return {"kind": "outcome", "number": number, "phase": phase, "outcome": result, **fixed, **more}


def phases(number: int, result: str = "passed", **more: Any) -> Lines:
    return [
        outcome(number, "setup", "passed"),
        outcome(number, "call", result, **more),
        outcome(number, "teardown", "passed"),
    ]


def ended(lines: Lines, status: int = 0) -> Lines:
    count = sum(line["kind"] == "collected" for line in lines)
    return [*lines, {"kind": "end", "exit": status, "collected": count, "lines": len(lines)}]


def written(lines: Lines) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


WHOLE = ended([started(), collected(0), collected(1), *phases(0), *phases(1)])


@pytest.mark.parametrize(
    ("lines", "exit_status", "statuses"),
    [
        pytest.param(WHOLE, 0, ["passed", "passed"], id="all-pass"),
        pytest.param(ended([started(), collected(0), *phases(0, "failed")], 1), 1, ["failed"], id="a-failure"),
        pytest.param(
            ended([started(), collected(0), outcome(0, "setup", "failed"), outcome(0, "teardown", "passed")], 1),
            1, ["error"], id="a-broken-set-up",
        ),
        pytest.param(
            ended([started(), collected(0), outcome(0, "setup", "skipped"), outcome(0, "teardown", "passed")]),
            0, ["skipped"], id="skipped",
        ),
        pytest.param(
            ended([started(), collected(0), *phases(0, "skipped", expected=True)]), 0, ["passed"], id="expected-failure"
        ),
        pytest.param(
            ended([started(), collected(0), outcome(0, "call", "failed", part=True), *phases(0)], 1),
            1, ["failed"], id="a-failed-part-fails-the-whole",
        ),
        pytest.param(
            ended([started(), collected(0), outcome(0, "call", "passed", part=True), *phases(0, "skipped")]),
            0, ["skipped"], id="a-passed-part-says-nothing",
        ),
        pytest.param(ended([started()], 5), 5, [], id="no-tests"),
        pytest.param(
            ended([started(), {"kind": "uncollectable", "file": "tests/test_b.py", "message": "no"}, collected(0)], 2),
            2, [], id="stopped-because-a-file-cannot-be-collected",
        ),
        pytest.param(
            ended([started(), collected(0), *phases(0, seconds=-1e12)]), 0, ["passed"], id="a-clock-that-moves"
        ),
    ],
)  # fmt: skip
def test_whole_reports(lines: Lines, exit_status: int, statuses: list[str]) -> None:
    report = read_report(written(lines), nonce=NONCE, exit_status=exit_status)
    assert report.trouble == ""
    assert [outcome.status for outcome in report.outcomes] == [TestStatus(status) for status in statuses]


@pytest.mark.parametrize(
    ("lines", "exit_status"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param(WHOLE[1:], 0, id="no-start-mark"),
        pytest.param(ended([started("other"), collected(0), *phases(0)]), 0, id="another-run's-nonce"),
        pytest.param(WHOLE[:-1], 0, id="no-end-mark"),
        pytest.param([*WHOLE, started()], 0, id="goes-on-after-the-end"),
        pytest.param([*WHOLE[:-2], WHOLE[-1]], 0, id="a-line-lost"),
        pytest.param([*WHOLE[:4], *phases(0), *WHOLE[4:]], 0, id="lines-added"),
        pytest.param(WHOLE, 1, id="exit-1-without-a-failure"),
        pytest.param(WHOLE, None, id="killed"),
        pytest.param(ended([started(), collected(0), *phases(0)], 1), 1, id="reported-1-without-a-failure"),
        pytest.param(ended([started(), collected(0), *phases(0, "failed")]), 0, id="exit-0-with-a-failure"),
        pytest.param(ended([started(), collected(0), collected(1), *phases(0)]), 0, id="a-test-without-outcome"),
        pytest.param(ended([started(), collected(0), *phases(1)]), 0, id="an-outcome-of-no-test"),
        pytest.param(ended([started(), collected(1), *phases(1)]), 0, id="numbers-out-of-order"),
        pytest.param(ended([started(), collected(0), *phases(0, "rerun")]), 0, id="an-unknown-outcome"),
        pytest.param(ended([started(), collected(0), *phases(0, message=7)]), 0, id="a-message-that-is-no-text"),
        pytest.param(ended([started(), {**collected(0), "line": True}, *phases(0)]), 0, id="a-line-that-is-no-number"),
        pytest.param(ended([started(), {**collected(0), "id": "x" * 5000}, *phases(0)]), 0, id="an-endless-id"),
        pytest.param(ended([started(), {"kind": "verdict"}]), 5, id="an-unknown-kind"),
        pytest.param(ended([started()]), 0, id="exit-0-without-tests"),
        pytest.param(ended([started(), collected(0), *phases(0)], 3), 3, id="pytest's-own-error"),
        pytest.param(ended([started(), collected(0)], 2), 2, id="interrupted-by-hand"),
    ],
)
def test_reports_that_do_not_add_up(lines: Lines, exit_status: int | None) -> None:
    report = read_report(written(lines), nonce=NONCE, exit_status=exit_status)
    assert report.trouble
    assert not report.complete


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xfe\n", id="not-utf-8"),
        pytest.param(b"[1]\n", id="a-list"),
        pytest.param(b"null\n", id="null"),
        pytest.param(b"[" * 60_000 + b"\n", id="deeply-nested"),
        pytest.param(b"9" * 30_000 + b"\n", id="a-huge-number"),
        pytest.param(b" " * (MAX_LINE + 1) + b"\n", id="a-long-line"),
        pytest.param(written(WHOLE)[:-1], id="cut-in-the-last-line"),
    ],
)
def test_hostile_bytes(data: bytes) -> None:
    assert read_report(data, nonce=NONCE, exit_status=0).trouble


def test_a_lone_surrogate_is_spelled_out() -> None:
    lines = ended([started(), {**collected(0), "id": "a::\ud800"}, *phases(0)])
    assert read_report(written(lines), nonce=NONCE, exit_status=0).outcomes[0].id == "a::\\ud800"


def test_ids_lead_back_to_what_pytest_calls_them() -> None:
    report = read_report(written(WHOLE), nonce=NONCE, exit_status=0)
    assert report.nodeids["tests.test_a::test_1"] == ("tests/test_a.py::test_1",)


@given(st.binary(max_size=400), st.integers(0, len(written(WHOLE))))
def test_no_bytes_put_anywhere_raise_or_add_a_test(junk: bytes, place: int) -> None:
    whole = written(WHOLE)
    report = read_report(whole[:place] + junk + whole[place:], nonce=NONCE, exit_status=0)
    assert len(report.outcomes) <= 2
    assert report.complete is (not report.trouble)
