"""What trees of many shapes say that their tests need. Nothing of a tree is executed."""

from pathlib import Path

import pytest

from runner.environment.tree import Tree
from runner.languages.python.needs import find_needs

GROUPS = """
[project]
name = "My_Lib"
dependencies = ["click>=8"]
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[dependency-groups]
tests = ["pytest>=8", {include-group = "typing"}]
typing = ["mypy", {include-group = "tests"}]
docs = ["sphinx"]
"""
EXTRAS = """
[project]
name = "lib"
[project.optional-dependencies]
test = ["pytest", "lib[socks]"]
socks = ["pysocks"]
dev = ["tox"]
"""
POETRY = """
[tool.poetry]
name = "lib"
[tool.poetry.dependencies]
python = "^3.9"
click = "^8.1"
[tool.poetry.group.test.dependencies]
pytest = "^8"
freezegun = {version = "*", optional = true}
local = {path = "../local"}
"""
SETUP = """
import os
raise SystemExit("this file must not be run")
tests = ["pytest", "mock"]
from setuptools import setup
setup(name="lib", install_requires=["six>=1"], extras_require={"test": tests}, tests_require=["nose"], version=os.name)
"""
SETUP_CFG = """
[metadata]
name = lib
[options]
install_requires =
    six
[options.extras_require]
test =
    mock
"""
SOCKS = """
[project.optional-dependencies]
socks = ["pysocks"]
"""
TOX = """
[base]
deps =
    attrs
[testenv]
deps =
    {[base]deps}
    -r {toxinidir}/requirements/tests.txt
    py311: here
    py39: elsewhere
    coverage: coverage
    {env:WHATEVER}
extras = socks
dependency_groups = tests
"""
NOX = """
import nox
@nox.session(python=["3.11"])
def tests(session):
    session.install("pytest", "-r", "requirements/tests.txt", "-e", ".[socks]", *EXTRA)
    session.install("--group", "tests")
@nox.session
def lint(session):
    session.install("flake8")
"""


def write(folder: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(folder)


@pytest.mark.parametrize(
    ("files", "wanted", "unwanted"),
    [
        pytest.param({"pyproject.toml": GROUPS}, {"click>=8", "pytest>=8", "mypy"}, {"sphinx"}, id="dependency-groups"),
        pytest.param({"pyproject.toml": EXTRAS}, {"pytest", "pysocks"}, {"tox", "lib[socks]"}, id="extras"),
        pytest.param(
            {"pyproject.toml": POETRY}, {"click<9,>=8.1", "pytest<9,>=8", "freezegun"}, {"python", "local"}, id="poetry"
        ),
        pytest.param({"setup.py": SETUP}, {"six>=1", "pytest", "mock", "nose"}, set(), id="setup.py-not-run"),
        pytest.param(
            {"setup.cfg": SETUP_CFG},
            {"six", "mock"}, set(), id="setup.cfg",
        ),
        pytest.param(
            {"tox.ini": TOX, "requirements/tests.txt": "frozen==1\n", "pyproject.toml": GROUPS + SOCKS},
            {"attrs", "frozen==1", "here", "pysocks", "pytest>=8"}, {"elsewhere", "coverage"}, id="tox",
        ),
        pytest.param(
            {"noxfile.py": NOX, "requirements/tests.txt": "frozen==1\n", "pyproject.toml": EXTRAS},
            {"pytest", "frozen==1", "pysocks"}, {"flake8"}, id="nox",
        ),
        pytest.param({"requirements-test.txt": "a\n", "dev-requirements.txt": "b\n"}, {"a"}, {"b"}, id="test-first"),
        pytest.param({"requirements-dev.txt": "b\n"}, {"b"}, set(), id="dev-where-there-is-no-test"),
        pytest.param({"requirements/test.in": "a\n", "requirements/test.txt": "a==1\n"}, {"a==1"}, {"a"}, id="pinned"),
        pytest.param({"requirements.txt": "flask\n", "app.py": ""}, {"flask"}, set(), id="an-application"),
        pytest.param(
            {"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--cov=lib -n auto"\nasyncio_mode = "auto"\n'},
            {"pytest-cov", "pytest-xdist", "pytest-asyncio"}, set(), id="plug-ins-of-options",
        ),
        pytest.param(
            {"pytest.ini": "[pytest]\ntimeout = 3\nrequired_plugins = pytest-mock>=3 pytest-sugar\n"},
            {"pytest-timeout", "pytest-mock>=3", "pytest-sugar"}, set(), id="plug-ins-of-settings",
        ),
        pytest.param({"pyproject.toml": "not [ toml"}, {"pytest"}, set(), id="a-broken-file-is-noted"),
    ],
)  # fmt: skip
def test_needs(tmp_path: Path, files: dict[str, str], wanted: set[str], unwanted: set[str]) -> None:
    found = find_needs(write(tmp_path, files))
    requirements = set(found.tiers()[0][0])
    assert wanted <= requirements
    assert not unwanted & requirements


def test_what_cannot_be_used_is_noted(tmp_path: Path) -> None:
    found = find_needs(write(tmp_path, {"pyproject.toml": "not [ toml", "tox.ini": TOX, "setup.py": "def"}))
    said = "\n".join(found.notes)
    assert "pyproject.toml cannot be parsed" in said
    assert "setup.py cannot be parsed" in said
    assert "{env:WHATEVER}" in said


def test_tiers_drop_the_least_telling_place_first_and_end_with_pytest_alone(tmp_path: Path) -> None:
    files = {"pyproject.toml": EXTRAS, "requirements-test.txt": "extra-one\n"}
    tiers = [set(requirements) for requirements, _ in find_needs(write(tmp_path, files)).tiers()]
    assert tiers == [{"pytest", "pysocks", "extra-one"}, {"pytest", "pysocks"}, {"pytest"}]


def test_metadata_replaces_what_could_only_be_guessed(tmp_path: Path) -> None:
    found = find_needs(write(tmp_path, {"pyproject.toml": EXTRAS}))
    better = found.with_metadata(("real>=1",), {"test": ("pytest", "realtest")})
    assert {"real>=1", "realtest"} <= set(better.tiers()[0][0])


def test_the_build_system_is_read(tmp_path: Path) -> None:
    build = find_needs(write(tmp_path, {"pyproject.toml": GROUPS})).build
    assert (build.backend, build.requires, build.declared) == ("hatchling.build", ("hatchling",), True)


def test_a_tree_without_a_manifest_has_nothing_to_build(tmp_path: Path) -> None:
    assert not find_needs(write(tmp_path, {"app.py": ""})).build.declared


UV_LOCK = """
[[package]]
name = "pytest"
version = "8.3.3"
source = { registry = "https://index.invalid/simple" }
[[package]]
name = "numpy"
version = "1.0"
[[package]]
name = "numpy"
version = "2.0"
[[package]]
name = "lib"
version = "1"
source = { editable = "." }
"""


def test_a_lock_file_bounds_the_first_try_only(tmp_path: Path) -> None:
    first, second, *_ = find_needs(write(tmp_path, {"pyproject.toml": EXTRAS, "uv.lock": UV_LOCK})).tiers()
    assert first[1] == ("pytest==8.3.3",)
    assert second == (first[0], ())
