"""Which protected paths a change touches, and how many people that asks for. Pure."""

import fnmatch
import functools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from app.gate.policy_model import Policy
from checks.change import ChangedFile


@dataclass(frozen=True, slots=True)
class Protection:
    """The touched paths that the policy protects, in order, and how many people must review (1 where none is)."""

    hits: tuple[str, ...] = ()
    approvals: int = 1


def protected_paths(policy: Policy, files: Iterable[ChangedFile]) -> Protection:
    """Find them; a rename touches the old path as well as the new one."""
    paths = {path for file in files for path in (file.path, file.old_path) if path}
    hits: set[str] = set()
    approvals = policy.review.approvals
    for entry in policy.protected_paths:
        touched = {path for path in paths if any(matches(path, pattern) for pattern in entry.paths)}
        if touched:
            hits |= touched
            approvals = max(approvals, entry.approvals)
    return Protection(tuple(sorted(hits)), approvals)


def matches(path: str, pattern: str) -> bool:
    """Whether a path from the repository's root fits a pattern: `*` within a name, `**` for any number of folders.

    Case and the way accents are encoded do not count: on some file systems `.GitHub` is `.github`.
    """
    return _match(tuple(_folded(path).split("/")), _parts(_folded(pattern)))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@functools.lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[str, ...]:
    if pattern.endswith("/"):
        pattern += "**"
    # A bracket stands for itself: only `*` and `?` mean something.
    return tuple(pattern.lstrip("/").replace("[", "[[]").split("/"))


def _match(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Row by row, which beginnings of the path each beginning of the pattern covers: no path makes it slow.

    One expression for the whole would try every way to share a deep path out among several `**`.
    """
    reached = [True] + [False] * len(path)
    for place, part in enumerate(pattern):
        if part == "**":
            first = reached.index(True) if True in reached else len(reached)
            last = place == len(pattern) - 1
            reached = [i > first if last else i >= first for i in range(len(reached))]
        else:
            reached = [False, *(reached[i] and fnmatch.fnmatchcase(name, part) for i, name in enumerate(path))]
    return reached[-1]
