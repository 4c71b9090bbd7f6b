"""JSON from outside."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.errors import Malformed
from app.github.strict_json import read_object


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"payload=%7B%7D", "not JSON", id="a form"),
        pytest.param(b"{", "not JSON", id="cut short"),
        pytest.param(b"{} {}", "not JSON", id="two values"),
        pytest.param(b"[]", "no JSON object", id="a list"),
        pytest.param(b'"text"', "no JSON object", id="a text"),
        pytest.param(b"\xff{}", "not UTF-8", id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not UTF-8", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", "not JSON", id="byte order mark"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="a key twice"),
        pytest.param(b'{"x": [{"a": 1, "\\u0061": 2}]}', "twice", id="a key twice, deep and escaped"),
        pytest.param(b'{"a": NaN}', "number", id="NaN"),
        pytest.param(b'{"a": -Infinity}', "number", id="infinity"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "not JSON", id="a number of 5,000 digits"),
        pytest.param(b'{"a": ' + b"[" * 100_000, "deeply", id="nested lists, cut short"),
        pytest.param(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deeply", id="nested lists"),
        pytest.param(b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "deeply", id="nested objects"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        read_object(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_was_written_is_read(data: dict[str, object]) -> None:
    assert read_object(json.dumps(data).encode()) == data


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_object(body), dict)
    except Malformed as error:
        assert error.reason
