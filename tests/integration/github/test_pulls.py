"""Reading pull requests from the stand-in."""

from datetime import UTC, datetime

import pytest

from app.github.errors import Gone, TooLarge, UnexpectedAnswer
from app.github.types import NOBODY, Permission
from tests.github.fixtures import Project
from tests.waiting import until


def test_pull_request_tells_what_the_gate_needs(project: Project) -> None:
    project.github.people.label("mia", project.name, project.number, "agent-authored")
    pull = project.installation.pull_request(project.name, project.number)
    assert (pull.repository, pull.number, pull.title, pull.body) == (project.name, 1, "Answer rightly", "By an agent")
    assert (pull.head, pull.head_ref, pull.head_repository) == (project.head, "codex/change", project.name)
    assert (pull.base, pull.base_ref) == (project.base, "main")
    assert (pull.author.login, pull.author.human) == ("ann", True)
    assert pull.labels == ("agent-authored",)
    assert pull.open
    assert not pull.from_fork
    assert (pull.commits, pull.changed_files) == (1, 2)


def test_pull_request_that_is_not_there(project: Project) -> None:
    with pytest.raises(Gone):
        project.installation.pull_request(project.name, 99)


def test_open_pull_requests_leave_out_the_closed(project: Project) -> None:
    people = project.github.people
    second = people.open_pull_request("bob", project.name, "codex/change")
    people.close("bob", project.name, second)
    assert [pull.number for pull in project.installation.open_pull_requests(project.name)] == [project.number]


def test_pull_request_of_a_fork(project: Project) -> None:
    people = project.github.people
    fork = people.fork(project.name, "eve")
    people.push("eve", fork.full_name, "patch", project.source.directory)
    number = people.open_pull_request("eve", project.name, "patch", head_repository=fork.full_name)
    pull = project.installation.pull_request(project.name, number)
    assert pull.from_fork
    assert pull.head_repository == "eve/lib"
    assert [p.number for p in project.installation.pull_requests_with(project.name, pull.head)] == [1, number]
    assert project.installation.head_since(pull) is None


