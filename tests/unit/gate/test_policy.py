"""Policy files: what may be said, what may not, and how it is told."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gate.judging_scans import CHECKS, blocks, enabled_checks
from app.gate.policy import DEFAULT, MAX_BYTES, Mode, Policy, PolicyError, digest, json_schema, load
from checks.registry import REGISTRY
from tests.unit.gate.samples import finding
from tests.unit.gate.strategies import documents

UNIT, SIZES, TIMES = "write a number with a unit", '"512MiB" or "4GiB"', '"90s", "20m" or "1h30m"'
SHELL = "for no shell runs this; put the steps into a script"
EXAMPLE = """\
version: 1
gate: agents
agents: {logins: [], labels: [agent-authored], branches: ["codex/*"], trailers: []}
environment: {language: auto, image: null, install: null, test: null,
              limits: {cpus: 2, memory: 4GiB, processes: 512, disk: 4GiB, time: 20m, output: 10MiB}}
network: {install: [language]}
hold: []
checks: {semgrep: block, bandit: block, secrets: block, hidden-text: warn, block-at: high, rules: []}
tests: {required: true, evidence: warn, flaky-retries: 1, tampering: block}
review: {label: human-reviewed, approvals: 1, permission: write, requester-may-approve: false, exact-commit: false}
protected-paths: [{paths: [".github/**", "**/AGENTS.md"], approvals: 2}]
"""


def problems(text: str | bytes) -> list[str]:
    """What is wrong with it, one line each."""
    with pytest.raises(PolicyError) as caught:
        load(text)
    assert str(caught.value).startswith("the policy has ")
    return [str(problem) for problem in caught.value.problems]


def test_the_documented_example() -> None:
    """The one in the design, with its quantities read."""
    policy = load(EXAMPLE)
    assert policy.environment.limits.memory == 4 * 1024**3
    assert policy.environment.limits.time == 1200
    assert policy.agents.branches == ("codex/*",)
    assert policy.protected_paths[0].approvals == 2


def test_defaults_without_a_file() -> None:
    """A file that says nothing but its version says the same."""
    assert load("version: 1\n") == DEFAULT
    assert digest(load("version: 1\n")) == digest(DEFAULT)


def test_the_digest_goes_by_what_is_said() -> None:
    """Not by spelling, order or comments."""
    one = load("version: 1\nenvironment: {limits: {time: 20m, memory: 4GiB}}\n")
    two = load("# the same\nenvironment:\n  limits:\n    memory: 4096MiB\n    time: 1200s\nversion: 1\n")
    assert digest(one) == digest(two) == digest(DEFAULT)
    assert digest(load("version: 1\ngate: everyone\n")) != digest(DEFAULT)


@given(documents)
def test_what_is_written_out_reads_back(data: dict[str, object]) -> None:
    """Any policy, dumped with all its defaults, is a policy file that says the same (JSON is YAML)."""
    policy = load(json.dumps(data))
    again = load(json.dumps(policy.as_data()))
    assert again == policy
    assert digest(again) == digest(policy)


@given(documents)
def test_the_schema_takes_every_policy(data: dict[str, object]) -> None:
    """What loads is valid by the published schema."""
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(json.dumps(data)))


def test_the_schema_is_a_schema_and_refuses_what_does_not_load() -> None:
    """Unknown keys, wrong kinds, missing version."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    validator = jsonschema.Draft202012Validator(json_schema())
    for bad in ({}, {"version": 2}, {"version": 1, "gat": "agents"}, {"version": 1, "review": {"approvals": 0}}):
        assert not validator.is_valid(bad), bad


