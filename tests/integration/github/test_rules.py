"""Whether the check is required, as the stand-in's rules have it."""

import pytest

from app.github.types import RequiredCheck
from tests.github.faults import Fault
from tests.github.fixtures import Project


def test_nothing_requires_it(project: Project) -> None:
    assert project.installation.required_check(project.name, "main") == RequiredCheck(required=False, bound=False)


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        pytest.param("ruleset", "ruleset 1 of octo/lib", id="ruleset"),
        pytest.param("protection", "branch protection", id="branch protection"),
    ],
)
@pytest.mark.parametrize("bound", [True, False])
def test_required(project: Project, kind: str, by: str, bound: bool) -> None:
    project.github.people.require_check(project.name, kind=kind, bound=bound)
    found = project.installation.required_check(project.name, "main")
    assert found == RequiredCheck(required=True, bound=bound, by=(by,))


def test_another_check_is_required(project: Project) -> None:
    project.github.people.require_check(project.name, "build")
    assert not project.installation.required_check(project.name, "main").required


def test_another_branch_requires_it(project: Project) -> None:
    project.github.people.require_check(project.name, branch="codex/change")
    assert not project.installation.required_check(project.name, "main").required
    assert project.installation.required_check(project.name, "codex/change").required


def test_what_cannot_be_read_is_said(project: Project) -> None:
    project.github.people.require_check(project.name, kind="protection")
    project.github.faults.add(Fault(path="/rules/", status=403, message="Upgrade to GitHub Pro"))
    found = project.installation.required_check(project.name, "main")
    assert found.required
    assert len(found.unsure) == 1
    assert "rulesets" in found.unsure[0]