def test_commits_with_their_accounts(project: Project) -> None:
    project.github.world.user("ada", email="ada@example.org")
    project.push({"a.py": "1\n"}, "Second\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    commits = project.installation.commits(project.name, project.number)
    assert commits.complete
    assert [item.message.splitlines()[0] for item in commits.items] == ["Answer rightly", "Second"]
    assert commits.items[1].message.endswith("Co-authored-by: Claude <noreply@anthropic.com>")
    assert (commits.items[0].name, commits.items[0].email) == ("Ada Example", "ada@example.org")
    assert commits.items[0].author is not None
    assert commits.items[0].author.login == "ada"


def test_commits_over_githubs_limit_are_not_called_complete(project: Project) -> None:
    tree = project.source.git("rev-parse", "HEAD^{tree}")
    tip = project.head
    for number in range(255):
        tip = project.source.git("commit-tree", tree, "-p", tip, "-m", f"Commit {number}")
    project.github.people.push("ann", project.name, "codex/change", project.source.directory, tip)
    commits = project.installation.commits(project.name, project.number)
    assert len(commits.items) == 250
    assert not commits.complete


def test_changed_files_with_odd_names(project: Project) -> None:
    project.push({"README.md": None, "docs/READ ME.md": "# Lib\n"}, "Move")
    files = {file.path: file for file in project.installation.changed_files(project.name, project.number)}
    assert set(files) == {"lib.py", "docs/über uns.md", "docs/READ ME.md"}
    assert (files["docs/READ ME.md"].status, files["docs/READ ME.md"].previous) == ("renamed", "README.md")
    assert (files["lib.py"].added, files["lib.py"].removed) == (1, 1)


def test_file_at_a_commit(project: Project) -> None:
    read = project.installation.file_at
    assert read(project.name, "lib.py", project.base) == b"ANSWER = 41\n"
    assert read(project.name, "lib.py", project.head) == b"ANSWER = 42\n"
    assert read(project.name, "docs/über uns.md", project.head) == b"Hello\n"
    assert read(project.name, ".github/mergelock.yml", project.base) is None


def test_file_of_an_unknown_commit_is_no_missing_file(project: Project) -> None:
    with pytest.raises(Gone):
        project.installation.file_at(project.name, "lib.py", "0" * 40)


def test_file_over_the_limit(project: Project) -> None:
    head = project.push({"small.bin": b"x" * 2000, "large.bin": b"x" * (1024 * 1024 + 1)})
    with pytest.raises(TooLarge):
        project.installation.file_at(project.name, "small.bin", head, limit=1999)
    with pytest.raises(TooLarge):
        project.installation.file_at(project.name, "large.bin", head, limit=2 * 1024 * 1024)


def test_folder_is_no_file(project: Project) -> None:
    with pytest.raises(UnexpectedAnswer):
        project.installation.file_at(project.name, "docs", project.head)


def test_branch_tip_of_a_name_with_a_slash(project: Project) -> None:
    assert project.installation.branch_tip(project.name, "codex/change") == project.head


def test_label_events_say_who_and_when(project: Project) -> None:
    people, installation = project.github.people, project.installation
    people.label("mia", project.name, project.number, "human-reviewed")
    people.unlabel("mia", project.name, project.number, "human-reviewed")
    installation.add_label(project.name, project.number, "human-reviewed")
    events = installation.label_events(project.name, project.number)
    assert [(event.actor.login, event.added, event.app) for event in events] == [
        ("mia", True, ""),
        ("mia", False, ""),
        ("mergelock[bot]", True, "mergelock"),
    ]
    assert [event.actor.human for event in events] == [True, True, False]
    assert all(event.label == "human-reviewed" and event.at.tzinfo for event in events)


def test_long_lists_are_read_over_all_pages(project: Project) -> None:
    people = project.github.people
    for _ in range(130):
        people.label("mia", project.name, project.number, "busy")
        people.unlabel("mia", project.name, project.number, "busy")
    assert len(project.installation.label_events(project.name, project.number)) == 260


def test_reviews_name_the_very_commit(project: Project) -> None:
    people = project.github.people
    people.review("mia", project.name, project.number)
    later = project.push({"a.py": "1\n"})
    review = people.review("mia", project.name, project.number, "CHANGES_REQUESTED")
    people.dismiss_review("octo", project.name, project.number, review)
    reviews = project.installation.reviews(project.name, project.number)
    assert [(item.person.login, item.state, item.commit) for item in reviews] == [
        ("mia", "APPROVED", project.head),
        ("mia", "DISMISSED", later),
    ]


@pytest.mark.parametrize("role", ["none", "read", "triage", "write", "maintain", "admin"])
def test_permission_in_full(project: Project, role: str) -> None:
    project.github.people.set_permission(project.name, "mia", role)
    assert project.installation.permission(project.name, "mia") is Permission(role)


def test_permission_of_nobody(project: Project) -> None:
    assert project.installation.permission(project.name, "no-such-login") is Permission.NONE
    assert project.installation.permission(project.name, NOBODY.login) is Permission.NONE


def test_permission_in_a_repository_we_cannot_see_is_an_error(project: Project) -> None:
    project.github.people.create_repository("other/secret", private=True)
    with pytest.raises(Gone):
        project.installation.permission("other/secret", "mia")


def test_head_since_is_the_push_and_not_the_commits_date(project: Project) -> None:
    installation = project.installation
    first = installation.head_since(installation.pull_request(project.name, project.number))
    assert first is not None
    assert first != datetime(2026, 1, 1, tzinfo=UTC)  # which is what the commit claims
    assert first >= installation.pull_request(project.name, project.number).created_at

    def later() -> bool:
        project.push({"a.py": f"{first}\n"}, "Again")
        since = installation.head_since(installation.pull_request(project.name, project.number))
        return since is not None and since > first

    until(later, seconds=5, what="a later push is later by GitHub's clock, which counts whole seconds")


def test_pushes_newest_first_with_their_kind(project: Project) -> None:
    project.push({"a.py": "1\n"})
    project.source.git("reset", "--quiet", "--hard", project.base)
    forced = project.push({"lib.py": "ANSWER = 43\n"})
    pushes = project.installation.pushes(project.name, "codex/change")
    assert [push.kind for push in pushes] == ["force_push", "push", "branch_creation"]
    assert pushes[0].after == forced
    assert pushes[-1].before == "0" * 40


def test_repositories_of_the_installation(project: Project) -> None:
    project.github.people.create_repository("octo/other")
    project.github.people.create_repository("somebody/else")
    assert project.installation.repositories() == (project.name, "octo/other")
