"""What a scanner is pointed at, cut into runs so that a few huge files cannot take the time of all: pure.

Small files go first: they are what people write. Nearly every change fits in one run.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from checks.staging import Language, StagedFile

LEAST_SECONDS = 15.0
"""A run with less time than this is not begun."""
FEW_CHARACTERS = 250_000
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Target:
    """One version of a file: its name in the staged folder, its size in characters, the lines that the change added."""

    name: str
    path: str
    size: int
    added: frozenset[int] = frozenset()
    base: bool = False


def heads(files: Iterable[StagedFile]) -> tuple[Target, ...]:
    """The head's versions."""
    return tuple(Target(file.name, file.path, _size(file.lines), file.added) for file in files)


def bases(files: Iterable[StagedFile]) -> tuple[Target, ...]:
    """Base's versions, of those files that have one."""
    return tuple(
        Target(file.base_name, file.path, _size(file.base_lines), base=True) for file in files if file.base_name
    )


def size(targets: Iterable[Target]) -> int:
    """All their characters."""
    return sum(target.size for target in targets)


def are_few(targets: Iterable[Target]) -> bool:
    """Whether reading all of them costs a scanner less than a second process does: semgrep needs 1.3 s to start."""
    return size(targets) <= FEW_CHARACTERS


def languages(files: Iterable[StagedFile]) -> frozenset[Language]:
    """Those that the files are in."""
    return frozenset(file.language for file in files)


def batches(targets: Iterable[Target], limit: int) -> tuple[tuple[Target, ...], ...]:
    """Targets by size, in runs of at most `limit` characters; one that is larger has a run of its own."""
    cut: list[list[Target]] = []
    room = 0
    for target in sorted(targets, key=lambda t: t.size):
        if not cut or target.size > room:
            cut.append([])
            room = limit
        cut[-1].append(target)
        room -= target.size
    return tuple(tuple(batch) for batch in cut)


def share(left: float, runs: int) -> float:
    """How many of the seconds left the next of some runs may take: all if it is the last, else half."""
    return left if runs <= 1 else left / 2


def named(targets: Iterable[Target]) -> str:
    """The files' paths, for a person; long lists are cut short."""
    paths = list(dict.fromkeys(target.path for target in targets))
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more


def _size(lines: tuple[str, ...]) -> int:
    return sum(len(line) + 1 for line in lines)
