"""Which protected paths a change touches."""

import time

import pytest

from app.gate.policy import Policy, ProtectedPaths
from app.gate.protected import matches, protected_paths
from checks.change import ChangedFile, FileStatus


@pytest.mark.parametrize(
    ("path", "pattern", "hit"),
    [
        pytest.param(".github/workflows/ci.yml", ".github/**", True, id="any-depth"),
        pytest.param(".github/mergelock.yml", ".github/**", True, id="first-depth"),
        pytest.param(".github", ".github/**", False, id="not-the-folder-itself"),
        pytest.param("a/b/AGENTS.md", "**/AGENTS.md", True, id="leading-stars"),
        pytest.param("AGENTS.md", "**/AGENTS.md", True, id="leading-stars-match-none"),
        pytest.param("a/agents.MD", "**/AGENTS.md", True, id="case-does-not-count"),
        pytest.param("src/x/y.py", "src/*.py", False, id="star-stays-in-its-folder"),
        pytest.param("src/y.py", "src/*.py", True, id="star"),
        pytest.param("src/y.py", "/src/y.py", True, id="leading-slash"),
        pytest.param("src/a/b.py", "src/", True, id="folder"),
        pytest.param("srcs/a.py", "src/", False, id="another-folder"),
        pytest.param("a+b.txt", "a+b.txt", True, id="characters-of-regular-expressions"),
        pytest.param("aab.txt", "a+b.txt", False, id="no-regular-expression"),
        pytest.param("a/b/c/d", "a/**/d", True, id="stars-in-the-middle"),
        pytest.param("a/d", "a/**/d", True, id="stars-in-the-middle-match-none"),
        pytest.param("x\ny", "x?y", True, id="odd-names"),
    ],
)
def test_a_pattern_matches_as_documented(path: str, pattern: str, hit: bool) -> None:
    assert matches(path, pattern) is hit


def test_many_stars_do_not_blow_up() -> None:
    assert not matches("a/" * 200 + "b", "**/" * 60 + "*a*a*a*a*a*c")


def test_a_rename_out_of_a_protected_folder_is_a_hit_and_asks_for_its_people() -> None:
    policy = Policy(protected_paths=(ProtectedPaths(paths=(".github/**",), approvals=2),))
    moved = ChangedFile("docs/ci.yml", FileStatus.RENAMED, old_path=".github/ci.yml")
    found = protected_paths(policy, [moved])
    assert found.hits == (".github/ci.yml",)
    assert found.approvals == 2


def test_nothing_touched_asks_for_what_the_review_asks() -> None:
    assert protected_paths(Policy(), [ChangedFile("a.py", FileStatus.ADDED)]).approvals == 1


def test_matching_is_bounded_in_time() -> None:
    """No path makes a pattern slow: paths are the change's to choose."""
    start = time.perf_counter()
    assert not matches("/".join(["a"] * 400), "/".join(["**", "a"] * 20) + "/b")
    assert not matches("a" * 4_000, "*a" * 60 + "b")
    assert time.perf_counter() - start < 10
