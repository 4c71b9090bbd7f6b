"""Which protected paths a change touches, and how many people that asks for. Pure."""

import functools
import re
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
    return _expression(_folded(pattern)).fullmatch(_folded(path)) is not None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@functools.lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """Parts between slashes become expressions; runs of `**` count as one, so that matching cannot blow up."""
    if pattern.endswith("/"):
        pattern += "**"
    parts: list[str] = []
    for part in pattern.lstrip("/").split("/"):
        if part != "**" or not parts or parts[-1] != "**":
            parts.append(part)
    expression = ""
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part == "**":
            expression += ".+" if last else "(?:[^/]+/)*"
        else:
            expression += _name(part) + ("" if last else "/")
    return re.compile(expression, re.DOTALL)


def _name(part: str) -> str:
    shown = re.sub(r"\*+", "*", part)
    return "".join("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char) for char in shown)
