"""Laying out a hostile tree for scanners, on a real disk."""

import os
from pathlib import Path

import pytest

from checks.change import Change, ChangedFile, FileStatus
from checks.staging import FILE_LIMIT, Language, language_of, stage
from checks.workspace import read_regular
from tests.integration.checks.conftest import change_of


@pytest.mark.parametrize(
    ("path", "data", "language"),
    [
        pytest.param("a.py", b"", Language.PYTHON, id="python"),
        pytest.param("A.PY", b"", Language.PYTHON, id="upper case"),
        pytest.param("a.min.js", b"", Language.JAVASCRIPT, id="two suffixes"),
        pytest.param("a.tsx", b"", Language.TSX, id="tsx"),
        pytest.param("a.d/run", b"#!/usr/bin/env python3\n", Language.PYTHON, id="python by its first line"),
        pytest.param("run", b"#!/usr/bin/node\n", Language.JAVASCRIPT, id="node by its first line"),
        pytest.param("run", b"python\n", Language.TEXT, id="a word is no first line"),
        pytest.param(".py", b"", Language.TEXT, id="a hidden file without suffix"),
        pytest.param("a.md", b"", Language.TEXT, id="text"),
    ],
)
def test_language(path: str, data: bytes, language: Language) -> None:
    assert language_of(path, data) is language


def test_files_get_neutral_names_and_nothing_else_is_there(tmp_path: Path) -> None:
    change = change_of(tmp_path, {"x/-r.py": "a\n", "setup.cfg": "[bandit]\n"}, {"x/-r.py": "b\n"})
    staged = stage(change, tmp_path / "scan")
    there = sorted(str(p.relative_to(staged.folder)) for p in staged.folder.rglob("*") if p.is_file())
    assert there == ["b/00000.py", "h/00000.py", "h/00001.txt"]
    assert (staged.files[0].lines, staged.files[0].base_lines) == (("a", ""), ("b", ""))
    assert (staged.folder / "h/00000.py").stat().st_mode & 0o777 == 0o644


def test_base_of_a_renamed_file_is_found(tmp_path: Path) -> None:
    change = change_of(tmp_path, {"new.py": "a\n"}, {"old.py": "b\n"})
    renamed = ChangedFile("new.py", FileStatus.RENAMED, frozenset({1}), old_path="old.py")
    staged = stage(Change("b", "h", (renamed,), change.head_tree, change.base_tree), tmp_path / "scan")
    assert staged.files[0].base_lines == ("b", "")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(ChangedFile("a.py", FileStatus.DELETED), id="deleted"),
        pytest.param(ChangedFile("a.py", FileStatus.ADDED, mode="120000"), id="symlink"),
        pytest.param(ChangedFile("a.py", FileStatus.ADDED, mode="160000"), id="submodule"),
    ],
)
def test_what_has_no_content_is_left_out(tmp_path: Path, changed: ChangedFile) -> None:
    change = change_of(tmp_path, {"a.py": "a\n"})
    staged = stage(Change("b", "h", (changed,), change.head_tree, change.base_tree), tmp_path / "scan")
    assert (staged.files, staged.skipped) == ((), ())


def test_every_line_counts_where_git_takes_text_for_binary_or_counts_otherwise(tmp_path: Path) -> None:
    change = change_of(tmp_path, {"a.py": "a\nb\n", "b.py": "a\rb\rc"})
    binary = ChangedFile("a.py", FileStatus.ADDED, binary=True)
    returns = ChangedFile("b.py", FileStatus.ADDED, frozenset({1}))
    staged = stage(Change("b", "h", (binary, returns), change.head_tree, change.base_tree), tmp_path / "scan")
    assert [sorted(file.added) for file in staged.files] == [[1, 2, 3], [1, 2, 3]]
    assert [file.odd_ends for file in staged.files] == [False, True]


def test_a_picture_is_nobodys_business(tmp_path: Path) -> None:
    staged = stage(change_of(tmp_path, {"a.png": b"\x89PNG\0\0"}), tmp_path / "scan")
    assert (staged.files, staged.skipped) == ((), ())


def test_more_files_than_can_be_scanned_are_said(tmp_path: Path) -> None:
    change = change_of(tmp_path, {f"{number}.txt": "a" for number in range(FILE_LIMIT + 2)})
    staged = stage(change, tmp_path / "scan")
    assert len(staged.files) == FILE_LIMIT
    assert [skipped.path for skipped in staged.skipped] == [f"{FILE_LIMIT}.txt", f"{FILE_LIMIT + 1}.txt"]
    assert "beyond the 3000 files" in staged.skipped[0].reason


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with every way out that we know."""
    root = tmp_path / "tree"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "file").write_bytes(b"inside")
    (tmp_path / "outside").write_bytes(b"outside")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "folder-link").symlink_to(tmp_path)
    os.mkfifo(root / "fifo")
    return root


@pytest.mark.parametrize(
    "path",
    [
        "link",
        "folder-link/outside",
        "../outside",
        "folder/../../outside",
        "",
        "/etc/passwd",
        "folder",
        "fifo",
        "none",
        "a\0b",
        "folder//file",
    ],
)
def test_nothing_outside_is_read(tree: Path, path: str) -> None:
    assert read_regular(tree, path, 100) is None


def test_a_file_is_read_up_to_one_more_than_the_limit(tree: Path) -> None:
    assert read_regular(tree, "folder/file", 100) == b"inside"
    assert read_regular(tree, "folder/file", 3) == b"insi"
