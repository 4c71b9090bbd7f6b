"""What a patch declares as its needs must stay a list of needs: installers' files of them hold options as well."""

import json
import textwrap
from pathlib import Path

import pytest

from runner.languages.python.install import InstallTrouble, _lines
from tests.judged import Files, Judge

BACKEND = """
    def get_requires_for_build_wheel(config_settings=None):
        return {wanted!r}

    def build_wheel(directory, config_settings=None, metadata_directory=None):
        raise SystemExit("nothing to build")
"""
INJECTED = (
    pytest.param("--no-binary=:all:", id="an option"),
    pytest.param("-r /etc/passwd", id="another file"),
    pytest.param("-e .", id="an editable folder"),
    pytest.param("./evil", id="a folder"),
    pytest.param("evil @ https://example.invalid/evil.tar.gz", id="an address"),
    pytest.param("evil @ https://example.invalid/x\n--no-binary=:all:", id="an option behind an address"),
    pytest.param("evil>=1\n--no-binary=:all:", id="an option on a line of its own"),
    pytest.param("evil>=1\r--no-binary=:all:", id="a carriage return"),
    pytest.param("", id="nothing"),
)


@pytest.mark.parametrize("entry", INJECTED)
def test_only_plain_requirements_reach_the_installer(entry: str) -> None:
    with pytest.raises(InstallTrouble) as refused:
        _lines(("pytest>=8", entry))
    assert not refused.value.outage
    assert not refused.value.wheels


def test_words_of_an_outage_in_a_requirement_are_no_outage() -> None:
    with pytest.raises(InstallTrouble) as refused:
        _lines(("--timed-out connection refused",))
    assert not refused.value.outage


def test_plain_requirements_go_through_sorted_and_once() -> None:
    assert _lines(("b[x]>=1 ; python_version > '3'", "a", "a")) == "a\nb[x]>=1 ; python_version > '3'"


@pytest.mark.registry
@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        pytest.param(["--no-binary=iniconfig", "iniconfig"], [], id="in build-system.requires"),
        pytest.param([], ["iniconfig @ https://example.invalid/x\n--no-binary=:all:"], id="by its own build back-end"),
    ],
)
def test_a_patch_cannot_have_code_built_where_wheels_are_shared(
    judge: Judge, declared: list[str], asked: list[str]
) -> None:
    base: Files = {"lib.py": "", "test_lib.py": "def test_a():\n    pass\n"}
    build = f'[build-system]\nrequires = {json.dumps(declared)}\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    backend = textwrap.dedent(BACKEND.format(wanted=asked))
    prepared = judge.prepare(judge.request(base, {**base, "pyproject.toml": build, "backend.py": backend}))
    assert any("is not a requirement from the package index" in note for note in prepared.head.notes)
    assert not prepared.head.build_env
    assert Path(prepared.head.env).is_dir()
