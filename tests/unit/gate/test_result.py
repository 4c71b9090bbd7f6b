"""The result's JSON: the contract, there and back, and small whatever the change does."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from app.gate.decision import Code, Decision, Reason, Verdict
from app.gate.errors import ResultError
from app.gate.result import ChangeSummary, Result, build, from_json, json_schema, to_json
from app.gate.result_model import MAX_ENTRIES, MAX_ID, MAX_IDS, MAX_TEXT
from checks.report import CheckReport, ScanReport
from runner.evidence import Evidence, Tampering
from runner.sandbox import Observation
from tests.unit.gate.results import results
from tests.unit.gate.samples import AGENT, BASE, FAILED, HEAD, finding, outcome, run
from tests.unit.gate.worked_examples import EXAMPLES

DECISION = Decision(Verdict.FAILED, (Reason(Code.TESTS_BROKEN, "1 test fails", "Mend it."),))
CHANGE = ChangeSummary(BASE, HEAD, 1, 2, 3, AGENT)
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@settings(max_examples=50, deadline=None)
@given(results)
def test_there_and_back(result: Result) -> None:
    """Through real JSON text, losing nothing; and valid by the published schema."""
    data = json.loads(json.dumps(to_json(result)))
    assert from_json(data) == result
    VALIDATOR.validate(data)


def test_the_keys_are_the_contract() -> None:
    """Exactly those that the design lists, in its order."""
    data = to_json(EXAMPLES["failed"].result)
    assert list(data) == [
        "schema",
        "verdict",
        "reasons",
        "change",
        "tests",
        "findings",
        "observations",
        "timing",
        "sandbox",
    ]
    assert data["schema"] == "mergelock.result/1"
    assert set(data["reasons"][0]) == {"code", "text", "fix"}
    assert set(data["change"]) == {"base", "head", "files", "added", "removed", "agent"}
    assert set(data["change"]["agent"]) == {"authored", "name", "signals"}
    assert set(data["tests"]) == {
        "runs",
        "fail_to_pass",
        "pass_to_pass",
        "pass_to_fail",
        "removed",
        "newly_skipped",
        "changed_expectations",
        "flaky",
        "tampering",
    }
    assert set(data["tests"]["runs"]["head"]) == {"passed", "failed", "errors", "skipped", "seconds", "exit"}
    assert data["tests"]["runs"]["head"]["failed"] == 1
    assert data["tests"]["pass_to_pass"] == 2
    expected = {"check", "rule", "level", "file", "line", "end_line", "text", "fix", "fingerprint"}
    assert set(data["findings"][0]) == expected
    assert set(data["observations"][0]) == {"kind", "detail", "process", "run", "count", "new_in_head"}
    assert set(data["timing"]) == {"prepare", "tests", "scans", "total"}
    assert set(data["sandbox"]) == {"name", "version", "limits"}


def test_nothing_run_is_told_plainly() -> None:
    """No tests, no sandbox, no findings."""
    data = to_json(build(DECISION, change=CHANGE))
    assert data["tests"]["runs"] == {}
    assert data["sandbox"] == {"name": "none", "version": "", "limits": {}}
    assert "truncated" not in data


def test_a_hostile_suite_cannot_make_it_huge() -> None:
    """Lists and texts are cut, and it is told how long they were."""
    names = tuple(f"t::{n}" + "x" * 1_000 for n in range(MAX_IDS + 9))
    tests = Evidence(
        (run("head", outcome("t::a", FAILED)),),
        fail_to_pass=names,
        removed=names,
        tampering=(Tampering("c", "f" * 9_999, 1, "t" * 99_999),) * (MAX_ENTRIES + 1),
    )
    many = tuple(finding(line=n) for n in range(MAX_ENTRIES + 7))
    seen = tuple(Observation("network", {f"k{n}": "v" * 9_999 for n in range(99)}) for _ in range(MAX_ENTRIES + 1))
    result = build(
        DECISION,
        change=CHANGE,
        tests=tests,
        scans=ScanReport((CheckReport("semgrep", many),)),
        observations={"head": seen[:1] * (MAX_ENTRIES + 1)},
    )
    assert result.truncated == {
        "tests.fail_to_pass": MAX_IDS + 9,
        "tests.removed": MAX_IDS + 9,
        "tests.tampering": MAX_ENTRIES + 1,
        "findings": MAX_ENTRIES + 7,
        "observations": MAX_ENTRIES + 1,
    }
    assert all(len(name) <= 2 * MAX_ID for name in result.tests.fail_to_pass)
    assert len(result.tests.tampering[0].text) <= 2 * MAX_TEXT
    assert len(json.dumps(to_json(result))) < 20_000_000
    VALIDATOR.validate(to_json(result))
    assert from_json(to_json(result)) == result


def test_names_of_any_bytes_are_told() -> None:
    """A file's name that is no UTF-8, and times that are no numbers."""
    odd = finding(file="caf\udce9.py")
    tests = Evidence((run("head", outcome("t::\udcff")),), removed=("t::\ud800",))
    result = build(DECISION, change=CHANGE, tests=tests, scans=ScanReport((CheckReport("semgrep", (odd,)),)))
    assert result.findings[0].file == "caf\\udce9.py"
    assert json.dumps(to_json(result), ensure_ascii=False).encode()


def test_what_is_new_in_the_head_comes_first() -> None:
    """Told apart by what was seen, not by which process did it."""
    base = Observation("network", {"host": "a.example"}, "python")
    same = Observation("network", {"host": "a.example"}, "curl")
    new = Observation("network", {"host": "b.example"}, "python")
    result = build(DECISION, change=CHANGE, observations={"base": (base, new), "head": ()})
    assert not any(entry.new_in_head for entry in result.observations)
    result = build(DECISION, change=CHANGE, observations={"base": (base,), "head": (same, new)})
    assert [(entry.run, entry.new_in_head) for entry in result.observations] == [
        ("head", True),
        ("base", False),
        ("head", False),
    ]


def test_unknown_keys_are_left_out() -> None:
    """A newer Mergelock may say more under the same name."""
    data = to_json(EXAMPLES["passed"].result) | {"newer": 1}
    assert from_json(data) == EXAMPLES["passed"].result


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"schema": "mergelock.result/2"}, id="another schema"),
        pytest.param({"schema": None}, id="no schema"),
        pytest.param({"verdict": "green"}, id="another verdict"),
        pytest.param({"verdict": None}, id="no verdict"),
        pytest.param({"reasons": [{"code": "nonsuch", "text": "", "fix": ""}]}, id="another code"),
        pytest.param({"change": {"base": 1}}, id="another type"),
        pytest.param({"findings": object()}, id="no JSON"),
        pytest.param({"timing": {"total": "1"}}, id="text for a number"),
    ],
)
def test_what_is_no_result(change: dict[str, Any]) -> None:
    """Refused with words."""
    with pytest.raises(ResultError, match=r"mergelock\.result/1"):
        from_json(to_json(EXAMPLES["passed"].result) | change)


def test_the_schema_is_a_schema() -> None:
    """And refuses what is none."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert not VALIDATOR.is_valid({})
    assert not VALIDATOR.is_valid(to_json(EXAMPLES["passed"].result) | {"verdict": "green"})
