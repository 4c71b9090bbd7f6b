"""From what `git diff-tree` prints to changed files. Pure.

Two outputs are read: `--raw -z`, which names the files without any quoting, and a `-U0` patch, from which only hunk
headers are used. The two are matched by their order, so that no name, however odd, is ever parsed out of the patch.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.repository.errors import FetchTrouble
from app.repository.names import decode
from checks.change import ChangedFile, FileStatus

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_STATUS = {
    "A": FileStatus.ADDED,
    "C": FileStatus.ADDED,
    "M": FileStatus.MODIFIED,
    "T": FileStatus.MODIFIED,
    "D": FileStatus.DELETED,
    "R": FileStatus.RENAMED,
}


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One record of `--raw -z`: modes, object ids, status letter, path in head, and in base where it was renamed."""

    old_mode: str
    new_mode: str
    old_object: str
    new_object: str
    status: str
    path: str
    old_path: str = ""

    @property
    def sections(self) -> int:
        """How many patches it has: two where a file became a symlink or the like (a removal and an addition)."""
        return 2 if self.status == "T" else 1


@dataclass(slots=True)
class Section:
    """One file's patch: lines added, from 1 in the head's file, and how many were removed."""

    added: set[int] = field(default_factory=set)
    removed: int = 0
    binary: bool = False


def parse_raw(data: bytes) -> tuple[RawEntry, ...]:
    """The records of `git diff-tree -r --raw -z --full-index`.

    Raises:
        FetchTrouble: it does not parse, which would be a fault of ours.
    """
    fields = iter(data.split(b"\0"))
    return tuple(_records(fields))


def _records(fields: Iterator[bytes]) -> Iterator[RawEntry]:
    for head in fields:
        if not head:
            continue
        try:
            old_mode, new_mode, old, new, letter = head.decode("ascii").removeprefix(":").split(" ")
            first = decode(next(fields))
            second = decode(next(fields)) if letter[0] in "RC" else ""
        except (ValueError, StopIteration):
            raise FetchTrouble("git's list of changed files does not parse; check the version of git") from None
        path, old_path = (second, first) if second else (first, "")
        yield RawEntry(old_mode, new_mode, old, new, letter[0], path, old_path)


def parse_patch(data: bytes) -> tuple[Section, ...]:
    """The hunks of a `-U0` patch, one section a file, in git's order. Errors as `parse_raw`."""
    sections: list[Section] = []
    left = 0  # lines of the current hunk still to come; whatever they say, they are content
    for line in data.split(b"\n"):
        if left and line[:1] in (b"+", b"-"):
            left -= 1
        elif line.startswith(b"diff --git "):
            sections.append(Section())
        elif line.startswith(b"@@ "):
            left = _hunk(sections, line)
        elif line.startswith((b"Binary files ", b"GIT binary patch")) and sections:
            sections[-1].binary = True
    if left:
        raise FetchTrouble("git's patch ends in the middle of a hunk; try again")
    return tuple(sections)


def _hunk(sections: list[Section], line: bytes) -> int:
    match = _HUNK.match(line)
    if match is None or not sections:
        raise FetchTrouble("git's patch does not parse; check the version of git")
    removed, first, added = (int(number) if number is not None else 1 for number in match.groups())
    sections[-1].removed += removed
    sections[-1].added.update(range(first, first + added))
    return removed + added


def combine(
    raw: tuple[RawEntry, ...], sections: tuple[Section, ...], sizes: Mapping[str, int]
) -> tuple[ChangedFile, ...]:
    """Changed files from both outputs. `sizes`: bytes of the head's objects by id. Errors as `parse_raw`."""
    if sum(entry.sections for entry in raw) != len(sections):
        raise FetchTrouble("git's list of files and its patch do not fit together; check the version of git")
    parts = iter(sections)
    return tuple(_changed(entry, [next(parts) for _ in range(entry.sections)], sizes) for entry in raw)


def _changed(entry: RawEntry, parts: list[Section], sizes: Mapping[str, int]) -> ChangedFile:
    status = _STATUS.get(entry.status, FileStatus.MODIFIED)
    binary = any(part.binary for part in parts)
    return ChangedFile(
        path=entry.path,
        status=status,
        added=frozenset() if binary else frozenset().union(*(part.added for part in parts)),
        removed=0 if binary else sum(part.removed for part in parts),
        old_path=entry.old_path if status is FileStatus.RENAMED else "",
        mode=entry.old_mode if status is FileStatus.DELETED else entry.new_mode,
        binary=binary,
        size=sizes.get(entry.new_object, 0),
    )
