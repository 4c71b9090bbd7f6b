"""Labels and comments on the stand-in."""

import pytest

from tests.github.fixtures import Project


def test_label_is_made_where_the_repository_has_none(project: Project) -> None:
    for _ in range(2):
        project.installation.add_label(
            project.name, project.number, "agent-authored", colour="0e8a16", description="Written by an agent"
        )
    pull = project.github.people.pull(project.name, project.number)
    label = project.github.world.repository(project.name).labels["agent-authored"]
    assert pull.labels == ["agent-authored"]
    assert (label.color, label.description) == ("0e8a16", "Written by an agent")
    assert len(pull.events) == 1


def test_label_that_is_there_keeps_its_looks(project: Project) -> None:
    project.github.people.label("mia", project.name, project.number, "agent-authored")
    project.installation.add_label(project.name, project.number, "agent-authored", colour="0e8a16")
    assert project.github.world.repository(project.name).labels["agent-authored"].color == "ededed"


def test_label_taken_off_twice(project: Project) -> None:
    project.installation.add_label(project.name, project.number, "human reviewed/ok?")
    for _ in range(2):
        project.installation.remove_label(project.name, project.number, "human reviewed/ok?")
    assert project.github.people.pull(project.name, project.number).labels == []


@pytest.mark.parametrize("label", ["..", ".", ""])
def test_label_whose_name_leads_to_another_path_is_refused(project: Project, label: str) -> None:
    project.github.people.label("mia", project.name, project.number, "kept")
    with pytest.raises(ValueError, match="part of a path"):
        project.installation.remove_label(project.name, project.number, label)
    assert project.github.people.pull(project.name, project.number).labels == ["kept"]


def test_comment_is_said_once_and_brought_up_to_date(project: Project) -> None:
    comment = project.installation.comment
    first = comment(project.name, project.number, "review", "The label was taken off.")
    again = comment(project.name, project.number, "review", "The label was taken off again.")
    other = comment(project.name, project.number, "policy", "The policy is not valid.")
    assert first == again != other
    bodies = [item.body for item in project.github.people.pull(project.name, project.number).comments]
    assert bodies == [
        "The label was taken off again.\n\n<!-- mergelock: review -->",
        "The policy is not valid.\n\n<!-- mergelock: policy -->",
    ]


def test_comment_with_our_marker_by_somebody_else_is_left(project: Project) -> None:
    project.github.people.comment("eve", project.name, project.number, "Mine\n\n<!-- mergelock: review -->")
    project.installation.comment(project.name, project.number, "review", "Ours")
    comments = project.github.people.pull(project.name, project.number).comments
    assert [item.user.login for item in comments] == ["eve", "mergelock[bot]"]
    assert comments[0].body.startswith("Mine")
