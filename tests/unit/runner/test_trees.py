"""Which paths are tests, and how base's source and head's tests are put together, on plain files."""

import os
from pathlib import Path

import pytest

from runner.environment.tree import Tree
from runner.ownership import remove_tree
from runner.trees import TestLayout, copy_file, copy_tree, replace_tests

FILES = ("django/test/client.py", "lib/tests/test_a.py", "lib/tests/data/a.json", "testing/deep.txt", "lib/core.py")


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        pytest.param("tests/test_a.py", True, id="in-tests"),
        pytest.param("tests/data/big.bin", True, id="data-of-tests"),
        pytest.param("test/a.py", True, id="in-test-at-the-root"),
        pytest.param("testing/deep.txt", True, id="in-testing-at-the-root"),
        pytest.param("lib/tests/data/a.json", True, id="data-of-tests-in-a-package"),
        pytest.param("lib/tests/__init__.py", True, id="in-tests-of-a-package"),
        pytest.param("lib/test_core.py", True, id="beside-the-source"),
        pytest.param("lib/core_test.py", True, id="named-at-the-end"),
        pytest.param("lib/conftest.py", True, id="conftest-anywhere"),
        pytest.param("pytest.ini", True, id="pytest.ini"),
        pytest.param("tox.ini", True, id="tox.ini"),
        pytest.param("lib/core.py", False, id="source"),
        pytest.param("lib/testing/tools.py", False, id="a-package's-testing-is-source"),
        pytest.param("django/test/client.py", False, id="a-package's-test-without-tests-is-source"),
        pytest.param("pyproject.toml", False, id="pyproject-goes-with-the-source"),
        pytest.param("setup.cfg", False, id="setup.cfg-goes-with-the-source"),
        pytest.param("docs/pytest.ini", False, id="another-pytest.ini"),
        pytest.param("test_data.json", False, id="not-python"),
    ],
)
def test_layout(path: str, is_test: bool) -> None:
    assert TestLayout(FILES).is_test(path) is is_test


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_source_of_base_and_tests_of_head(tmp_path: Path) -> None:
    workspace = write(
        tmp_path / "base",
        {
            "lib.py": "old",
            "pyproject.toml": "old",
            "tests/test_gone.py": "old",
            "tests/test_a.py": "old",
            "built.so": "b",
        },
    )
    head = write(
        tmp_path / "head",
        {
            "lib.py": "new",
            "pyproject.toml": "new",
            "tests/test_a.py": "new",
            "tests/sub/data.txt": "new",
            "pytest.ini": "new",
        },
    )
    replace_tests(
        workspace, head, ("lib.py", "pyproject.toml", "tests/test_gone.py", "tests/test_a.py"), Tree(head).files()
    )
    found = {path: Tree(workspace).read(path) for path in Tree(workspace).files()}
    assert found == {
        "lib.py": "old", "pyproject.toml": "old", "built.so": "b",
        "tests/test_a.py": "new", "tests/sub/data.txt": "new", "pytest.ini": "new",
    }  # fmt: skip


def test_a_link_in_base_leads_no_file_of_head_out(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"test_a.py": "untouched"})
    workspace = write(tmp_path / "base", {"lib.py": "old"})
    (workspace / "tests").symlink_to(outside)
    head = write(tmp_path / "head", {"tests/test_a.py": "new"})
    replace_tests(workspace, head, ("lib.py", "tests/test_a.py"), Tree(head).files())
    assert (outside / "test_a.py").read_text() == "untouched"
    assert Tree(workspace).read("tests/test_a.py") == "new"


def test_a_folder_where_base_has_a_file(tmp_path: Path) -> None:
    workspace = write(tmp_path / "base", {"tests": "a file"})
    head = write(tmp_path / "head", {"tests/test_a.py": "new"})
    replace_tests(workspace, head, ("tests",), Tree(head).files())
    assert Tree(workspace).read("tests/test_a.py") == "new"


def test_copying_keeps_links_and_modes_and_leaves_the_rest(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"run.sh": "x", "deep/er/a": "a"})
    (source / "run.sh").chmod(0o4755)
    (source / "link").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")
    copy_tree(source, tmp_path / "copy")
    copy = tmp_path / "copy"
    assert (copy / "run.sh").stat().st_mode & 0o7777 == 0o755
    assert (copy / "link").readlink() == Path("/etc/passwd")
    assert not (copy / "pipe").exists()
    assert (copy / "deep/er/a").read_text() == "a"


def test_copying_goes_deeper_than_python_can_recurse(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    for _ in range(1200):
        folder = folder / "a"
        folder.mkdir()
    copy_tree(tmp_path / "source", tmp_path / "copy")
    assert (tmp_path / "copy" / "/".join("a" * 1200)).is_dir()
    for name in ("source", "copy"):
        remove_tree(tmp_path / name)  # pytest, which clears away old folders, would recurse as well


def test_a_link_is_not_copied_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic link"):
        copy_file(tmp_path / "link", tmp_path / "copy")


def test_a_hole_stays_a_hole(tmp_path: Path) -> None:
    source, size = tmp_path / "source", 1 << 40
    with source.open("wb") as file:
        file.truncate(size)
        for place in (0, 1 << 30, size - 5):
            file.seek(place)
            file.write(b"words")
    copy_file(source, tmp_path / "copy")
    copied = (tmp_path / "copy").stat()
    assert copied.st_size == size
    assert copied.st_blocks * 512 < 1 << 20
    with (tmp_path / "copy").open("rb") as file:
        for place in (0, 1 << 30, size - 5):
            file.seek(place)
            assert file.read(5) == b"words"


@pytest.mark.parametrize("content", [pytest.param(b"", id="empty"), pytest.param(os.urandom(3_000_001), id="long")])
def test_a_copy_holds_the_same(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "source").write_bytes(content)
    copy_file(tmp_path / "source", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
