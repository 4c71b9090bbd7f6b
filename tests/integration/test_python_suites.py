"""Python changes of many shapes judged for real, in bubblewrap, with packages from the index."""

import dataclasses
import threading
from pathlib import Path

import pytest

from runner.environment.settings import EnvironmentSettings
from runner.errors import Cancelled, EnvironmentFault
from runner.evidence import TestRun, TestStatus
from runner.progress import StepState
from runner.sandbox import Limits
from runner.testing import NoTests, Prepared
from tests.judged import Files, Judge

pytestmark = pytest.mark.registry

PYPROJECT = """
[project]
name = "lib"
version = "1.2.3"
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
"""
PASSES = "def test_passes():\n    pass\n"
UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"
METADATA = "from importlib.metadata import version\ndef test_a():\n    assert version('lib') == '1.2.3'\n"
RUNS_TOOL = """
import subprocess
def test_a():
    assert subprocess.check_output(["lib-tool"]) == b"hello\\n"
"""
SETUP = """
from setuptools import setup, Extension
setup(ext_modules=[Extension("lib._fast", ["src/lib/_fast.c"])])
"""
EXTENSION = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_fast", 0, -1, 0};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&definition); }
"""
NEEDS_SIX = """
[dependency-groups]
test = ["python-dateutil"]
"""
FORGES = """
with open("/mergelock/report/report.jsonl", "a") as file:
    file.write('{"kind": "end", "exit": 0}\\n')
"""
LIB: Files = {
    "pyproject.toml": PYPROJECT,
    "src/lib/__init__.py": "def double(x):\n    return x + x\n",
    "tests/test_lib.py": "import lib\n\ndef test_double():\n    assert lib.double(2) == 4\n",
}


def head_of(judge: Judge, head: Files, base: Files | None = None) -> TestRun:
    """The head's run of a change; the base is the same unless it is given."""
    run = judge.judge(head if base is None else base, head).run("head")
    assert run is not None
    return run


def statuses(run: TestRun) -> dict[str, TestStatus]:
    return {outcome.id: outcome.status for outcome in run.outcomes}


def test_a_new_function_with_its_test(judge: Judge) -> None:
    head = {
        **LIB,
        "src/lib/__init__.py": LIB["src/lib/__init__.py"] + "\ndef half(x):\n    return x / 2\n",
        "tests/test_lib.py": LIB["tests/test_lib.py"] + "\ndef test_half():\n    assert lib.half(2) == 1\n",
    }
    evidence = judge.judge(LIB, head)
    assert evidence.fail_to_pass == ("tests.test_lib::test_half",)
    assert evidence.pass_to_pass == ("tests.test_lib::test_double",)
    assert [run.name for run in evidence.runs] == ["base", "head", "base-with-head-tests"]
    assert all(run.complete for run in evidence.runs)
    outcome = next(o for o in evidence.runs[1].outcomes if o.id.endswith("test_half"))
    assert (outcome.file, outcome.line) == ("tests/test_lib.py", 6)
    assert judge.log.ended["tests:head"][1] is StepState.DONE


def test_a_regression(judge: Judge) -> None:
    evidence = judge.judge(LIB, {**LIB, "src/lib/__init__.py": "def double(x):\n    return x * 3\n"})
    assert evidence.pass_to_fail == ("tests.test_lib::test_double",)
    assert judge.log.ended["tests:head"][1] is StepState.FAILED
    assert "tests:base-with-head-tests" not in judge.log.steps


def test_the_base_s_run_is_kept(judge: Judge) -> None:
    head = {**LIB, "README": "new"}
    judge.judge(LIB, head)
    evidence = judge.judge(LIB, head)
    assert "known from before" in judge.log.ended["tests:base"][0]
    assert evidence.pass_to_pass == ("tests.test_lib::test_double",)


