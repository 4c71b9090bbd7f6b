"""Consecutive releases of real libraries: what was measured bare comes out here too, and what is more is explained."""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from runner.environment.tree import Tree
from runner.evidence import TestStatus
from runner.testing import TestRequest
from tests.judged import Judge

pytestmark = [pytest.mark.registry, pytest.mark.slow]
CASES = Path(__file__).parents[3] / "shared/cases"
NAMES = [
    case["name"]
    for case in (tomllib.loads((CASES / "cases.toml").read_text())["case"] if (CASES / "cases.toml").is_file() else ())
]


def unpack(judge: Judge, package: str, version: str) -> Path:
    """One source release as a tree, without what the packaging of it added."""
    archives, tree = judge.scratch / f"{version}-archive", judge.scratch / version
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(archives)]
    subprocess.run([*download, f"{package}=={version}"], check=True, capture_output=True)
    tree.mkdir()
    archive = next(archives.glob("*.tar.gz"))
    subprocess.run(["tar", "-xzf", archive, "-C", tree, "--strip-components=1", "--no-same-owner"], check=True)
    (tree / "PKG-INFO").unlink(missing_ok=True)
    return tree


def request_of(judge: Judge, case: dict[str, Any]) -> TestRequest:
    """The case's two releases, and the paths whose content is not the same in both."""
    base, head = (unpack(judge, case["package"], case[name]) for name in ("base", "head"))
    contents = [{path: Tree(tree).read_bytes(path, 2**30) for path in Tree(tree).files()} for tree in (base, head)]
    paths = contents[0].keys() | contents[1].keys()
    changed = tuple(sorted(path for path in paths if contents[0].get(path) != contents[1].get(path)))
    commits = [hashlib.sha256(f"{case['package']} {case[name]}".encode()).hexdigest()[:40] for name in ("base", "head")]
    return TestRequest(base, head, changed, commits[0], commits[1], judge.settings)


def below(test: str, folders: list[str]) -> bool:
    return any(test.startswith(folder.replace("/", ".") + ".") for folder in folders)


@pytest.mark.skipif(not NAMES, reason="the recorded cases are not laid out beside this checkout")
@pytest.mark.parametrize("name", NAMES)
def test_what_was_recorded_comes_out(judge: Judge, name: str) -> None:
    case = next(c for c in tomllib.loads((CASES / "cases.toml").read_text())["case"] if c["name"] == name)
    request = request_of(judge, case)
    evidence = judge.run(request, judge.prepare(request))
    base, head = evidence.run("base"), evidence.run("head")
    assert base is not None
    assert head is not None
    assert all(run.complete for run in evidence.runs), [run.trouble for run in evidence.runs]

    # The bare figures are of the folders of tests named in the case; whole suites may hold more beside them.
    recorded = [o for o in head.outcomes if below(o.id, case["tests"])]
    assert len(recorded) == case["total_head"]
    assert len([o for o in base.outcomes if below(o.id, case["tests"])]) == case["total_base"]

    # Bare, nothing was built: what was skipped or failed for want of it may pass here, never the other way round.
    assert len(evidence.pass_to_pass) >= case["pass_to_pass"]
    assert set(case["fail_to_pass"]) <= set(evidence.fail_to_pass)
    assert len(evidence.fail_to_pass) >= case["fail_to_pass_count"]
    failing = {o.id for o in head.outcomes if o.status in {TestStatus.FAILED, TestStatus.ERROR}}
    assert failing <= set(case["failing_on_head"])

    extra = set(evidence.fail_to_pass) - set(case["fail_to_pass"]) if case["fail_to_pass"] else set[str]()
    explained = {o.id for o in head.outcomes if "_speedups" in o.id or "test_ext_init" in o.id}
    assert extra <= explained
