"""A worker of the real gate killed with `kill -9` at each step and in the middle of a test run: what GitHub saw.

However often it is killed, one head gets one verdict, and no check run is posted twice beside itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.servers import running
from tests.e2e.conftest import Town

pytestmark = [pytest.mark.slow, pytest.mark.registry, pytest.mark.xdist_group("e2e-kill")]

FIX = {
    "arith/__init__.py": "def add(a, b):\n    return a + b\n",
    # Long enough to be met in the middle of its run.
    "tests/test_add_more.py": """
        import time

        from arith import add

        def test_add_two():
            time.sleep(2)
            assert add(2, 2) == 4
    """,
}
POINTS = ("recognise", "fetch", "change", "environment", "tests:base", "tests:head", "checks:semgrep", "conclude")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A gate of its own, for its worker is killed."""
    folder: Path = tmp_path_factory.mktemp("kill")
    with running(folder, "bubblewrap") as servers:
        yield Town(servers, folder / "people")


@pytest.mark.parametrize("when", ["begun", "ended"])
@pytest.mark.parametrize("step", POINTS)
def test_one_verdict_whenever_the_worker_is_killed(town: Town, step: str, when: str) -> None:
    name = f"kill-{step.replace(':', '-')}-{when}"
    pull = town.pull(town.repository(name), FIX)
    town.await_running(pull, step, ended=when == "ended")
    town.servers.processes.kill("worker")
    before = town.posts(pull)
    town.servers.processes.start("worker")
    town.await_check(pull, "action_required", "review")
    runs = town.github.do("check_runs", full_name=pull.repository, head=pull.head, name="mergelock")
    assert len({run["external_id"] for run in runs}) == len(runs) == 1, "one check run, however often it was posted"
    conclusions = [post.get("conclusion") for post in runs[0]["posts"] if post.get("conclusion")]
    assert set(conclusions) == {"action_required"}, f"posted before the kill: {before}"
    town.label(pull, "maintainer")
    town.await_check(pull, "success", "maintainer")
