"""What goes into a column and what comes out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from app.store.columns import ExactJson, storable
from app.store.errors import TooLarge

DIALECT = sqlite.dialect()
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates and NULs too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
)


@given(ANY_TEXT, st.integers(1, 50))
def test_storable_text_fits_and_both_databases_can_hold_it(text: str, limit: int) -> None:
    stored = storable(text, limit)
    assert len(stored) <= limit
    assert "\0" not in stored
    stored.encode()


@given(st.text(st.characters(exclude_characters="\0")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert storable(text, len(text) + 1) == text


@given(JSON)
def test_json_comes_back_as_it_went_in(value: Any) -> None:
    column = ExactJson(1_000_000)
    stored = column.process_bind_param(value, DIALECT)
    assert stored is None or stored.isascii()
    assert column.process_result_value(stored, DIALECT) == value


def test_json_over_its_bound_is_refused() -> None:
    assert ExactJson(4).process_bind_param("ab", DIALECT) == '"ab"'
    with pytest.raises(TooLarge) as caught:
        ExactJson(4).process_bind_param("abc", DIALECT)
    assert caught.value.limit == 4


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        ExactJson(100).process_bind_param(float("nan"), DIALECT)
