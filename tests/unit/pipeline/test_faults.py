"""Kinds of fault, and how long to wait."""

import pytest
import sqlalchemy.exc
from hypothesis import given
from hypothesis import strategies as st

from app.github import errors as github
from app.pipeline.errors import Transient
from app.pipeline.faults import Fault, RetryPolicy, classify
from app.repository.errors import FetchTrouble
from runner.errors import EnvironmentFault, SandboxFault


@pytest.mark.parametrize(
    ("error", "passing", "retry_after"),
    [
        pytest.param(Transient("x", retry_after=7), True, 7, id="ours"),
        pytest.param(github.Transient("502"), True, None, id="GitHub 5xx"),
        pytest.param(github.RateLimited("slow down", retry_after=60, secondary=True), True, 60, id="rate limit"),
        pytest.param(github.CredentialsRefused("bad key"), False, None, id="replaced key"),
        pytest.param(github.Gone("404"), False, None, id="uninstalled"),
        pytest.param(github.Forbidden("no"), False, None, id="permission taken away"),
        pytest.param(FetchTrouble("reset"), True, None, id="fetch"),
        pytest.param(SandboxFault("engine gone"), True, None, id="sandbox"),
        pytest.param(EnvironmentFault("index down", by_change=False), True, None, id="package index"),
        pytest.param(sqlalchemy.exc.OperationalError("x", {}, ValueError("y")), True, None, id="database"),
        pytest.param(OSError("disk full"), True, None, id="machine"),
        pytest.param(KeyError("bug"), False, None, id="our bug"),
    ],
)
def test_classify(error: Exception, passing: bool, retry_after: float | None) -> None:
    fault = classify(error)
    assert (fault.passing, fault.retry_after) == (passing, retry_after)
    assert fault.text


def test_a_bug_s_words_are_not_shown() -> None:
    assert "secret" not in classify(ValueError("secret")).text


@given(st.integers(1, 10_000), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1e9)))
def test_pause_is_bounded_and_obeys(tries: int, chance: float, asked: float | None) -> None:
    policy = RetryPolicy()
    pause = policy.pause(tries, Fault("x", True, asked), chance)
    assert policy.first / 2 <= pause <= max(policy.most, policy.longest_asked)
    assert pause >= min(asked or 0, policy.longest_asked)


@given(st.integers(1, 40), st.floats(0, 1))
def test_pause_grows(tries: int, chance: float) -> None:
    policy, fault = RetryPolicy(), Fault("x", True)
    assert policy.pause(tries, fault, chance) <= policy.pause(tries + 1, fault, chance)


def test_bugs_get_fewer_tries() -> None:
    policy = RetryPolicy()
    assert policy.allowed(Fault("x", False)) < policy.allowed(Fault("x", True))
