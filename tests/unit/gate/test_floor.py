"""A floor holds: whatever a repository says, and however often floors are laid."""

import pytest
from hypothesis import given, settings

from app.gate.floor import RULES, leaves, loosened_by_head, looser, stated_keys, tighter_or_equal, with_floor
from app.gate.policy import DEFAULT, Policy, digest, load
from tests.unit.gate.strategies import policies

PINS = frozenset(
    {"environment.language", "environment.image", "environment.install", "environment.test", "review.label"}
)
"""Where two values are not tighter or looser but different, and the floor's wins."""


def test_every_leaf_has_a_rule() -> None:
    """A field without one could be loosened."""
    assert [key for key, _ in leaves(DEFAULT)] == list(RULES)


@settings(max_examples=300, deadline=None)
@given(policies, policies)
def test_never_looser_than_the_floor(policy: Policy, floor: Policy) -> None:
    """On any key that the floor states."""
    assert looser(with_floor(policy, floor), floor, only=stated_keys(floor)) == ()


@settings(max_examples=300, deadline=None)
@given(policies, policies)
def test_never_looser_than_the_policy(policy: Policy, floor: Policy) -> None:
    """A floor takes nothing away; only a pinned value may be another one."""
    stated_pins = PINS & stated_keys(floor)
    assert set(looser(with_floor(policy, floor), policy)) <= stated_pins


@given(policies, policies)
def test_idempotent(policy: Policy, floor: Policy) -> None:
    """Laying the same floor again changes nothing, to the digest."""
    once = with_floor(policy, floor)
    assert with_floor(once, floor) == once
    assert digest(with_floor(once, floor)) == digest(once)


@given(policies, policies, policies)
def test_floors_on_floors(policy: Policy, organisation: Policy, server: Policy) -> None:
    """The server's floor holds through the organisation's."""
    laid = with_floor(policy, with_floor(organisation, server))
    assert looser(laid, server, only=stated_keys(server)) == ()
    assert set(looser(laid, organisation, only=stated_keys(organisation))) <= PINS & stated_keys(server)


@given(policies)
def test_no_floor_and_an_empty_floor(policy: Policy) -> None:
    """Neither changes anything."""
    assert with_floor(policy, None) is policy
    assert with_floor(policy, Policy()) == policy


@given(policies)
def test_tighter_or_equal_is_reflexive(policy: Policy) -> None:
    """Nothing is looser than itself."""
    assert tighter_or_equal(policy, policy)
    assert loosened_by_head(policy, policy) == ()


def test_a_floor_binds_what_it_states_only() -> None:
    """`gate: everyone` alone leaves the time limit to the repository."""
    floor = load("version: 1\ngate: everyone\n")
    policy = load("version: 1\nenvironment: {limits: {time: 1h}}\nchecks: {bandit: warn}\n")
    laid = with_floor(policy, floor)
    assert laid.gate == "everyone"
    assert laid.environment.limits.time == 3600
    assert laid.checks.bandit == "warn"


def test_a_floor_may_be_set_by_a_default_that_is_written_out() -> None:
    """What is written counts as stated, even where it is the default."""
    floor = load("version: 1\nchecks: {bandit: block}\n")
    assert with_floor(load("version: 1\nchecks: {bandit: off}\n"), floor).checks.bandit == "block"


@pytest.mark.parametrize(
    ("text", "floor", "key", "expected"),
    [
        pytest.param("gate: agents", "gate: everyone", "gate", "everyone", id="gate"),
        pytest.param("hold: [new-hosts]", "hold: [everything]", "hold", ("everything", "new-hosts"), id="hold"),
        pytest.param("checks: {semgrep: off}", "checks: {semgrep: warn}", "checks.semgrep", "warn", id="mode"),
        pytest.param("checks: {block-at: critical}", "checks: {block-at: low}", "checks.block-at", "low", id="level"),
        pytest.param("review: {approvals: 1}", "review: {approvals: 3}", "review.approvals", 3, id="approvals"),
        pytest.param(
            "review: {permission: read}", "review: {permission: admin}", "review.permission", "admin", id="who"
        ),
        pytest.param(
            "review: {requester-may-approve: true}",
            "review: {requester-may-approve: false}",
            "review.requester-may-approve",
            False,
            id="requester",
        ),
        pytest.param(
            "environment: {limits: {memory: 8GiB}}",
            "environment: {limits: {memory: 1GiB}}",
            "environment.limits.memory",
            1024**3,
            id="memory",
        ),
        pytest.param(
            "network: {install: [language, a.example]}",
            "network: {install: [language]}",
            "network.install",
            ("language",),
            id="hosts",
        ),
        pytest.param("tests: {required: false}", "tests: {required: true}", "tests.required", True, id="required"),
        pytest.param("tests: {flaky-retries: 3}", "tests: {flaky-retries: 0}", "tests.flaky-retries", 0, id="retries"),
        pytest.param("agents: {labels: []}", "agents: {labels: [robot]}", "agents.labels", ("robot",), id="labels"),
        pytest.param("review: {label: mine}", "review: {label: checked}", "review.label", "checked", id="label"),
    ],
)
def test_the_tighter_is_taken(text: str, floor: str, key: str, expected: object) -> None:
    """Each kind of rule by example, in both directions where one is the tighter."""
    policy, bound = load(f"version: 1\n{text}\n"), load(f"version: 1\n{floor}\n")
    assert dict(leaves(with_floor(policy, bound)))[key] == expected
    assert looser(policy, bound) == (key,)


def test_a_looser_floor_changes_nothing() -> None:
    """A repository may be tighter."""
    floor = load("version: 1\nreview: {approvals: 1}\nchecks: {bandit: off}\ngate: agents\n")
    policy = load("version: 1\nreview: {approvals: 2}\nchecks: {bandit: block}\ngate: everyone\n")
    assert with_floor(policy, floor) == policy


def test_protected_paths_of_both_are_kept() -> None:
    """And the same pattern with fewer approvals is looser."""
    floor = load("version: 1\nprotected-paths: [{paths: ['.github/**'], approvals: 2}]\n")
    policy = load("version: 1\nprotected-paths: [{paths: ['.github/**', 'x'], approvals: 1}]\n")
    assert looser(policy, floor) == ("protected-paths",)
    assert len(with_floor(policy, floor).protected_paths) == 2


def test_what_the_head_would_loosen_is_said_in_words() -> None:
    """For the reviewer: the key, the old value and the new."""
    base = load("version: 1\nchecks: {bandit: block}\nreview: {approvals: 2}\n")
    head = load("version: 1\nchecks: {bandit: off}\nreview: {approvals: 3}\n")
    assert loosened_by_head(base, head) == ("`checks.bandit` from `block` to `off`",)
