"""The other forms in which the gate can be run: in one process, on PostgreSQL with two workers, in Docker."""

import time
from pathlib import Path

import pytest

from app.demo.servers import running
from runner.sandbox import Sandbox
from tests.e2e.conftest import FIX, Town
from tests.processes import Process, descendants
from tests.serving import answers
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.registry]

LINGERING = FIX | {
    # Long enough to be met in the middle of its run.
    "tests/test_add_late.py": """
        import time

        from arith import add

        def test_add_late():
            time.sleep(3)
            assert add(2, 2) == 4
    """
}


def processes_below(town: Town, name: str) -> set[Process]:
    """What a process of the gate has started."""
    return descendants(town.servers.processes.pid(name))


def one_verdict(town: Town, full_name: str, files: dict[str, str]) -> None:
    """An agent's pull request waits for a person, who lets it in."""
    pull = town.pull(town.repository(full_name), files)
    town.await_check(pull, "action_required", "review")
    town.label(pull, "maintainer")
    town.await_check(pull, "success", "maintainer")
    assert town.state(pull)["gate_open"]


@pytest.mark.xdist_group("e2e-embedded")
def test_all_in_one_process_ends_soon_leaves_nothing_and_goes_on_later(tmp_path: Path) -> None:
    with running(tmp_path, "bubblewrap", workers=0) as servers:
        town = Town(servers, tmp_path / "people")
        one_verdict(town, "one", FIX)
        pull = town.pull(town.repository("unfinished"), LINGERING)
        town.await_running(pull, "tests:head")
        below = until(lambda: processes_below(town, "serve"), what="there are processes")
        port = int(servers.page.rpartition(":")[2])
        began = time.monotonic()
        assert servers.processes.stop("serve") == 0
        assert time.monotonic() - began < 10
        until(lambda: not [process.command for process in below if process.alive], seconds=2, what="all are gone")
        assert not answers(port)
        servers.processes.start("serve")
        town.await_check(pull, "action_required", "review")
        assert {post.get("conclusion") for post in town.posts(pull)} == {None, "action_required"}


@pytest.mark.postgres
@pytest.mark.xdist_group("e2e-postgres")
def test_of_two_workers_one_takes_over_what_the_other_left(tmp_path: Path, postgres_url: str) -> None:
    with running(tmp_path, "bubblewrap", database=postgres_url, workers=2) as servers:
        town = Town(servers, tmp_path / "people")
        one_verdict(town, "one", FIX)
        names = ("worker", "worker-2")
        idle = {name: processes_below(town, name) for name in names}
        pull = town.pull(town.repository("killed"), LINGERING)
        town.await_running(pull, "tests:head")
        judging = until(
            lambda: [name for name in names if processes_below(town, name) - idle[name]], what="a worker judges"
        )
        assert len(judging) == 1, "one run is judged by one worker"
        below = processes_below(town, judging[0])
        servers.processes.kill(judging[0])
        until(lambda: not any(process.alive for process in below), seconds=5, what="its sandboxes died with it")
        town.await_check(pull, "action_required", "review")
        posted = town.github.do("check_runs", full_name=pull.repository, head=pull.head, name="mergelock")
        assert len(posted) == 1
        ended = [post["conclusion"] for post in posted[0]["posts"] if post.get("conclusion")]
        assert ended == ["action_required"]


@pytest.mark.docker
@pytest.mark.xdist_group("e2e-docker")
def test_in_docker(tmp_path: Path, docker_sandbox: Sandbox) -> None:
    with running(tmp_path, "docker") as servers:
        one_verdict(Town(servers, tmp_path / "people"), "one", FIX)
