"""Posting check runs to the stand-in, again and again."""

from datetime import UTC, datetime

import pytest

from app.gate.check_run import RERUN, Annotation, AnnotationLevel, CheckRunPayload, Conclusion, Status
from app.github.errors import Gone, PayloadRefused, Refused, Transient
from tests.github.faults import Fault
from tests.github.fixtures import Project
from tests.github.world import CheckRun


def payload(
    project: Project,
    conclusion: Conclusion | None = None,
    *,
    external_id: str = "key:mergelock",
    annotations: tuple[Annotation, ...] = (),
    head: str = "",
) -> CheckRunPayload:
    done = conclusion is not None
    return CheckRunPayload(
        name="mergelock",
        head_sha=head or project.head,
        external_id=external_id,
        status=Status.COMPLETED if done else Status.IN_PROGRESS,
        conclusion=conclusion,
        title="Failed" if conclusion is Conclusion.FAILURE else "Judging",
        summary="Two tests that passed fail now.",
        text="All of it",
        annotations=annotations,
        actions=(RERUN,),
        details_url="http://127.0.0.1:1/runs/1",
        started_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        completed_at=datetime(2026, 1, 2, 3, 5, tzinfo=UTC) if done else None,
    )


def annotations(count: int) -> tuple[Annotation, ...]:
    return tuple(
        Annotation("lib.py", n, n, AnnotationLevel.WARNING, "" if n % 2 else "Title", f"Remark {n}")
        for n in range(1, count + 1)
    )


def runs(project: Project) -> list[CheckRun]:
    return project.github.people.check_runs(project.name, project.head, "mergelock")


def test_first_post_creates_and_the_next_updates(project: Project) -> None:
    first = project.installation.publish(project.name, payload(project))
    second = project.installation.publish(project.name, payload(project, Conclusion.FAILURE))
    assert first == second
    (run,) = runs(project)
    assert (run.status, run.conclusion, run.title) == ("completed", "failure", "Failed")
    assert (run.external_id, run.details_url) == ("key:mergelock", "http://127.0.0.1:1/runs/1")
    assert (run.started, run.completed) == ("2026-01-02T03:04:05Z", "2026-01-02T03:05:00Z")
    assert [post["status"] for post in run.posts] == ["in_progress", "completed"]
    assert run.actions == [
        {"label": RERUN.label, "description": RERUN.description, "identifier": RERUN.identifier},
    ]


def test_posting_the_same_again_changes_nothing(project: Project) -> None:
    post = payload(project, Conclusion.FAILURE, annotations=annotations(120))
    for _ in range(3):
        project.installation.publish(project.name, post)
    (run,) = runs(project)
    assert [item["message"] for item in run.annotations] == [f"Remark {n}" for n in range(1, 121)]
    assert run.conclusion == "failure"


@pytest.mark.parametrize(
    ("count", "posts"),
    [
        pytest.param(0, [0], id="none"),
        pytest.param(50, [50], id="one full batch"),
        pytest.param(51, [50, 1], id="one over"),
        pytest.param(120, [50, 50, 20], id="several"),
    ],
)
def test_annotations_go_in_batches(project: Project, count: int, posts: list[int]) -> None:
    project.installation.publish(project.name, payload(project, Conclusion.FAILURE, annotations=annotations(count)))
    (run,) = runs(project)
    assert [len(post["output"].get("annotations", [])) for post in run.posts] == posts
    assert run.summary == "Two tests that passed fail now."
    assert run.conclusion == "failure"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_answer_that_was_lost_is_not_posted_twice(project: Project, method: str) -> None:
    post = payload(project, Conclusion.FAILURE, annotations=annotations(120))
    project.github.faults.add(Fault(kind="lost", path="/check-runs", method=method))
    with pytest.raises(Transient):
        project.installation.publish(project.name, post)
    project.installation.publish(project.name, post)
    (run,) = runs(project)
    assert len(run.annotations) == 120