def test_a_test_that_only_fails_the_first_time_is_flaky(judge: Judge) -> None:
    tests = """
import builtins
def test_first():
    builtins.seen = True
def test_order_dependent():
    assert not hasattr(builtins, "seen")
"""
    evidence = judge.judge(LIB, {**LIB, "tests/test_flaky.py": tests})
    assert evidence.flaky == ("tests.test_flaky::test_order_dependent",)
    assert evidence.new_failing == ()


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        pytest.param({"pyproject.toml": PYPROJECT, "lib.py": "X = 1\n", "test_lib.py": "import lib\n" + PASSES},
                     {"test_lib::test_passes"}, id="one-module"),
        pytest.param(
            {"pyproject.toml": PYPROJECT, "lib/__init__.py": "", "lib/tests/test_a.py": "import lib\n" + PASSES},
            {"lib.tests.test_a::test_passes"}, id="tests-in-the-package",
        ),
        pytest.param(
            {"lib/__init__.py": "", "tests/test_a.py": "import lib\n" + PASSES, "requirements.txt": ""},
            {"tests.test_a::test_passes"}, id="nothing-to-build",
        ),
        pytest.param(
            {**LIB, "tests/test_lib.py": UNITTEST},
            {"tests.test_lib.T::test_a"}, id="unittest",
        ),
        pytest.param(
            {"lib.py": "", "tests/testlib.py": PASSES, "pyproject.toml": PYPROJECT},
            {"tests.testlib::test_passes"}, id="unusual-names",
        ),
        pytest.param(
            {**LIB, "pytest.ini": "[pytest]\naddopts = -x -n 2 --cov=lib --cov-fail-under=100 --strict-markers\n"},
            {"tests.test_lib::test_double"}, id="options-of-plug-ins",
        ),
        pytest.param(
            {**LIB, "tests/test_lib.py": METADATA},
            {"tests.test_lib::test_a"}, id="metadata",
        ),
        pytest.param(
            {**LIB, "pyproject.toml": PYPROJECT + '[project.scripts]\nlib-tool = "lib:main"\n',
             "src/lib/__init__.py": "def main():\n    print('hello')\n",
             "tests/test_lib.py": RUNS_TOOL},
            {"tests.test_lib::test_a"}, id="a-program-of-the-project",
        ),
        pytest.param(
            {"pyproject.toml": PYPROJECT, "setup.py": SETUP,
             "src/lib/__init__.py": "",
             "src/lib/_fast.c": EXTENSION,
             "tests/test_lib.py": "from lib import _fast\n" + PASSES},
            {"tests.test_lib::test_passes"}, id="a-compiled-extension",
        ),
        pytest.param(
            {"pyproject.toml": PYPROJECT.replace('"lib"', '"six"') + NEEDS_SIX,
             "src/six.py": "OURS = 1\n",
             "tests/test_lib.py": "import dateutil, six\ndef test_a():\n    assert six.OURS\n"},
            {"tests.test_lib::test_a"}, id="a-package-that-another-needs",
        ),
    ],
)  # fmt: skip
def test_shapes(judge: Judge, files: Files, wanted: set[str]) -> None:
    run = head_of(judge, files)
    assert run.complete, run.trouble
    assert statuses(run) == dict.fromkeys(wanted, TestStatus.PASSED)


def test_a_build_that_fails_leaves_the_source_on_the_path_and_says_so(judge: Judge) -> None:
    files = {**LIB, "setup.py": "raise RuntimeError('no build today')\n"}
    run = head_of(judge, files)
    assert statuses(run) == {"tests.test_lib::test_double": TestStatus.PASSED}
    assert any("no build today" in note for note in run.notes)


def test_a_file_that_cannot_be_collected_fails_its_tests_and_no_others(judge: Judge) -> None:
    base = {**LIB, "tests/test_more.py": PASSES}
    head = {**LIB, "tests/test_more.py": "import missing_module\n" + PASSES}
    evidence = judge.judge(base, head)
    assert evidence.pass_to_fail == ("tests.test_more::test_passes",)
    assert evidence.pass_to_pass == ("tests.test_lib::test_double",)
    assert evidence.runs[1].uncollectable == ("tests/test_more.py",)


def test_a_conftest_that_needs_the_change_proves_it(judge: Judge) -> None:
    head = {
        **LIB,
        "src/lib/__init__.py": LIB["src/lib/__init__.py"] + "NEW = 1\n",
        "tests/conftest.py": "from lib import NEW\n",
    }
    evidence = judge.judge(LIB, head)
    assert evidence.fail_to_pass == ("tests.test_lib::test_double",)
    assert evidence.runs[2].uncollectable == ("tests/conftest.py",)


def test_a_suite_of_an_older_day_gets_an_older_pytest(judge: Judge) -> None:
    base = {**LIB, "conftest.py": "def pytest_ignore_collect(path, config):\n    return None\n"}
    run = head_of(judge, {**base, "README": "new"}, base)
    assert statuses(run) == {"tests.test_lib::test_double": TestStatus.PASSED}, run.trouble
    assert any("pytest<9" in note for note in run.notes)


HOSTILE = {
    "exits-in-a-test": ("tests/test_lib.py", "import os\ndef test_a():\n    os._exit(0)\n"),
    "exits-while-collecting": ("tests/test_lib.py", "import os\nos._exit(0)\n"),
    "exits-in-conftest": ("conftest.py", "import os\nos._exit(0)\n"),
    "changes-the-exit-status": (
        "conftest.py",
        "import atexit, os\natexit.register(lambda: os._exit(0))\n",
    ),
    "closes-every-descriptor": ("tests/test_lib.py", "import os\ndef test_a():\n    os.closerange(3, 256)\n"),
    "writes-a-report": (
        "conftest.py",
        FORGES,
    ),
}


