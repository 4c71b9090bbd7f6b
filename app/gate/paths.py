"""Which of a change's paths are protected, and which make it wait before anything of it is executed."""

import fnmatch
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.gate.policy_model import Hold, Policy
from app.gate.wording import counted

WORKFLOWS = (
    ".github/workflows/**",
    ".github/actions/**",
    "action.yml",
    "action.yaml",
    ".gitlab-ci.yml",
    ".circleci/**",
)
MANIFESTS = (
    "**/pyproject.toml",
    "**/setup.py",
    "**/setup.cfg",
    "**/requirements*.txt",
    "**/requirements*.in",
    "**/requirements/**",
    "**/constraints*.txt",
    "**/Pipfile",
    "**/Pipfile.lock",
    "**/poetry.lock",
    "**/pdm.lock",
    "**/uv.lock",
    "**/pylock*.toml",
    "**/environment.yml",
    "**/tox.ini",
    "**/noxfile.py",
    "**/package.json",
    "**/package-lock.json",
    "**/npm-shrinkwrap.json",
    "**/yarn.lock",
    "**/pnpm-lock.yaml",
    "**/go.mod",
    "**/go.sum",
    "**/Cargo.toml",
    "**/Cargo.lock",
    "**/pom.xml",
    "**/build.gradle*",
)


@dataclass(frozen=True, slots=True)
class Protection:
    """How many people a change needs, and the protected paths that say so."""

    approvals: int
    paths: tuple[str, ...] = ()


def protection(policy: Policy, paths: Sequence[str]) -> Protection:
    """How many people must review a change of those paths.

    Args:
        policy: the base branch's, with its floors.
        paths: every path that the change touches, old and new names.
    """
    needed = policy.review.approvals
    hit: list[str] = []
    for path in paths:
        asked = max((e.approvals for e in policy.protected_paths if matches(path, e.paths)), default=0)
        if asked:
            hit.append(path)
            needed = max(needed, asked)
    return Protection(needed, tuple(dict.fromkeys(hit)))


def held_by(policy: Policy, paths: Sequence[str]) -> tuple[str, ...]:
    """Why a person must release execution first, one phrase each; empty if nothing of the change asks for it.

    A new host can come only with what is installed, so `new-hosts` looks at the same files as `new-dependencies`.
    """
    reasons: list[str] = []
    if Hold.EVERYTHING in policy.hold:
        reasons.append("every change")
    if Hold.WORKFLOW_CHANGES in policy.hold and (touched := [p for p in paths if matches(p, WORKFLOWS)]):
        reasons.append(f"changes of workflows ({counted(len(touched), 'file')})")
    asks = {Hold.NEW_DEPENDENCIES: "changes of what is installed", Hold.NEW_HOSTS: "changes of where it comes from"}
    touched = [p for p in paths if matches(p, MANIFESTS)]
    reasons += [
        f"{words} ({counted(len(touched), 'file')})" for hold, words in asks.items() if hold in policy.hold and touched
    ]
    return tuple(reasons)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path matches one of the patterns: `*` within a name, `**` any number of folders, case aside.

    A pattern that ends with `/` means all beneath it. Time is bounded by the product of both lengths.
    """
    parts = tuple(path.casefold().split("/"))
    return any(_match(parts, _split(pattern)) for pattern in patterns)


@functools.lru_cache(maxsize=1_024)
def _split(pattern: str) -> tuple[str, ...]:
    pattern = pattern.casefold().removeprefix("./").removeprefix("/")
    return tuple((pattern + "**" if pattern.endswith("/") else pattern).split("/"))


def _match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Row by row: which beginnings of the path each beginning of the pattern can cover."""
    reached = [True] + [False] * len(parts)
    for index, piece in enumerate(pattern):
        if piece == "**":
            first = reached.index(True) if True in reached else len(reached)
            last = index == len(pattern) - 1
            # `a/**` is what lies beneath a, not a itself; elsewhere `**` may stand for no folder at all.
            reached = [i > first if last and index else i >= first for i in range(len(reached))]
        else:
            hits = [reached[i] and fnmatch.fnmatchcase(parts[i], piece) for i in range(len(parts))]
            reached = [False, *hits]
    return reached[-1]