def test_two_that_differ_stand_side_by_side(project: Project) -> None:
    first = project.installation.publish(project.name, payload(project, Conclusion.FAILURE, external_id="a"))
    second = project.installation.publish(project.name, payload(project, Conclusion.SUCCESS, external_id="b"))
    assert first != second
    assert [run.conclusion for run in runs(project)] == ["failure", "success"]


def test_completed_one_that_works_again_is_posted_anew(project: Project) -> None:
    first = project.installation.publish(project.name, payload(project, Conclusion.SUCCESS))
    second = project.installation.publish(project.name, payload(project))
    third = project.installation.publish(project.name, payload(project, Conclusion.FAILURE))
    assert first != second
    assert second == third
    assert [run.conclusion for run in runs(project)] == ["success", "failure"]


def test_one_that_is_not_the_newest_any_more_is_posted_anew(project: Project) -> None:
    for conclusion, external_id in ((Conclusion.FAILURE, "a"), (Conclusion.SUCCESS, "b"), (Conclusion.FAILURE, "a")):
        project.installation.publish(project.name, payload(project, conclusion, external_id=external_id))
    # GitHub counts the newest: bringing the first up to date would leave the green one on top.
    assert [(run.external_id, run.conclusion) for run in runs(project)][-1] == ("a", "failure")
    assert len(runs(project)) == 3


def test_check_runs_of_other_apps_are_not_touched(project: Project) -> None:
    project.installation.publish(project.name, payload(project, Conclusion.FAILURE))
    with project.github.world.lock:
        (foreign,) = project.github.world.check_runs.values()
        foreign.app = 77
    project.installation.publish(project.name, payload(project, Conclusion.SUCCESS))
    assert [(run.app == 77, run.conclusion) for run in runs(project)] == [(True, "failure"), (False, "success")]
    assert len(foreign.posts) == 1


def test_commit_that_is_gone_is_an_error(project: Project) -> None:
    with pytest.raises((Gone, Refused)):
        project.installation.publish(project.name, payload(project, Conclusion.SUCCESS, head="1" * 40))


def test_fork_heads_take_check_runs_too(project: Project) -> None:
    people = project.github.people
    fork = people.fork(project.name, "eve")
    head = project.source.commit({"evil.py": "1\n"})
    people.push("eve", fork.full_name, "patch", project.source.directory, head)
    number = people.open_pull_request("eve", project.name, "patch", head_repository=fork.full_name)
    people.require_check(project.name)
    project.installation.publish(project.name, payload(project, Conclusion.SUCCESS, head=head))
    assert people.gate_open(project.name, number)
    assert not people.gate_open(project.name, project.number)


def test_refused_payload_posts_nothing(project: Project) -> None:
    post = payload(project, Conclusion.SUCCESS, external_id="x" * 300)
    with pytest.raises(PayloadRefused):
        project.installation.publish(project.name, post)
    assert runs(project) == []


@pytest.mark.parametrize(
    ("conclusions", "open_"),
    [
        pytest.param([], False, id="nothing posted"),
        pytest.param([None], False, id="in progress"),
        pytest.param([Conclusion.SUCCESS], True, id="success"),
        pytest.param([Conclusion.FAILURE], False, id="failure"),
        pytest.param([Conclusion.ACTION_REQUIRED], False, id="action required"),
        pytest.param([Conclusion.SUCCESS, None], False, id="success, then at work again"),
        pytest.param([Conclusion.FAILURE, None, Conclusion.SUCCESS], True, id="failure, then success"),
    ],
)
def test_gate_opens_on_success_alone(project: Project, conclusions: list[Conclusion | None], open_: bool) -> None:
    project.github.people.require_check(project.name)
    for conclusion in conclusions:
        project.installation.publish(project.name, payload(project, conclusion))
    assert project.github.people.gate_open(project.name, project.number) is open_
