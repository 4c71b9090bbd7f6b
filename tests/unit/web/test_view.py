"""What the page of a run shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.events import EventKind, RunEvent
from app.web import view

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tests", "runs", "removed", "flaky", "file", "line", "base", "x"]), inner)
    ),
)


def event(seq: int, step: str, kind: EventKind, text: str = "", state: str = "") -> RunEvent:
    return RunEvent(seq, NOW + timedelta(seconds=seq), step, kind, state, text)


def test_steps_in_the_order_they_began() -> None:
    found = view.steps(
        [
            event(1, "a", EventKind.STARTED, "a begins"),
            event(2, "b", EventKind.STARTED, "b begins"),
            event(3, "a", EventKind.OUTPUT, "one "),
            event(4, "a", EventKind.OUTPUT, "two"),
            event(5, "a", EventKind.FINISHED, "a is done", "done"),
        ]
    )
    assert [(s.key, s.text, s.state, s.log, s.seconds) for s in found] == [
        ("a", "a is done", "done", "one two", 4.0),
        ("b", "b begins", "", "", None),
    ]


def test_a_step_that_begins_again_starts_over() -> None:
    (step,) = view.steps(
        [
            event(1, "a", EventKind.STARTED, "first"),
            event(2, "a", EventKind.OUTPUT, "lost with the worker"),
            event(3, "a", EventKind.STARTED, "again"),
        ]
    )
    assert (step.text, step.log, step.state) == ("again", "", "")


def test_a_step_whose_beginning_was_not_read_still_shows() -> None:
    (step,) = view.steps([event(9, "a", EventKind.OUTPUT, "middle"), event(10, "a", EventKind.OUTPUT, "end")])
    assert (step.text, step.log) == ("", "middleend")


def test_runs_of_the_suite_in_a_fixed_order() -> None:
    runs = {"zeta": {}, "base-with-head-tests": {}, "head": {}, "base": {"passed": 1}}
    found = view.test_runs({"tests": {"runs": runs}})
    assert [name for name, _ in found] == ["base", "head", "base-with-head-tests", "zeta"]


def test_lists_say_what_needs_a_look_first_and_end() -> None:
    tests = {"fail_to_pass": ["x"], "pass_to_fail": [f"t{n}" for n in range(view.SHOWN + 5)], "removed": []}
    broken, fixed = view.test_lists({"tests": tests})
    assert (broken.tone, len(broken.ids), broken.more) == ("bad", view.SHOWN, 5)
    assert (fixed.tone, fixed.ids, fixed.more) == ("good", ("x",), 0)


def test_findings_by_file_and_line() -> None:
    found = [{"file": "b", "line": 9}, {"file": "a", "line": 5}, {"file": "b", "line": 2}, {"file": "b"}]
    assert [(file, [e.get("line") for e in entries]) for file, entries in view.by_file(found)] == [
        ("a", [5]),
        ("b", [None, 2, 9]),
    ]


@pytest.mark.parametrize(
    ("file", "line", "end"),
    [
        pytest.param("src/a.py", 3, "/src/a.py#L3", id="plain"),
        pytest.param("a b#c?d.py", 3, "/a%20b%23c%3Fd.py#L3", id="odd"),
        pytest.param("x\udcff", 0, "/x%FF", id="not-utf-8-and-no-line"),
        pytest.param('"><script>', "5", "/%22%3E%3Cscript%3E", id="markup"),
    ],
)
def test_links_stay_on_their_path(file: str, line: object, end: str) -> None:
    link = view.line_link("https://github.com", "octo/hello", "abc", file, line)
    assert link == f"https://github.com/octo/hello/blob/abc{end}"


@given(ANYTHING)
def test_odd_results_raise_nothing(result: Any) -> None:
    given = result if isinstance(result, dict) else {"tests": result, "findings": result}
    view.test_runs(given)
    view.test_lists(given)
    view.by_file(given.get("findings"))
    view.by_file(result)
