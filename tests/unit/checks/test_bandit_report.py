"""What bandit's report says. The samples are what bandit 1.9.4 printed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bandit_report import level, parse
from checks.errors import UnreadableReport
from checks.finding import Level
from checks.targets import bases, heads
from tests.unit.checks.staged import staged_file

SAMPLES = Path(__file__).parent / "samples"
FILE = heads([staged_file("x", added={1})])
BASE = bases([staged_file("x", added={1}, base="x")])


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(sample("bandit-good.json")), **changes}).encode()


def test_a_good_report() -> None:
    read = parse(sample("bandit-good.json"), b"", FILE + BASE)
    told = [(hit.name, hit.rule, hit.level, hit.line, hit.cwe) for hit in read.hits]
    assert told == [
        ("b/00000.py", "B602-subprocess-popen-with-shell-equals-true", Level.HIGH, 5, "CWE-78"),
        ("h/00000.py", "B307-blacklist", Level.MEDIUM, 7, "CWE-78"),
        ("h/00000.py", "B602-subprocess-popen-with-shell-equals-true", Level.HIGH, 11, "CWE-78"),
    ]
    assert (read.trouble, read.unread) == ((), frozenset())


def test_a_file_that_does_not_parse_is_trouble() -> None:
    broken = heads([staged_file("x", added={1}, index=1, path="app/two.py")])
    read = parse(sample("bandit-syntax-error.json"), b"", FILE + broken)
    assert read.trouble == (
        "bandit could not read app/two.py: syntax error (it may be for another version of Python, or a template)",
    )


def test_a_rule_that_crashes_is_trouble() -> None:
    read = parse(sample("bandit-rule-crashed.json"), sample("bandit-rule-crashed.stderr"), FILE)
    assert read.trouble == ("a rule of bandit's crashed on app/x.py",)


def test_an_error_that_names_no_file_is_trouble() -> None:
    read = parse(sample("bandit-rule-crashed.json"), b"[main]\tERROR\tsomething odd\n", FILE)
    (trouble,) = read.trouble
    assert trouble.startswith("bandit ran into an error of its own")
    assert trouble.endswith("something odd")


def test_bases_trouble_is_not_the_changes_but_base_then_shows_nothing() -> None:
    data = changed(errors=[{"filename": "./b/00000.py", "reason": "syntax error while parsing AST from file"}])
    read = parse(data, b"", FILE + BASE)
    assert (read.trouble, read.unread) == ((), frozenset({"b/00000.py"}))


def test_a_file_that_was_not_looked_at_is_trouble() -> None:
    read = parse(changed(metrics={}), b"", FILE)
    assert read.trouble == ("bandit did not look at app/x.py",)


@pytest.mark.parametrize(
    ("severity", "confidence", "expected"),
    [
        pytest.param("HIGH", "HIGH", Level.HIGH, id="high"),
        pytest.param("HIGH", "MEDIUM", Level.HIGH, id="high, fairly sure"),
        pytest.param("HIGH", "LOW", Level.LOW, id="high, not sure"),
        pytest.param("MEDIUM", "HIGH", Level.MEDIUM, id="medium"),
        pytest.param("LOW", "HIGH", Level.LOW, id="low"),
        pytest.param("DIRE", "HIGH", Level.HIGH, id="unknown"),
    ],
)
def test_levels(severity: str, confidence: str, expected: Level) -> None:
    assert level(severity, confidence) is expected


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"Traceback", id="not JSON"),
        pytest.param(b"null", id="not an object"),
        pytest.param(b"{}", id="no fields"),
        pytest.param(changed(results=[{}]), id="a result without fields"),
        pytest.param(changed(errors=[1]), id="an error that is a number"),
    ],
)
def test_a_report_that_is_not_one_is_trouble(data: bytes) -> None:
    with pytest.raises(UnreadableReport, match="bandit gave a report"):
        parse(data, b"", FILE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
reports = st.fixed_dictionaries(dict.fromkeys(("results", "errors", "metrics"), json_values))


@given(st.binary(max_size=200) | reports.map(lambda value: json.dumps(value).encode()), st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes, stderr: bytes) -> None:
    try:
        read = parse(data, stderr, FILE)
    except UnreadableReport:
        return
    assert read.trouble  # it cannot have said that our file was looked at
