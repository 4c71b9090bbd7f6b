"""Patterns of paths, protection and holds."""

import time

import pytest

from app.gate.paths import held_by, matches, protection
from app.gate.policy import DEFAULT, load


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        pytest.param(".github/workflows/ci.yml", ".github/**", True, id="beneath"),
        pytest.param(".github", ".github/**", False, id="not itself"),
        pytest.param("x/.github/ci.yml", ".github/**", False, id="from the root"),
        pytest.param("AGENTS.md", "**/AGENTS.md", True, id="any folder, none"),
        pytest.param("a/b/agents.MD", "**/AGENTS.md", True, id="case aside"),
        pytest.param("a/b.py", "*.py", False, id="a star stays in its folder"),
        pytest.param("b.py", "*.py", True, id="a star"),
        pytest.param("a/c", "a/**/c", True, id="no folder between"),
        pytest.param("a/b/b/c", "a/**/c", True, id="folders between"),
        pytest.param("a/b/d", "a/**/c", False, id="another end"),
        pytest.param("docs/a/b", "docs/", True, id="a folder"),
        pytest.param("a/b", "**", True, id="everything"),
        pytest.param("a/b", "/a/b", True, id="from the root, written out"),
        pytest.param("a/b", "./a/b", True, id="from here, written out"),
        pytest.param("a/xb", "a/[!y]b", True, id="a class"),
        pytest.param("a/b/c/d", "**/b/**/d", True, id="twice"),
    ],
)
def test_matches(path: str, pattern: str, *, expected: bool) -> None:
    """As `.gitignore` and CODEOWNERS are read by people."""
    assert matches(path, [pattern]) is expected


def test_matching_is_bounded_in_time() -> None:
    """No pattern and no path make it explode."""
    start = time.perf_counter()
    assert not matches("/".join(["a"] * 400), ["/".join(["**", "a"] * 20) + "/b"])
    assert not matches("a" * 4_000, ["*a" * 60 + "b"])
    assert time.perf_counter() - start < 10


def test_protection() -> None:
    """The greatest number that any touched path asks for, and which paths they are."""
    policy = load("""\
version: 1
review: {approvals: 2}
protected-paths:
  - {paths: [".github/**", "**/AGENTS.md"], approvals: 3}
  - {paths: ["docs/**"], approvals: 1}
""")
    assert protection(policy, ["src/a.py"]).approvals == 2
    hit = protection(policy, ["docs/a.md", "src/AGENTS.md", "src/a.py"])
    assert (hit.approvals, hit.paths) == (3, ("docs/a.md", "src/AGENTS.md"))
    assert protection(DEFAULT, [".github/x"]).approvals == 1


@pytest.mark.parametrize(
    ("hold", "path", "held"),
    [
        pytest.param("[]", ".github/workflows/ci.yml", False, id="nothing is held by default"),
        pytest.param("[everything]", "README.md", True, id="everything"),
        pytest.param("[workflow-changes]", ".github/workflows/ci.yml", True, id="workflow"),
        pytest.param("[workflow-changes]", ".GitHub/Workflows/ci.yml", True, id="workflow in other case"),
        pytest.param("[workflow-changes]", "src/a.py", False, id="no workflow"),
        pytest.param("[new-dependencies]", "sub/pyproject.toml", True, id="manifest"),
        pytest.param("[new-dependencies]", "requirements-dev.txt", True, id="requirements"),
        pytest.param("[new-dependencies]", "src/a.py", False, id="no manifest"),
        pytest.param("[new-hosts]", "package.json", True, id="hosts come with manifests"),
    ],
)
def test_held_by(hold: str, path: str, *, held: bool) -> None:
    """By the paths alone, before anything is executed."""
    assert bool(held_by(load(f"version: 1\nhold: {hold}\n"), [path])) is held
