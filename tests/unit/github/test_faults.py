"""GitHub's error answers by kind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.errors import CredentialsRefused, Forbidden, GitHubError, Gone, RateLimited, Refused, Transient
from app.github.faults import fault, server_time

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
DATE = "Mon, 04 May 2026 12:00:00 GMT"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
HOURLY = {"message": "API rate limit exceeded for installation ID 1."}


def of(status: int, headers: dict[str, str] | None = None, data: object = None, **more: Any) -> GitHubError:
    return fault(status, headers or {}, data, request="GET /x", now=NOW, **more)


@pytest.mark.parametrize(
    ("status", "headers", "data", "kind"),
    [
        pytest.param(400, {}, {"message": "Problems parsing JSON"}, Refused, id="400"),
        pytest.param(401, {}, {"message": "Bad credentials"}, CredentialsRefused, id="401"),
        pytest.param(403, {}, {"message": "Resource not accessible by integration"}, Forbidden, id="403"),
        pytest.param(403, {}, None, Forbidden, id="403 without a body"),
        pytest.param(403, {}, {"message": "This installation has been suspended"}, Gone, id="suspended"),
        pytest.param(404, {}, {"message": "Not Found"}, Gone, id="404"),
        pytest.param(408, {}, None, Transient, id="408"),
        pytest.param(409, {}, {"message": "Conflict"}, Refused, id="409"),
        pytest.param(410, {}, None, Gone, id="410"),
        pytest.param(413, {}, None, Refused, id="413"),
        pytest.param(422, {}, {"message": "Validation Failed"}, Refused, id="422"),
        pytest.param(429, {}, None, RateLimited, id="429"),
        pytest.param(451, {}, None, Gone, id="451"),
        pytest.param(500, {}, None, Transient, id="500"),
        pytest.param(502, {}, "<html>", Transient, id="502 with a page"),
        pytest.param(504, {}, [], Transient, id="504"),
        pytest.param(403, {}, SECONDARY, RateLimited, id="secondary limit"),
        pytest.param(403, {}, HOURLY, RateLimited, id="hourly limit by its text"),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, None, RateLimited, id="hourly limit by its header"),
        pytest.param(403, {"x-ratelimit-remaining": "10"}, None, Forbidden, id="403 within the limit"),
        pytest.param(403, {"retry-after": "5"}, None, RateLimited, id="403 that says when"),
    ],
)
def test_kind(status: int, headers: dict[str, str], data: object, kind: type[GitHubError]) -> None:
    found = of(status, headers, data)
    assert type(found) is kind
    assert found.status == status
    assert found.request == "GET /x"
    assert "GET /x" in str(found)


def test_403_when_a_token_is_asked_for_means_gone() -> None:
    assert type(of(403, data={"message": "no"}, token_call=True)) is Gone


@pytest.mark.parametrize(
    ("status", "headers", "data", "wait", "secondary"),
    [
        pytest.param(403, {"retry-after": "30"}, SECONDARY, 30.0, True, id="seconds"),
        pytest.param(429, {"retry-after": "0"}, None, 1.0, True, id="at least one"),
        pytest.param(429, {"retry-after": "999999"}, None, 7200.0, True, id="two hours at most"),
        pytest.param(429, {"retry-after": "soon"}, None, 60.0, True, id="nonsense"),
        pytest.param(429, {"retry-after": "-5"}, None, 60.0, True, id="below zero"),
        pytest.param(429, {"retry-after": "9" * 400}, None, 60.0, True, id="absurd"),
        pytest.param(403, {}, SECONDARY, 60.0, True, id="nothing said"),
        pytest.param(
            403, {"retry-after": "Mon, 04 May 2026 12:02:00 GMT"}, SECONDARY, 120.0, True, id="a date, by our clock"
        ),
        pytest.param(
            403,
            {"retry-after": "Mon, 04 May 2026 13:02:00 GMT", "date": "Mon, 04 May 2026 13:00:00 GMT"},
            SECONDARY,
            120.0,
            True,
            id="a date, by GitHub's clock",
        ),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 100), "date": DATE},
            HOURLY,
            101.0,
            False,
            id="until the reset",
        ),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, HOURLY, 60.0, False, id="no reset said"),
        pytest.param(
            403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, HOURLY, 1.0, False, id="reset long ago"
        ),
    ],
)
def test_how_long_to_wait(status: int, headers: dict[str, str], data: object, wait: float, secondary: bool) -> None:
    found = of(status, headers, data)
    assert isinstance(found, RateLimited)
    assert (found.retry_after, found.secondary) == (wait, secondary)


def test_outage_that_says_when() -> None:
    found = of(503, {"retry-after": "12"})
    assert isinstance(found, Transient)
    assert found.retry_after == 12.0
    plain = of(503)
    assert isinstance(plain, Transient)
    assert plain.retry_after is None


def test_missing_permission_is_named() -> None:
    found = of(403, {"x-accepted-github-permissions": "checks=write"}, {"message": "no"})
    assert isinstance(found, Forbidden)
    assert found.needs == "checks=write"
    assert "grant the App checks=write" in str(found)


def test_problems_are_listed_and_bounded() -> None:
    errors = [{"resource": "Label", "field": "name", "code": "already_exists"}, "text", *({"message": "x"},) * 100]
    found = of(422, data={"message": "Validation Failed", "errors": errors})
    assert isinstance(found, Refused)
    assert found.problems[:2] == ("Label name already_exists", "text")
    assert len(found.problems) == 20
    odd = of(422, data={"message": "no", "errors": "odd"})
    assert isinstance(odd, Refused)
    assert odd.problems == ()


@pytest.mark.parametrize("value", ["", "yesterday", "Mon, 99 May 2026 12:00:00 GMT"])
def test_no_time_from_a_bad_date(value: str) -> None:
    assert server_time({"date": value}) is None


def test_time_of_the_server() -> None:
    assert server_time({"date": DATE}) == NOW


@given(
    st.integers(400, 599),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]), st.text(max_size=30)
    ),
    st.none()
    | st.text()
    | st.dictionaries(st.sampled_from(["message", "errors"]), st.none() | st.text() | st.lists(st.text())),
)
def test_any_answer_is_some_kind(status: int, headers: dict[str, str], data: object) -> None:
    found = of(status, headers, data)
    if isinstance(found, RateLimited):
        assert 1 <= found.retry_after <= 7200
