"""Paths and pages."""

import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.transport import _next_query, repository_path, route


@pytest.mark.parametrize(
    ("template", "values", "path"),
    [
        pytest.param("/pulls/{}", (3,), "/pulls/3", id="number"),
        pytest.param("/branches/{}", ("codex/x y",), "/branches/codex%2Fx%20y", id="slash and space"),
        pytest.param("/labels/{}", ("ok?#&",), "/labels/ok%3F%23%26", id="query marks"),
        pytest.param("/labels/{}", ("%2e%2e",), "/labels/%252e%252e", id="quoted already"),
        pytest.param("/labels/{}", ("ü…",), "/labels/%C3%BC%E2%80%A6", id="beyond ASCII"),
        pytest.param("/{}/{}", ("{}", "b"), "/%7B%7D/b", id="braces"),
    ],
)
def test_route(template: str, values: tuple[str | int, ...], path: str) -> None:
    assert route(template, *values) == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_values_that_lead_elsewhere(value: str) -> None:
    with pytest.raises(ValueError, match="part of a path"):
        route("/labels/{}", value)


@given(
    st.text(min_size=1).filter(
        lambda value: value not in {".", ".."} and not any("\ud800" <= c < "\ue000" for c in value)
    )
)
def test_value_stays_one_step_of_the_path(value: str) -> None:
    path = route("/labels/{}", value)
    assert path.count("/") == 2
    assert not {"?", "#"} & set(path)
    assert urllib.parse.unquote(path.rpartition("/")[2]) == value


def test_repository_path() -> None:
    assert repository_path("octo/lib.py") == "/repos/octo/lib.py"


@pytest.mark.parametrize("name", ["", "octo", "octo/", "/lib", "octo/lib/x", "octo/..", "../lib"])
def test_what_is_no_repository(name: str) -> None:
    with pytest.raises(ValueError, match=r"full name|part of a path"):
        repository_path(name)


@pytest.mark.parametrize(
    ("link", "query"),
    [
        pytest.param("", None, id="none"),
        pytest.param('<https://h/x?page=1>; rel="prev"', None, id="the last page"),
        pytest.param(
            '<https://h/x?page=1>; rel="prev", <https://evil/y?page=3&per_page=100>; rel="next"',
            {"page": "3", "per_page": "100"},
            id="its query only, wherever it leads",
        ),
        pytest.param('<https://h/x?after=&cursor=v1_7>; rel="next"', {"after": "", "cursor": "v1_7"}, id="cursor"),
    ],
)
def test_next_page(link: str, query: dict[str, str] | None) -> None:
    assert _next_query(link) == query