def test_all_problems_at_once_with_their_places() -> None:
    """Each with line, column, key, and what was perhaps meant."""
    text = """gate: everyonee
enviroment: {}
checks: {semgrp: block, bandit: blok}
environment: {limits: {memory: 4Gib, time: soon}, test: "a && b"}
protected-paths:
  - {paths: [], aprovals: 2}
  - 3
"""
    assert problems(text) == [
        "line 1, column 1: version: is missing; write `version: 1` as the first line",
        "line 1, column 1: gate: input should be 'agents' or 'everyone' (did you mean 'everyone'?)",
        "line 2, column 1: enviroment: is no key of a policy (did you mean 'environment'?)",
        "line 3, column 10: checks.semgrp: is no key of a policy (did you mean 'semgrep'?)",
        "line 3, column 25: checks.bandit: input should be 'off', 'warn' or 'block' (did you mean 'block'?)",
        f"line 4, column 24: environment.limits.memory: is no size; {UNIT}, such as {SIZES}",
        f"line 4, column 38: environment.limits.time: is no duration; {UNIT}, such as {TIMES}",
        f"line 4, column 51: environment.test: '&&' means nothing here, {SHELL}",
        "line 6, column 5: protected-paths[0]: 'approvals' is missing",
        "line 6, column 6: protected-paths[0].paths: tuple should have at least 1 item after validation, not 0",
        "line 6, column 17: protected-paths[0].aprovals: is no key of a policy (did you mean 'approvals'?)",
        "line 7, column 5: protected-paths[1]: must be a mapping of keys to values",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("- 1", "must be a mapping", id="list"),
        pytest.param("", "version: is missing", id="empty"),
        pytest.param("version: 2", "version: input should be 1", id="another version"),
        pytest.param("version: true", "version: input should be 1", id="truth is not 1"),
        pytest.param("version: 1\nversion: 1", "a second time", id="twice"),
        pytest.param("a: &x 1\nb: *x", "anchors and aliases", id="alias"),
        pytest.param("version: !!python/object/apply:os.system [id]", "tags", id="tag"),
        pytest.param("%YAML 1.1\n---\nversion: 1", "%YAML directive", id="directive"),
        pytest.param("version: 1\n---\nversion: 1", "is no YAML", id="two documents"),
        pytest.param("a: [1", "is no YAML", id="unclosed"),
        pytest.param(
            "version: 1\nx: \x07", "line 2, column 4: is no YAML: the character U+0007", id="control character"
        ),
        pytest.param("? [a]\n: 1", "a key must be plain text", id="key is a list"),
        pytest.param(b"version: 1\ngate: \xff", "line 2, column 7: is not UTF-8", id="not UTF-8"),
        pytest.param("version: 1\nreview: {approvals: true}", "must be a whole number", id="truth for a number"),
        pytest.param("version: 1\ntests: {required: 'no'}", "must be true or false", id="text for a truth"),
        pytest.param("version: 1\nreview:", "must be a mapping", id="empty section"),
        pytest.param("version: 1\nhold: everything", "must be a list", id="text for a list"),
        pytest.param("version: 1\nenvironment: {test: 'a \"b'}", "cannot be split", id="open quote"),
        pytest.param("version: 1\nenvironment: {test: []}", "at least 1", id="empty command"),
        pytest.param("version: 1\nenvironment: {limits: {cpus: .inf}}", "finite", id="endless"),
        pytest.param("version: 1\nenvironment: {limits: {time: 100h}}", "less than or equal to 21600", id="too long"),
        pytest.param('version: 1\nreview: {label: "a\\u202eb"}', "cannot be shown", id="bidirectional label"),
        pytest.param("[" * 50 + "]" * 50, "too deeply nested", id="deep"),
        pytest.param("x: [" + "1," * 12_000 + "]", "too many", id="many"),
        pytest.param("#" * (MAX_BYTES + 1), "at most 65536 are read", id="long"),
        pytest.param("version: 0x" + "f" * 200, "version: input should be 1", id="long number"),
    ],
)
def test_refused(text: str | bytes, told: str) -> None:
    """Each with words that tell what to do."""
    assert any(told in problem for problem in problems(text)), problems(text)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_load_or_are_refused(text: bytes) -> None:
    """Never another exception."""
    try:
        assert isinstance(load(text), Policy)
    except PolicyError as error:
        assert error.problems


def test_commands() -> None:
    """A list as it is, or a string split as a shell would split it; never run by one."""
    policy = load("version: 1\nenvironment: {install: [make, 'a b'], test: python -m pytest -k 'x or y'}\n")
    assert policy.environment.install == ("make", "a b")
    assert policy.environment.test == ("python", "-m", "pytest", "-k", "x or y")


def test_off_may_be_written_bare() -> None:
    """YAML 1.1 reads it as false, and so do editors that rewrite files."""
    assert load("version: 1\nchecks: {bandit: off, secrets: false}\n").checks.secrets is Mode.OFF


def test_frozen() -> None:
    """A policy cannot be changed after the fact."""
    with pytest.raises(ValueError, match="frozen"):
        DEFAULT.gate = "everyone"  # type: ignore[assignment]


def test_checks_of_a_policy() -> None:
    """Which run, which findings block; an unknown check blocks."""
    policy = load("version: 1\nchecks: {bandit: off, secrets: warn, block-at: critical}\n")
    assert enabled_checks(policy.checks) == set(CHECKS) - {"bandit"}
    assert not blocks(finding(), policy.checks)
    assert blocks(finding(), DEFAULT.checks)
    assert not blocks(finding(check="secrets"), policy.checks)
    assert policy.checks.mode("nonsuch") is Mode.BLOCK


def test_a_policy_knows_every_check() -> None:
    """Each that is registered can be named, and none that is not."""
    assert set(CHECKS) == set(REGISTRY)


def test_the_project_s_own_policy_loads() -> None:
    """The gate guards itself."""
    path = Path(__file__).parents[3] / ".github" / "mergelock.yml"
    if not path.exists():
        pytest.skip("the project has no policy of its own yet")
    assert load(path.read_bytes()).version == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version: 1\nenvironment: {image: ours}\n", id="image"),
        pytest.param("version: 1\nchecks: {rules: [ours.yml]}\n", id="rules"),
    ],
)
def test_a_key_without_effect_is_refused_rather_than_passed_over(text: str) -> None:
    with pytest.raises(PolicyError, match="no effect in this version") as caught:
        load(text)
    assert caught.value.problems[0].line == 2
