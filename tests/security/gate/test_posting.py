"""What is on GitHub counts, not what we remember of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.gate.check_run import REQUIRED, CheckRunPayload, Conclusion, Status
from app.github.client import App
from app.pipeline.lease import Lease
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.posting import post
from app.pipeline.steps.work import GateWork
from app.pipeline.work import Trouble
from app.store import Store, runs, schema, workers
from app.store.runs import NewRun, Run
from runner.sandbox import Sandbox
from tests.github.fixtures import Project

WORKER = "worker-of-the-test"


@dataclass(frozen=True)
class Poster:
    """Posts check runs of one run, as a worker would."""

    parts: Parts
    run: Run
    lease: Lease

    def post(self, conclusion: Conclusion) -> None:
        post(self.parts, self.run, self.lease, [self.payload(conclusion)])

    def payload(self, conclusion: Conclusion) -> CheckRunPayload:
        return CheckRunPayload(
            REQUIRED, self.run.head, f"{self.run.key}:required", Status.COMPLETED, conclusion, str(conclusion), "Words."
        )


@pytest.fixture
def poster(project: Project, app: App, bubblewrap_sandbox: Sandbox, tmp_path: Path) -> Iterator[Poster]:
    store = Store.open(f"sqlite:///{tmp_path / 'mergelock.db'}", pool_size=2)
    schema.upgrade(store.engine)
    new = NewRun(
        key="k" * 64,
        repository=project.name,
        number=project.number,
        head=project.head,
        installation=project.installation.number,
        base=project.base,
        base_ref="main",
    )
    with store.writing() as connection:
        workers.register(connection, WORKER, pid=1, host="here", version="1")
        run, _ = runs.create(connection, new)
    parts = Parts(
        app, store, bubblewrap_sandbox, tmp_path, "http://127.0.0.1:1", None, "1", lambda run: f"http://x/{run}"
    )
    yield Poster(parts, run, Lease(store, WORKER, "", None))
    store.close()


def newest(project: Project) -> str | None:
    return project.github.people.check_runs(project.name, project.head, REQUIRED)[-1].conclusion


def test_a_green_check_that_was_posted_behind_our_back_does_not_stay(poster: Poster, project: Project) -> None:
    poster.post(Conclusion.ACTION_REQUIRED)
    # Another execution's green one, which came to GitHub later and was noted earlier.
    project.installation.publish(project.name, poster.payload(Conclusion.SUCCESS))
    assert newest(project) == "success"
    poster.post(Conclusion.ACTION_REQUIRED)
    assert newest(project) == "action_required"


def test_what_github_shows_already_is_not_posted_again(poster: Poster, project: Project) -> None:
    for _ in range(3):
        poster.post(Conclusion.ACTION_REQUIRED)
    (run,) = project.github.people.check_runs(project.name, project.head, REQUIRED)
    assert len(run.posts) == 1


def test_a_green_check_does_not_outlive_a_decision_that_cannot_be_made(poster: Poster, project: Project) -> None:
    store = poster.parts.store
    with store.writing() as connection:
        runs.finish(connection, poster.run.id, verdict="passed", reasons=[], result={}, basis={"cannot": "be read"})
        judged = runs.get(connection, poster.run.id)
    assert judged is not None
    poster.post(Conclusion.SUCCESS)
    GateWork(poster.parts).gave_up(judged, Trouble("decide", "it could not be decided", 3, None), poster.lease)
    assert newest(project) == "action_required"


def test_an_older_run_s_trouble_says_nothing_over_a_newer_one(poster: Poster, project: Project) -> None:
    with poster.parts.store.writing() as connection:
        runs.create(connection, NewRun(key="n", repository=project.name, number=project.number, head=project.head))
    poster.post(Conclusion.FAILURE)
    GateWork(poster.parts).gave_up(poster.run, Trouble("fetch", "an outage", 8, None), poster.lease)
    assert newest(project) == "failure"
