"""Floors: what the server or the organisation states holds, and a repository may only be tighter.

For every leaf of the policy the table says which of two values is the tighter. A floor binds what it states: a key that
is not written in the floor's file leaves the repository free, else `gate: everyone` alone would also forbid a longer
time limit. `tests/unit/gate/test_floor.py` checks that the table names every leaf.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.gate.policy_model import Gate, Mode, Permission, Policy, ProtectedPaths
from checks.finding import Level


@dataclass(frozen=True, slots=True)
class Rule:
    """How a leaf is compared: `join(policy's, floor's)` is the tighter, `holds(a, b)` whether a is as tight as b."""

    join: Callable[[Any, Any], Any]
    holds: Callable[[Any, Any], bool]
    words: str


def _union(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*b, *a)))


def _order(value: Gate | Mode | Permission | Level) -> int:
    members: list[Gate | Mode | Permission | Level] = list(type(value))
    return members.index(value)


def _protects(a: tuple[ProtectedPaths, ...], b: tuple[ProtectedPaths, ...]) -> bool:
    """Whether each pattern of b asks for at least as many people in a."""
    asked: dict[str, int] = {}
    for entry in a:
        for path in entry.paths:
            asked[path] = max(asked.get(path, 0), entry.approvals)
    return all(asked.get(path, 0) >= entry.approvals for entry in b for path in entry.paths)


_SAME = Rule(lambda a, _: a, lambda a, b: a == b, "the same")
_PIN = Rule(
    lambda a, b: a if b in (None, "auto") else b,
    lambda a, b: b in (None, "auto") or a == b,
    "the floor's, where it names one",
)
_LABEL = Rule(lambda _, b: b, lambda a, b: a == b, "the floor's")
_MORE = Rule(_union, lambda a, b: set(a) >= set(b), "both together")
_FEWER = Rule(lambda a, b: tuple(x for x in a if x in b), lambda a, b: set(a) <= set(b), "only what both name")
_LEAST = Rule(min, lambda a, b: bool(a <= b), "the smaller")
_MOST = Rule(max, lambda a, b: bool(a >= b), "the greater")
_LATER = Rule(lambda a, b: max(a, b, key=_order), lambda a, b: _order(a) >= _order(b), "the later in the order")
_EARLIER = Rule(lambda a, b: min(a, b, key=_order), lambda a, b: _order(a) <= _order(b), "the lower level")
_TRUE = Rule(lambda a, b: a or b, lambda a, b: a or not b, "true if either is")
_FALSE = Rule(lambda a, b: a and b, lambda a, b: b or not a, "true only if both are")
_PROTECT = Rule(_union, _protects, "both together")

RULES: Mapping[str, Rule] = {
    "version": _SAME,
    "gate": _LATER,
    "agents.logins": _MORE,
    "agents.labels": _MORE,
    "agents.branches": _MORE,
    "agents.trailers": _MORE,
    "environment.language": _PIN,
    "environment.image": _PIN,
    "environment.install": _PIN,
    "environment.test": _PIN,
    "environment.limits.cpus": _LEAST,
    "environment.limits.memory": _LEAST,
    "environment.limits.processes": _LEAST,
    "environment.limits.disk": _LEAST,
    "environment.limits.time": _LEAST,
    "environment.limits.output": _LEAST,
    "network.install": _FEWER,
    "hold": _MORE,
    "checks.semgrep": _LATER,
    "checks.bandit": _LATER,
    "checks.secrets": _LATER,
    "checks.hidden-text": _LATER,
    "checks.block-at": _EARLIER,
    "checks.rules": _MORE,
    "tests.required": _TRUE,
    "tests.evidence": _LATER,
    "tests.flaky-retries": _LEAST,
    "tests.tampering": _LATER,
    "review.label": _LABEL,
    "review.approvals": _MOST,
    "review.permission": _LATER,
    "review.requester-may-approve": _FALSE,
    "review.exact-commit": _TRUE,
    "protected-paths": _PROTECT,
}
"""Every leaf of the policy, by its dotted key."""


def with_floor(policy: Policy, floor: Policy | None) -> Policy:
    """The policy, tightened where the floor states something tighter.

    Repeating it changes nothing. What the outcome states is what either states, so floors can be laid on floors.
    """
    if floor is None:
        return policy
    ours, theirs = dict(leaves(policy)), dict(leaves(floor))
    stated = stated_keys(policy) | stated_keys(floor)
    data: dict[str, Any] = {}
    for key in RULES:
        if key in stated:
            value = RULES[key].join(ours[key], theirs[key]) if key in stated_keys(floor) else ours[key]
            _put(data, key, value)
    return Policy.model_validate(data, by_alias=True, by_name=False)


def looser(policy: Policy, than: Policy, *, only: frozenset[str] | None = None) -> tuple[str, ...]:
    """The keys at which a policy is looser than another, or not to be compared with it.

    Args:
        policy: the one looked at.
        than: what it is measured by.
        only: the keys that count, as `stated_keys` gives them; none: all.
    """
    ours, theirs = dict(leaves(policy)), dict(leaves(than))
    return tuple(
        key for key, rule in RULES.items() if (only is None or key in only) and not rule.holds(ours[key], theirs[key])
    )


def tighter_or_equal(a: Policy, b: Policy) -> bool:
    """Whether a asks at least what b asks, at every key."""
    return not looser(a, b)


def loosened_by_head(base: Policy, head: Policy) -> tuple[str, ...]:
    """What a change that edits the policy would loosen, for the reviewer; the edit is not used for itself."""
    before, after = base.as_data(), head.as_data()
    return tuple(f"`{key}` from `{_get(before, key)}` to `{_get(after, key)}`" for key in looser(head, base))


def leaves(policy: Policy) -> Iterator[tuple[str, Any]]:
    """Each dotted key of a policy with its value, defaults too."""
    yield from _walk(policy, ())


def stated_keys(policy: Policy) -> frozenset[str]:
    """The dotted keys that a policy's file writes out (not those that it leaves to the defaults)."""
    return frozenset(_stated(policy, ()))


def _walk(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in type(model).model_fields:
        value, here = getattr(model, name), (*path, name.replace("_", "-"))
        if isinstance(value, BaseModel):
            yield from _walk(value, here)
        else:
            yield ".".join(here), value


def _stated(model: BaseModel, path: tuple[str, ...]) -> Iterator[str]:
    for name in model.model_fields_set:
        value, here = getattr(model, name), (*path, name.replace("_", "-"))
        if isinstance(value, BaseModel):
            yield from _stated(value, here)
        else:
            yield ".".join(here)


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
    data[last] = value


def _get(data: Mapping[str, Any], key: str) -> Any:
    value: Any = data
    for part in key.split("."):
        value = value[part]
    return value
