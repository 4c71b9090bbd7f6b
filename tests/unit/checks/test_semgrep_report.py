"""What semgrep's report says. The samples are what semgrep 1.182.0 printed, without its timings."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import UnreadableReport
from checks.finding import Level
from checks.semgrep_report import SemgrepReport, parse
from checks.staging import Language
from checks.targets import Target, bases, heads
from tests.unit.checks.staged import staged_file

SAMPLES = Path(__file__).parent / "samples"
_FILE = (staged_file("x", added={1}, base="x"),)
PYTHON = heads(_FILE) + bases(_FILE)


def script(index: int, path: str, added: set[int]) -> Target:
    (target,) = heads([staged_file("x", added=added, index=index, path=path, language=Language.JAVASCRIPT)])
    return target


def report(**changes: Any) -> bytes:
    good = json.loads((SAMPLES / "semgrep-good.json").read_bytes())
    return json.dumps({**good, **changes}).encode()


def test_a_good_report() -> None:
    read = parse((SAMPLES / "semgrep-good.json").read_bytes(), PYTHON)
    told = [(hit.name, hit.rule, hit.level, hit.line, hit.cwe) for hit in read.hits]
    assert told == [
        ("b/00000.py", "python-shell-built-string", Level.MEDIUM, 5, "CWE-78"),
        ("h/00000.py", "python-eval-of-input", Level.CRITICAL, 7, "CWE-95"),
        ("h/00000.py", "python-shell-built-string", Level.MEDIUM, 11, "CWE-78"),
    ]
    assert all(hit.text and hit.fix for hit in read.hits)
    assert (read.trouble, read.unread) == ((), frozenset())


def test_files_that_do_not_parse_are_trouble_where_it_concerns_the_change() -> None:
    data = (SAMPLES / "semgrep-syntax-errors.json").read_bytes()
    read = parse(data, (*PYTHON, script(2, "a/template.js", {3, 4}), script(3, "a/broken.js", {1})))
    assert read.trouble == (
        "semgrep could not read a/broken.js: syntax error",
        "semgrep could not read line 3 of a/template.js: syntax error",
    )


def test_a_part_that_does_not_parse_away_from_added_lines_is_no_trouble() -> None:
    data = (SAMPLES / "semgrep-syntax-errors.json").read_bytes()
    read = parse(data, (*PYTHON, script(2, "a/template.js", {4}), script(3, "a/broken.js", {1})))
    assert [trouble for trouble in read.trouble if "template" in trouble] == []


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        pytest.param(
            {"type": "Timeout", "path": "h/00000.py", "message": "", "rule_id": "r"},
            "semgrep could not read app/x.py: it took too long",
            id="time-out",
        ),
        pytest.param(
            {"type": "OutOfMemory", "path": "h/00000.py", "message": ""},
            "semgrep could not read app/x.py: it took too much memory",
            id="memory",
        ),
        pytest.param(
            {"type": "SemgrepError", "message": "Invalid rule\nmore"},
            "semgrep: SemgrepError: Invalid rule",
            id="no file",
        ),
        pytest.param(
            {"type": ["Brand new", []], "path": "h/00000.py", "message": ""},
            "semgrep could not read app/x.py: Brand new",
            id="unknown kind",
        ),
    ],
)
def test_errors_in_words(error: dict[str, Any], trouble: str) -> None:
    assert parse(report(errors=[error]), PYTHON).trouble == (trouble,)


def test_bases_trouble_is_not_the_changes_but_base_then_shows_nothing() -> None:
    read = parse(report(errors=[{"type": "Timeout", "path": "b/00000.py", "message": ""}]), PYTHON)
    assert (read.trouble, read.unread) == ((), frozenset({"b/00000.py"}))


def test_a_file_that_was_not_scanned_is_trouble() -> None:
    read = parse(report(paths={"scanned": ["b/00000.py"]}), PYTHON)
    assert read.trouble == ("semgrep did not look at app/x.py",)


def test_a_side_that_was_not_asked_for_says_nothing() -> None:
    data = (SAMPLES / "semgrep-good.json").read_bytes()
    assert {hit.name for hit in parse(data, heads(_FILE)).hits} == {"h/00000.py"}
    assert {hit.name for hit in parse(data, bases(_FILE)).hits} == {"b/00000.py"}


def test_two_runs_are_one_report() -> None:
    data = (SAMPLES / "semgrep-good.json").read_bytes()
    both = parse(data, heads(_FILE)).joined(parse(report(paths={"scanned": []}), bases(_FILE)))
    assert len(both.hits) == 3
    assert both.unread == {"b/00000.py"}
    same = SemgrepReport(trouble=("odd",))
    assert same.joined(same).trouble == ("odd",)


@pytest.mark.parametrize(
    ("metadata", "severity", "level"),
    [
        pytest.param({"level": "low"}, "ERROR", Level.LOW, id="the rule's own level stands"),
        pytest.param({}, "WARNING", Level.MEDIUM, id="semgrep's severity"),
        pytest.param({"level": "dreadful"}, "CRITICAL", Level.HIGH, id="an unknown one is high"),
    ],
)
def test_levels(metadata: dict[str, str], severity: str, level: Level) -> None:
    place = {"line": 1, "col": 1, "offset": 0}
    extra = {"message": "m", "metadata": metadata, "severity": severity}
    result = {"check_id": "r", "path": "h/00000.py", "start": place, "end": place, "extra": extra}
    assert parse(report(results=[result]), PYTHON).hits[0].level is level


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="not an object"),
        pytest.param(b"{}", id="no fields"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(report(results=[{}]), id="a result without fields"),
        pytest.param(report(errors=["x"]), id="an error that is a word"),
        pytest.param(report(paths=[]), id="paths that are a list"),
    ],
)
def test_a_report_that_is_not_one_is_trouble(data: bytes) -> None:
    with pytest.raises(UnreadableReport, match="semgrep gave a report"):
        parse(data, PYTHON)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.binary(max_size=200)
    | st.fixed_dictionaries(dict.fromkeys(("results", "errors", "paths"), json_values)).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = parse(data, PYTHON)
    except UnreadableReport:
        return
    assert read.trouble  # it cannot have said that our file was scanned
