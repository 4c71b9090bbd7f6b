"""Environments for real: made once, made again without a way out, and an index that is not there is nobody's change."""

from pathlib import Path

import pytest

from runner.errors import EnvironmentFault
from runner.progress import StepState
from tests.judged import Files, Judge

pytestmark = pytest.mark.registry

BUILD = '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
MODULES = '[tool.setuptools]\npy-modules = ["lib"]\n'
LIB: Files = {
    "pyproject.toml": '[project]\nname = "lib"\nversion = "1"\n' + BUILD + MODULES,
    "lib.py": "",
    "test_lib.py": "def test_a():\n    pass\n",
}


def test_what_was_made_once_needs_no_way_out(judge: Judge) -> None:
    first = judge.prepare(judge.request(LIB, {**LIB, "lib.py": "one = 1\n"}))
    second = judge.prepare(judge.request(LIB, {**LIB, "lib.py": "two = 2\n"}))
    assert second.reached == ()
    assert second.refused == ()
    assert second.head.env == first.head.env == first.base.env
    assert second.head.project != first.head.project


def test_what_one_commit_built_is_not_another_s(judge: Judge) -> None:
    writes = "from pathlib import Path\nPath('planted.py').write_text('')\nfrom setuptools import setup\nsetup()\n"
    prepared = judge.prepare(judge.request(LIB, {**LIB, "setup.py": writes}))
    assert (Path(prepared.head.workspace) / "planted.py").is_file()
    assert not (Path(prepared.base.workspace) / "planted.py").exists()
    env = Path(prepared.head.env)
    assert not list(env.rglob("planted.py"))


def test_a_build_cannot_write_where_others_read(judge: Judge) -> None:
    attacks = """
import os
from pathlib import Path
from setuptools import setup
for place in ("/mergelock/build/lib", "/mergelock/env", "/mergelock/cache", "/mergelock/builder"):
    try:
        Path(place, "planted").write_text("x")
    except OSError as refused:
        print(place, refused)
    else:
        raise SystemExit(f"{place} is writable")
setup()
"""
    prepared = judge.prepare(judge.request(LIB, {**LIB, "setup.py": attacks}))
    assert prepared.head.installed, prepared.head.notes


def test_a_link_left_by_a_build_is_not_followed(judge: Judge, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Name: secret\nRequires-Dist: secret\n")
    links = f"import os\nos.symlink({str(secret)!r}, '/mergelock/project/requires.json')\nraise SystemExit(1)\n"
    prepared = judge.prepare(judge.request(LIB, {**LIB, "setup.py": links}))
    assert not prepared.head.installed
    assert "secret" not in repr(prepared.head.packages)
    assert secret.read_text() == "Name: secret\nRequires-Dist: secret\n"


def test_an_index_that_is_not_there_is_not_the_change_s_fault(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(EnvironmentFault, match="could not be reached") as found:
        judge.prepare(judge.request(LIB, {**LIB, "lib.py": "x = 1\n"}))
    assert not found.value.by_change
    assert judge.log.ended["environment"][1] is StepState.TROUBLE
