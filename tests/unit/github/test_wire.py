"""GitHub's answers, read strictly where it matters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.github.errors import TooLarge, UnexpectedAnswer
from app.github.pulls import _content, _permission
from app.github.rules import _from_protection
from app.github.types import NOBODY, Permission, Person
from app.github.wire import WireCommit, WireEvent, WirePull, WireReview
from app.github.wire_base import read, read_all
from app.github.wire_rules import WireBranch

SHA = "a" * 40
AT = "2026-05-04T12:00:00Z"
PULL: dict[str, Any] = {
    "number": 1,
    "title": "T",
    "body": None,
    "state": "open",
    "user": {"login": "ann", "id": 3, "type": "User"},
    "labels": [],
    "head": {"sha": SHA, "ref": "x", "repo": None},
    "base": {"sha": SHA, "ref": "main", "repo": {"full_name": "octo/lib"}},
    "created_at": AT,
    "updated_at": AT,
}


def test_pull_request_of_a_deleted_fork() -> None:
    pull = read(WirePull, PULL).value("octo/lib")
    assert (pull.head_repository, pull.from_fork, pull.body) == ("", True, "")
    assert pull.created_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_pull_request_of_a_deleted_account() -> None:
    assert read(WirePull, PULL | {"user": None}).value("octo/lib").author == NOBODY
    assert not NOBODY.human


def test_merged_one_in_a_list_is_not_open() -> None:
    assert not read(WirePull, PULL | {"merged_at": AT}).value("octo/lib").open


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"number": "one"}, id="number"),
        pytest.param({"head": {"sha": "main", "ref": "x"}}, id="commit"),
        pytest.param({"labels": None}, id="labels"),
        pytest.param({"created_at": "2026-05-04T12:00:00"}, id="time without zone"),
    ],
)
def test_pull_request_that_is_not_as_described(changed: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        read(WirePull, PULL | changed)
    assert next(iter(changed)) in str(caught.value)


@pytest.mark.parametrize("account", [pytest.param(None, id="null"), pytest.param({}, id="empty object")])
def test_commit_by_nobody_known(account: object) -> None:
    data = {
        "sha": SHA,
        "commit": {"message": "M", "author": None, "committer": None},
        "author": account,
        "committer": account,
    }
    commit = read(WireCommit, data).value()
    assert (commit.author, commit.committer, commit.name, commit.email) == (None, None, "", "")


def test_events_other_than_labels_are_left_out() -> None:
    labeled = {"event": "labeled", "label": {"name": "ok"}, "created_at": AT, "actor": None}
    others = [
        {"event": "commented", "created_at": AT},
        {"event": "labeled", "created_at": AT},
        {"event": "labeled", "label": {"name": "ok"}},
        {},
    ]
    (event,) = read_all(WireEvent, [*others, labeled], lambda item: item.label_event())
    assert (event.actor, event.label, event.added) == (NOBODY, "ok", True)


def test_reviews_that_count_for_nothing_are_left_out() -> None:
    review = {"id": 1, "user": None, "state": "approved", "commit_id": SHA, "submitted_at": AT}
    others = [review | {"submitted_at": None}, review | {"commit_id": None}]
    (found,) = read_all(WireReview, [*others, review], lambda item: item.value())
    assert found.state == "APPROVED"


@pytest.mark.parametrize(
    ("role", "permission", "expected"),
    [
        pytest.param("maintain", "write", Permission.MAINTAIN, id="the role says more"),
        pytest.param("triage", "read", Permission.TRIAGE, id="the role says less"),
        pytest.param("security-team", "write", Permission.WRITE, id="a role of the organisation's own"),
        pytest.param("", "admin", Permission.ADMIN, id="no role"),
        pytest.param("", "superuser", Permission.NONE, id="nothing we know"),
    ],
)
def test_permission(role: str, permission: str, expected: Permission) -> None:
    assert _permission((role, permission)) is expected


def test_permissions_are_ordered() -> None:
    assert [item.rank for item in Permission] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("login", "type_", "human"),
    [
        pytest.param("mia", "User", True, id="person"),
        pytest.param("dependabot[bot]", "Bot", False, id="bot"),
        pytest.param("claude[bot]", "User", False, id="bot that calls itself a user"),
        pytest.param("octo", "Organization", False, id="organisation"),
        pytest.param("old", "Mannequin", False, id="mannequin"),
    ],
)
def test_human(login: str, type_: str, human: bool) -> None:
    assert Person(login, type_).human is human


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param([], UnexpectedAnswer, id="folder"),
        pytest.param({"type": "symlink", "size": 1}, UnexpectedAnswer, id="symbolic link"),
        pytest.param({"type": "submodule", "size": 0}, UnexpectedAnswer, id="submodule"),
        pytest.param({"type": "file", "size": 11, "encoding": "base64", "content": ""}, TooLarge, id="over the limit"),
        pytest.param({"type": "file", "size": 5, "encoding": "none", "content": ""}, TooLarge, id="not given"),
        pytest.param(
            {"type": "file", "size": 5, "encoding": "base64", "content": "a"}, UnexpectedAnswer, id="not base64"
        ),
        pytest.param({"type": "file", "size": 5, "encoding": "utf-8", "content": "abc"}, UnexpectedAnswer, id="other"),
        pytest.param({"type": "file", "size": 5, "encoding": "base64", "content": "YWJj"}, UnexpectedAnswer, id="cut"),
    ],
)
def test_content_that_is_not_taken(data: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        _content(data, "x", 10)


def test_content() -> None:
    data = {"type": "file", "size": 3, "encoding": "base64", "content": "YW\nJj\n"}
    assert _content(data, "x", 10) == b"abc"


BRANCH: dict[str, Any] = {"commit": {"sha": SHA}, "protected": True}


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        pytest.param({"commit": {"sha": SHA}}, [], id="not protected"),
        pytest.param(BRANCH, [], id="protection not shown"),
        pytest.param(
            BRANCH | {"protection": {"required_status_checks": {"enforcement_level": "off", "contexts": ["a"]}}},
            [],
            id="switched off",
        ),
        pytest.param(
            BRANCH
            | {
                "protection": {
                    "required_status_checks": {
                        "enforcement_level": "non_admins",
                        "contexts": ["a", "b"],
                        "checks": [{"context": "a", "app_id": 7}],
                    }
                }
            },
            [("a", 7), ("b", None)],
            id="named by both fields",
        ),
    ],
)
def test_required_by_protection(branch: dict[str, Any], expected: list[tuple[str, int | None]]) -> None:
    assert [(item.context, item.app_id) for item in _from_protection(read(WireBranch, branch))] == expected
