"""Python files that do not parse, in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.inside.parse_python import error_of
from checks.python_syntax import read
from checks.targets import Target
from runner.sandbox import EndedBy, Outcome

GOOD, BROKEN = Target("h/00000.py", "a.py", 1), Target("h/00001.py", "b.py", 1)


def answer(*pairs: tuple[str, str]) -> bytes:
    return b"".join(json.dumps({"name": name, "error": error}).encode() + b"\n" for name, error in pairs)


def outcome(data: bytes, exit_code: int | None = 0, ended: EndedBy = EndedBy.EXIT) -> Outcome:
    return Outcome(exit_code, ended, 2.0, data, b"")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        pytest.param(b"x = 1\n", "", id="parses"),
        pytest.param(b"", "", id="empty"),
        pytest.param(b"x = '\\d'\n", "", id="only a warning"),
        pytest.param(b"x = 1\nprint 'two'\n", "syntax error at line 2", id="Python 2"),
        pytest.param(b"def {{ name }}():\n", "syntax error at line 1", id="template"),
        pytest.param(b"# coding: nonsense\n", "syntax error at line 1", id="unknown encoding"),
        pytest.param(b"x = 1\0", "it holds characters that no source file has", id="NUL"),
        pytest.param(b"-" * 100_000 + b"1", "it is nested too deeply", id="nested"),
    ],
)
def test_error_of(source: bytes, error: str) -> None:
    assert error_of(source) == error


def test_all_parse() -> None:
    assert read(outcome(answer(("h/00000.py", ""), ("h/00001.py", ""))), (GOOD, BROKEN)) == ()


def test_one_does_not() -> None:
    data = answer(("h/00000.py", ""), ("h/00001.py", "syntax error at line 3"))
    (sentence,) = read(outcome(data), (GOOD, BROKEN))
    assert sentence.startswith("b.py is not Python 3.")
    assert sentence.endswith("syntax error at line 3")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        pytest.param(outcome(answer(("h/00000.py", "")), -11), "failed with exit code -11", id="crash"),
        pytest.param(outcome(answer(("h/00000.py", "")), None, EndedBy.TIME), "limit of time", id="time"),
        pytest.param(outcome(answer(("h/00000.py", "")) + b"x"), "an answer that is none", id="no answer"),
        pytest.param(outcome(answer(("h/00000.py", ""))), "b.py", id="left out"),
    ],
)
def test_a_file_without_an_answer_is_named(run: Outcome, words: str) -> None:
    (sentence,) = read(run, (GOOD, BROKEN))
    assert sentence.startswith("it is not known whether these files parse: b.py")
    assert words in sentence


def test_a_run_that_failed_after_its_last_answer_is_told() -> None:
    assert read(outcome(answer(("h/00000.py", "")), 1), (GOOD,)) == (
        "Python's parser failed with exit code 1: it said nothing",
    )


@given(st.binary(max_size=200))
def test_any_answer_is_read(data: bytes) -> None:
    assert read(outcome(data), (GOOD,))