@pytest.mark.parametrize(("file", "text"), [pytest.param(*value, id=key) for key, value in HOSTILE.items()])
def test_a_run_that_is_cut_short_or_tampered_with_is_not_complete(judge: Judge, file: str, text: str) -> None:
    head = {**LIB, "tests/test_fails.py": "def test_fails():\n    assert False\n", file: text}
    evidence = judge.judge(LIB, head)
    run = evidence.run("head")
    assert run is not None
    assert not run.complete
    assert run.trouble
    assert evidence.pass_to_pass == ()
    assert judge.log.ended["tests:head"][1] is StepState.TROUBLE


def test_tests_have_no_network_and_see_no_index(judge: Judge) -> None:
    tests = """
import os, socket, pytest
def test_network():
    with pytest.raises(OSError):
        socket.create_connection(("198.51.100.1", 80), timeout=2)
def test_variables():
    assert not [name for name in os.environ if "PROXY" in name.upper() or "INDEX" in name.upper()]
def test_reporter_is_out_of_sight():
    assert not [name for name in os.environ if name.startswith("MERGELOCK_")]
@pytest.mark.parametrize("path", ["/mergelock/env/x", "/mergelock/judge/x", "/mergelock/project/x"])
def test_ours_is_read_only(path):
    with pytest.raises(OSError):
        open(path, "w")
"""
    run = head_of(judge, {**LIB, "tests/test_lib.py": tests})
    assert set(statuses(run).values()) == {TestStatus.PASSED}, run.outcomes


def test_tests_that_never_end_are_stopped(judge: Judge) -> None:
    judge.settings = EnvironmentSettings(limits=dataclasses.replace(Limits(), time=8.0))
    run = head_of(judge, {**LIB, "tests/test_lib.py": "import time\ndef test_a():\n    time.sleep(600)\n"}, LIB)
    assert not run.complete
    assert "environment.limits.time" in run.trouble


def test_no_tests_at_all(judge: Judge) -> None:
    with pytest.raises(NoTests, match=r"environment\.test"):
        judge.judge({"lib.py": ""}, {"lib.py": "x = 1\n"})


def test_a_tree_without_python(judge: Judge) -> None:
    with pytest.raises(NoTests):
        judge.prepare(judge.request({"README": ""}, {"README": "x"}))


def test_what_the_head_declares_and_nobody_has_is_the_change_s_fault(judge: Judge) -> None:
    wrong = LIB["pyproject.toml"].replace(
        'version = "1.2.3"', 'version = "1.2.3"\ndependencies = ["mergelock-no-such-package==99"]'
    )
    with pytest.raises(EnvironmentFault) as found:
        judge.prepare(judge.request(LIB, {**LIB, "pyproject.toml": wrong}))
    assert found.value.by_change
    assert "mergelock-no-such-package" in found.value.log
    with pytest.raises(EnvironmentFault) as found:
        judge.prepare(judge.request({**LIB, "pyproject.toml": wrong}, {**LIB, "pyproject.toml": wrong}))
    assert not found.value.by_change


def test_the_policy_s_own_commands(judge: Judge) -> None:
    judge.settings = EnvironmentSettings(
        install=("pip", "install", "--no-deps", "-e", "."), test=("python", "-m", "pytest", "tests")
    )
    run = head_of(judge, {**LIB, "other/test_not_asked_for.py": PASSES})
    assert run.complete, run.trouble
    assert statuses(run) == {"tests.test_lib::test_double": TestStatus.PASSED}


def test_a_run_is_called_off(judge: Judge, tmp_path: Path) -> None:
    request = judge.request(LIB, {**LIB, "tests/test_lib.py": "import time\ndef test_a():\n    time.sleep(600)\n"})
    prepared = Prepared.from_json(judge.prepare(request).to_json())
    cancel = threading.Event()
    timer = threading.Timer(2, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        judge.run(request, prepared, cancel)
    timer.join()


def test_an_environment_that_was_thrown_away_is_said_to_be_gone(judge: Judge) -> None:
    request = judge.request(LIB, LIB)
    prepared = judge.prepare(request)
    lost = dataclasses.replace(prepared, head=dataclasses.replace(prepared.head, env="/nowhere"))
    with pytest.raises(EnvironmentFault, match="prepare it again"):
        judge.run(request, lost)
