"""Staged files for tests, without a disk."""

from collections.abc import Iterable
from pathlib import Path

from checks.staging import Language, Skipped, Staged, StagedFile


def staged_file(
    head: str,
    *,
    added: Iterable[int] = (),
    base: str | None = None,
    path: str = "app/x.py",
    index: int = 0,
    language: Language = Language.PYTHON,
) -> StagedFile:
    """A file with the given text in the head and, unless None, in base."""
    return StagedFile(
        path=path,
        name=f"h/{index:05}{language}",
        language=language,
        added=frozenset(added),
        lines=tuple(head.split("\n")),
        base_name="" if base is None else f"b/{index:05}{language}",
        base_lines=() if base is None else tuple(base.split("\n")),
    )


def staged(*files: StagedFile, skipped: tuple[Skipped, ...] = ()) -> Staged:
    """A staged change that is nowhere on a disk."""
    return Staged(Path("/nowhere"), files, skipped)
