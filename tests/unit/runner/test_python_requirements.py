"""Requirements files and other tools' ways to write versions, as requirement strings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from runner.environment.tree import Tree
from runner.languages.python.requirements import Collecting, expand_own_extras, from_poetry


def tree_of(folder: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(folder)


@pytest.mark.parametrize(
    ("line", "requirements", "extras", "noted"),
    [
        pytest.param("pytest>=8", ("pytest>=8",), (), False, id="plain"),
        pytest.param("pytest==8.3.3 --hash=sha256:00", ("pytest==8.3.3",), (), False, id="with-a-hash"),
        pytest.param('x ; python_version < "4"', ('x; python_version < "4"',), (), False, id="with-a-marker"),
        pytest.param("-e .", (), (), False, id="the-project-itself"),
        pytest.param("-e .[test,dev]", (), ("test", "dev"), False, id="the-project-with-extras"),
        pytest.param(".[test]", (), ("test",), False, id="the-project-with-an-extra"),
        pytest.param("--index-url https://elsewhere.invalid/simple", (), (), True, id="another-index"),
        pytest.param("-i https://elsewhere.invalid/simple", (), (), True, id="another-index-in-short"),
        pytest.param("x @ https://elsewhere.invalid/x.whl", (), (), True, id="a-url"),
        pytest.param("git+https://elsewhere.invalid/x.git", (), (), True, id="a-repository"),
        pytest.param("-e ../neighbour", (), (), True, id="a-neighbour"),
        pytest.param("/etc/passwd", (), (), True, id="a-path"),
        pytest.param("-r ../../etc/passwd", (), (), True, id="a-file-outside"),
        pytest.param("-r /etc/passwd", (), (), True, id="a-file-by-absolute-path"),
        pytest.param("-r missing.txt", (), (), True, id="a-file-that-is-not-there"),
        pytest.param("not a requirement!", (), (), True, id="nonsense"),
    ],
)
def test_a_line(tmp_path: Path, line: str, requirements: tuple[str, ...], extras: tuple[str, ...], noted: bool) -> None:
    collecting = Collecting("here", tree_of(tmp_path, {"requirements.txt": f"{line}\n"}))
    collecting.file("requirements.txt")
    wanted = collecting.wanted()
    assert (wanted.requirements, wanted.extras, bool(wanted.notes)) == (requirements, extras, noted)


def test_files_include_each_other_even_in_a_ring(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        {
            "requirements/a.txt": "-r b.txt\nx\n",
            "requirements/b.txt": "-r ../c.txt\n-r a.txt\n",
            "c.txt": "y # why\n-c d.txt",
            "d.txt": "z<2\n",
        },
    )
    collecting = Collecting("here", tree)
    collecting.file("requirements/a.txt")
    assert collecting.wanted().requirements == ("y", "x")
    assert collecting.wanted().constraints == ("z<2",)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "requirements.txt").symlink_to(tmp_path / "secret")
    (tree / "folder").symlink_to(tmp_path)
    assert Tree(tree).read("requirements.txt") is None
    assert Tree(tree).read("folder/secret") is None
    assert list(Tree(tree).files()) == []


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "", "a/../../secret", "nul\0"])
def test_nothing_outside_the_tree_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("token\n")
    (tmp_path / "tree").mkdir()
    assert Tree(tmp_path / "tree").read(path) is None


@pytest.mark.parametrize(
    ("spec", "requirement"),
    [
        pytest.param("^1.2.3", "x>=1.2.3,<2", id="caret"),
        pytest.param("^0.2.3", "x>=0.2.3,<0.3", id="caret-below-one"),
        pytest.param("^0.0.3", "x>=0.0.3,<0.0.4", id="caret-below-a-tenth"),
        pytest.param("~1.2.3", "x>=1.2.3,<1.3", id="tilde"),
        pytest.param("~1", "x>=1,<2", id="tilde-of-a-major"),
        pytest.param("1.2", "x==1.2", id="bare"),
        pytest.param(">=1,<3", "x>=1,<3", id="range"),
        pytest.param("*", "x", id="any"),
        pytest.param({"version": "^8", "extras": ["a"]}, "x[a]>=8,<9", id="table"),
        pytest.param({"version": "*", "markers": "python_version > '3'"}, "x ; python_version > '3'", id="marker"),
        pytest.param({"git": "https://elsewhere.invalid"}, None, id="repository"),
        pytest.param({"path": "../y"}, None, id="path"),
    ],
)
def test_poetry(spec: object, requirement: str | None) -> None:
    assert from_poetry("x", spec) == requirement


@given(st.sampled_from("^~"), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_poetry_bounds_hold_the_version_itself(sign: str, numbers: list[int]) -> None:
    version = ".".join(map(str, numbers))
    made = from_poetry("x", f"{sign}{version}")
    assert made is not None
    assert version in Requirement(made).specifier


def test_own_extras_are_replaced_by_what_they_ask_for() -> None:
    extras = {"all": ("lib[test]", "lib[all]"), "test": ("pytest",)}
    assert expand_own_extras(("Lib[all]", "other[x]"), "lib", extras) == ("pytest", "other[x]")
