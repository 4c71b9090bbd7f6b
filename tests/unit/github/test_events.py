"""Webhook bytes into events: what is let through, and what is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.errors import BadSignature, Malformed, UnknownEvent
from app.github.events import HANDLED, Event, event_from, verify
from app.github.signature import NoSecret, sign

SECRET = "a-secret-of-32-characters-length"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
HEAD, BASE = "a" * 40, "b" * 40
SENDER = {"login": "mia", "id": 7, "type": "User"}
REPOSITORY = {"id": 5, "full_name": "octo/lib"}
PULL = {"number": 3, "head": {"sha": HEAD, "ref": "codex/x"}, "base": {"sha": BASE, "ref": "main"}}
COMMON = {"repository": REPOSITORY, "sender": SENDER, "installation": {"id": 9}}
LABELED: dict[str, Any] = {"action": "labeled", "number": 3, "pull_request": PULL, "label": {"name": "ok"}, **COMMON}
SUITE = {"id": 1, "head_sha": HEAD, "app": {"id": 44}}
RUN = {"id": 2, "name": "mergelock", "external_id": "key", **SUITE}
REVIEW = {"id": 8, "state": "approved", "commit_id": HEAD, "user": SENDER}
QUEUE = {"head_sha": HEAD, "head_ref": "refs/heads/q", "base_sha": BASE, "base_ref": "refs/heads/main"}


def headers(body: bytes, **changed: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": GUID,
        "X-Hub-Signature-256": sign(body, SECRET),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }


def taken(payload: object, **changed: str) -> Event:
    body = json.dumps(payload).encode()
    return verify(headers(body, **changed), body, [SECRET])


def test_labeled_in_full() -> None:
    event = taken(LABELED)
    assert event.sender is not None
    assert (event.delivery, event.name, event.action) == (GUID, "pull_request", "labeled")
    assert (event.installation, event.repository, event.repository_id) == (9, "octo/lib", 5)
    assert (event.number, event.head, event.base_ref, event.label) == (3, HEAD, "main", "ok")
    assert (event.sender.login, event.sender.human) == ("mia", True)


@pytest.mark.parametrize(
    ("name", "payload", "expected"),
    [
        pytest.param("ping", {"zen": "Be good."}, {"action": ""}, id="ping"),
        pytest.param(
            "push",
            {"ref": "refs/heads/feature/x", "before": BASE, "after": HEAD, **COMMON},
            {"base_ref": "feature/x", "before": BASE, "head": HEAD, "numbers": ()},
            id="push",
        ),
        pytest.param(
            "pull_request",
            {"action": "edited", "pull_request": PULL, "changes": {"base": {"ref": {"from": "dev"}}}, **COMMON},
            {"base_changed": True},
            id="base changed",
        ),
        pytest.param(
            "pull_request",
            {"action": "edited", "pull_request": PULL, "changes": {"title": {"from": "x"}}, **COMMON},
            {"base_changed": False},
            id="title changed",
        ),
        pytest.param(
            "pull_request",
            {"action": "synchronize", "pull_request": PULL, "before": BASE, "after": HEAD, **COMMON},
            {"before": BASE, "head": HEAD},
            id="synchronize",
        ),
        pytest.param(
            "pull_request_review",
            {"action": "submitted", "pull_request": PULL, "review": REVIEW, **COMMON},
            {"review_state": "APPROVED", "review_commit": HEAD, "numbers": (3,)},
            id="review",
        ),
        pytest.param(
            "check_run",
            {"action": "requested_action", "check_run": RUN, "requested_action": {"identifier": "rerun"}, **COMMON},
            {"check_name": "mergelock", "external_id": "key", "requested_action": "rerun", "app": 44, "head": HEAD},
            id="button",
        ),
        pytest.param(
            "merge_group",
            {"action": "checks_requested", "merge_group": QUEUE, **COMMON},
            {"head": HEAD, "base_ref": "main"},
            id="merge queue",
        ),
        pytest.param(
            "installation_repositories",
            {
                "action": "removed",
                "repositories_added": [],
                "repositories_removed": [{"full_name": "octo/lib"}],
                "installation": {"id": 9},
                "sender": SENDER,
            },
            {"repositories_removed": ("octo/lib",), "repository": ""},
            id="repositories",
        ),
    ],
)
def test_fields_by_event(name: str, payload: dict[str, Any], expected: dict[str, Any]) -> None:
    event = taken(payload, X_GitHub_Event=name)
    assert {field: getattr(event, field) for field in expected} == expected


def test_pull_requests_of_other_repositories_are_left_out() -> None:
    listed = [
        {"number": number, "head": {"sha": HEAD, "repo": {"id": 5}}, "base": {"sha": BASE, "repo": {"id": repository}}}
        for number, repository in [(3, 5), (4, 6), (3, 5), (8, 5)]
    ]
    event = taken(
        {"action": "rerequested", "check_suite": {**SUITE, "pull_requests": listed}, **COMMON},
        X_GitHub_Event="check_suite",
    )
    assert event.numbers == (3, 8)
    assert event.number is None


def test_header_names_in_any_case() -> None:
    body = json.dumps(LABELED).encode()
    assert verify({name.upper(): value for name, value in headers(body).items()}, body, [SECRET]).action == "labeled"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"Content_Type": "application/x-www-form-urlencoded"}, id="a form"),
        pytest.param({"Content_Type": "text/json"}, id="another type"),
        pytest.param({"Content_Type": "application/json; charset=latin-1"}, id="another charset"),
        pytest.param({"Content_Type": ""}, id="no type"),
        pytest.param({"X_GitHub_Event": ""}, id="no event"),
        pytest.param({"X_GitHub_Event": "../pull_request"}, id="odd event"),
        pytest.param({"X_GitHub_Delivery": ""}, id="no delivery"),
        pytest.param({"X_GitHub_Delivery": "1; drop table deliveries"}, id="odd delivery"),
        pytest.param({"X_GitHub_Delivery": GUID + "\n"}, id="delivery with a line end"),
    ],
)
def test_headers_that_are_malformed(changed: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        taken(LABELED, **changed)


def test_charset_may_be_named() -> None:
    assert taken(LABELED, Content_Type='application/json; charset="utf-8"').action == "labeled"


def test_signature_is_looked_at_before_all_else() -> None:
    with pytest.raises(BadSignature):
        verify({"X-Hub-Signature-256": "sha256=" + "0" * 64, "Content-Type": "nonsense"}, b"nonsense", [SECRET])


def test_no_secret() -> None:
    with pytest.raises(NoSecret):
        verify(headers(b"{}"), b"{}", [])


def changed(path: str, value: object) -> Callable[[], dict[str, Any]]:
    """The labeled event with a value in place of another."""

    def make() -> dict[str, Any]:
        payload = json.loads(json.dumps(LABELED))
        *parents, last = path.split(".")
        inner = payload
        for key in parents:
            inner = inner[key]
        inner[last] = value
        return dict(payload)

    return make


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(changed("pull_request.number", "3"), id="number as text"),
        pytest.param(changed("pull_request.number", True), id="number as truth"),
        pytest.param(changed("pull_request.number", 3.0), id="number with a point"),
        pytest.param(changed("pull_request.number", 0), id="number zero"),
        pytest.param(changed("pull_request.number", -1), id="number below zero"),
        pytest.param(changed("pull_request.number", 2**63), id="number too large"),
        pytest.param(changed("pull_request.head.sha", "A" * 40), id="commit in upper case"),
        pytest.param(changed("pull_request.head.sha", "a" * 41), id="commit too long"),
        pytest.param(changed("pull_request.head.sha", "a" * 40 + "\n"), id="commit with a line end"),
        pytest.param(changed("pull_request.head.sha", "--upload-pack=x"), id="commit as an option"),
        pytest.param(changed("pull_request.head.ref", "x\x00y"), id="branch with a zero byte"),
        pytest.param(changed("pull_request.head.ref", "x" * 2000), id="branch too long"),
        pytest.param(changed("pull_request.head", None), id="no head"),
        pytest.param(changed("pull_request", []), id="pull request as a list"),
        pytest.param(changed("repository.full_name", "octo"), id="repository without a name"),
        pytest.param(changed("repository.full_name", "octo/.."), id="repository that steps up"),
        pytest.param(changed("repository.full_name", "octo/."), id="repository that stays"),
        pytest.param(changed("repository.full_name", "octo/lib/x"), id="repository with a path"),
        pytest.param(changed("repository.full_name", "octo/lib\n"), id="repository with a line end"),
        pytest.param(changed("repository", None), id="no repository"),
        pytest.param(changed("sender", None), id="no sender"),
        pytest.param(changed("sender.login", "mia</script>"), id="odd login"),
        pytest.param(changed("sender.type", "U" * 50), id="odd type"),
        pytest.param(changed("label.name", "a\nb"), id="label with a line end"),
        pytest.param(changed("label.name", "\ud800"), id="label that is no Unicode"),
        pytest.param(changed("installation", {"id": "9"}), id="installation as text"),
        pytest.param(changed("action", ["labeled"]), id="action as a list"),
        pytest.param(changed("action", "Labeled!"), id="odd action"),
        pytest.param(changed("changes", []), id="changes as a list"),
    ],
)
def test_payloads_that_are_malformed(make: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(Malformed):
        taken(make())


@pytest.mark.parametrize("name", ["octo/.github", "octo/lib.py", "octo_corp/a-b_c.d", "o/x"])
def test_repository_names_that_github_has(name: str) -> None:
    assert taken(changed("repository.full_name", name)()).repository == name


@pytest.mark.parametrize("login", ["dependabot[bot]", "Copilot", "a-b", "octo_corp"])
def test_logins_that_github_has(login: str) -> None:
    sender = taken(changed("sender.login", login)()).sender
    assert sender is not None
    assert sender.login == login


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param("star", {"action": "created"}, id="event"),
        pytest.param("star", {"action": "on-demand test"}, id="event with an odd action"),
        pytest.param("pull_request", {**LABELED, "action": "assigned"}, id="action"),
        pytest.param("pull_request", {}, id="no action"),
        pytest.param("push", {"action": "labeled"}, id="an action where there is none"),
        pytest.param("issue_comment", {"action": "created"}, id="comments are no commands"),
    ],
)
def test_events_that_are_nothing_to_us(name: str, payload: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent):
        taken(payload, X_GitHub_Event=name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50) | st.just(HEAD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LABELED, "id"]), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(sorted(HANDLED))


@given(NAMES, st.dictionaries(st.sampled_from([*LABELED, "check_run", "ref"]), VALUES), st.data())
def test_any_payload_is_an_event_or_refused(name: str, payload: dict[str, Any], data: st.DataObject) -> None:
    payload["action"] = data.draw(st.sampled_from(sorted(HANDLED[name])))
    try:
        event = event_from(name, GUID, payload)
    except Malformed as error:
        assert error.reason.isprintable()
    else:
        assert event.name == name


@given(st.sampled_from(sorted({"pull_request", "repository", "sender", "label", "number", "installation"})), VALUES)
def test_one_value_of_any_kind_never_crashes(field: str, value: object) -> None:
    try:
        event = taken({**LABELED, field: value})
    except Malformed:
        return
    assert event.action == "labeled"
