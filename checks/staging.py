"""The changed files, laid out for scanners under names of our own.

A scanner must not be steered by what it scans. So each file is copied under a neutral name (`h/00007.py`, base's
version beside it as `b/00007.py`) with nothing else in the folder: no configuration or ignore file of the change
applies, no default list of skipped folders (`tests/`, `node_modules/`, `*.min.js`) matches, and no name can be read as
an option.
"""

import enum
import re
from dataclasses import dataclass, field
from pathlib import Path

from checks.change import Change, ChangedFile, FileStatus
from checks.inside.lines import split_lines
from checks.workspace import read_regular

MIB = 1024 * 1024
CODE_LIMIT = 2 * MIB
TEXT_LIMIT = 16 * MIB
TOTAL_LIMIT = 64 * MIB
FILE_LIMIT = 3000

REGULAR = frozenset({"100644", "100755"})


class Language(enum.StrEnum):
    """What a scanner takes a file for. The value is the suffix it gets in the staged folder."""

    PYTHON = ".py"
    JAVASCRIPT = ".js"
    JSX = ".jsx"
    TYPESCRIPT = ".ts"
    TSX = ".tsx"
    TEXT = ".txt"


SUFFIXES = {
    ".py": Language.PYTHON,
    ".pyw": Language.PYTHON,
    ".pyi": Language.PYTHON,
    ".js": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
    ".jsx": Language.JSX,
    ".ts": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".tsx": Language.TSX,
}
SCRIPTS = frozenset({Language.JAVASCRIPT, Language.JSX, Language.TYPESCRIPT, Language.TSX})
CODE = SCRIPTS | {Language.PYTHON}

_INTERPRETERS = (
    (re.compile(rb"\bpython"), Language.PYTHON),
    (re.compile(rb"\b(node|deno|bun)\b"), Language.JAVASCRIPT),
)
_LONE_RETURN = re.compile("\r(?!\n)")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One changed file as scanners see it.

    `name` is where it lies in the staged folder, `base_name` where base's version does ("" if there is none). Lines are
    text, without their ends; bytes that are not UTF-8 are surrogates. `added` are the numbers of lines the change put
    there; every line, where line numbers cannot be trusted (see `stage`).
    """

    path: str
    name: str
    language: Language
    added: frozenset[int]
    lines: tuple[str, ...]
    base_name: str = ""
    base_lines: tuple[str, ...] = ()
    odd_ends: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A changed file that could not be laid out, and why, in words for a person."""

    path: str
    language: Language
    reason: str


@dataclass(frozen=True, slots=True)
class Staged:
    """All of them. `folder` holds `h/` and `b/`, readable by everyone, to be mounted read-only."""

    folder: Path
    files: tuple[StagedFile, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())

    def of(self, languages: frozenset[Language]) -> tuple[StagedFile, ...]:
        """The files in one of those languages."""
        return tuple(file for file in self.files if file.language in languages)


def stage(change: Change, folder: Path) -> Staged:
    """Lay out what the change touches in `folder`, which is made and must not exist yet.

    Every line of a file counts as added where the diff's numbers are not the scanners': git took it for binary (an
    attribute in the head can say so), or it has carriage returns that end lines for Python but not for git.
    """
    for side in ("h", "b"):
        (folder / side).mkdir(parents=True, mode=0o755)
    files: list[StagedFile] = []
    skipped: list[Skipped] = []
    room = TOTAL_LIMIT
    for changed in change.files:
        if changed.status is FileStatus.DELETED or changed.mode not in REGULAR:
            continue
        data = read_regular(change.head_tree, changed.path, TEXT_LIMIT)
        language = language_of(changed.path, data or b"")
        reason = _unfit(data, language, room if len(files) < FILE_LIMIT else 0)
        if data is None or reason:
            skipped.append(Skipped(changed.path, language, reason))
        elif not _is_binary(data):
            room -= len(data)
            files.append(_lay_out(change, changed, data, language, folder, len(files)))
    return Staged(folder, tuple(files), tuple(skipped))


def language_of(path: str, data: bytes) -> Language:
    """By the name's suffix, else by the interpreter its first line names."""
    name = path.rsplit("/", 1)[-1].lower()
    suffix = name[name.rfind(".") :] if "." in name[1:] else ""
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    first = data[:200].split(b"\n", 1)[0]
    if first.startswith(b"#!"):
        return next((language for pattern, language in _INTERPRETERS if pattern.search(first)), Language.TEXT)
    return Language.TEXT


def _unfit(data: bytes | None, language: Language, room: int) -> str:
    """Why a file cannot be laid out; "" if it can."""
    if data is None:
        return "is not a regular file that can be read"
    limit = CODE_LIMIT if language in CODE else TEXT_LIMIT
    if _is_binary(data):
        return "holds NUL bytes, which no source file does" if language in CODE else ""
    if len(data) > limit:
        return f"is larger than {limit // MIB} MiB"
    if len(data) > room:
        return f"is beyond the {FILE_LIMIT} files and {TOTAL_LIMIT // MIB} MiB that one change is scanned to"
    return ""


def _is_binary(data: bytes) -> bool:
    return b"\0" in data


def _lay_out(
    change: Change, changed: ChangedFile, data: bytes, language: Language, folder: Path, index: int
) -> StagedFile:
    """Write one file, and base's version where there is one."""
    name = f"h/{index:05}{language}"
    _write(folder / name, data)
    text = data.decode("utf-8", "surrogateescape")
    lines = split_lines(text)
    odd_ends = _LONE_RETURN.search(text) is not None
    every = odd_ends or changed.binary
    base = _base_data(change, changed)
    base_name = f"b/{index:05}{language}" if base is not None else ""
    if base is not None:
        _write(folder / base_name, base)
    return StagedFile(
        path=changed.path,
        name=name,
        language=language,
        added=frozenset(range(1, len(lines) + 1)) if every else changed.added,
        lines=lines,
        base_name=base_name,
        base_lines=split_lines(base.decode("utf-8", "surrogateescape")) if base is not None else (),
        odd_ends=odd_ends,
    )


def _base_data(change: Change, changed: ChangedFile) -> bytes | None:
    """Base's version of the file, if it had one that a scanner can read."""
    if changed.status is FileStatus.ADDED:
        return None
    data = read_regular(change.base_tree, changed.old_path or changed.path, CODE_LIMIT)
    return None if data is None or len(data) > CODE_LIMIT or _is_binary(data) else data


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o644)  # the sandbox reads it as nobody
