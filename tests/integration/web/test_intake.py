"""Webhooks in: what is stored, what is refused, and that nothing lies in between."""

import io
import json
import uuid
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.github.events import LARGEST
from app.github.signature import sign
from app.store import Store, deliveries
from app.store.tables import deliveries as table
from tests.integration.web.conftest import SECRET

LABELED = {
    "action": "labeled",
    "number": 7,
    "installation": {"id": 3},
    "repository": {"id": 5, "full_name": "octo/hello"},
    "sender": {"login": "mona", "id": 9, "type": "User"},
    "label": {"name": "human-reviewed"},
    "pull_request": {
        "number": 7,
        "head": {"sha": "a" * 40, "ref": "codex/fix", "repo": {"id": 5}},
        "base": {"sha": "b" * 40, "ref": "main", "repo": {"id": 5}},
    },
}
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def post(client: FlaskClient, body: bytes, headers: Mapping[str, str | None] | None = None) -> TestResponse:
    """As GitHub does; a header of None is left out."""
    given: dict[str, str | None] = {
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": GUID,
        "X-Hub-Signature-256": sign(body, SECRET),
        "Content-Type": "application/json",
        **(headers or {}),
    }
    sent = {name: value for name, value in given.items() if value is not None}
    return client.post("/webhooks/github", data=body, headers=sent)


def stored(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def statuses(connection: sa.Connection) -> str:
    """The engine's table of what was enqueued."""
    return "dbos.workflow_status" if connection.dialect.name == "postgresql" else "workflow_status"


def enqueued(store: Store) -> list[str]:
    """What waits for a worker."""
    with store.reading() as connection:
        rows = connection.execute(sa.text(f"SELECT workflow_uuid FROM {statuses(connection)}"))
        return [str(row[0]) for row in rows]


def test_a_delivery_is_stored_and_its_work_enqueued(stranger: FlaskClient, store: Store) -> None:
    body = json.dumps(LABELED).encode()
    answer = post(stranger, body)
    assert answer.status_code == 202
    with store.reading() as connection:
        found = deliveries.by_guid(connection, GUID)
    assert found is not None
    assert (found.event, found.action, found.repository, found.number) == ("pull_request", "labeled", "octo/hello", 7)
    assert (found.installation, found.payload) == (3, body)
    assert enqueued(store) == [f"delivery-{found.id}"]


def test_a_repeat_is_accepted_and_not_enqueued_again(stranger: FlaskClient, store: Store) -> None:
    body = json.dumps(LABELED).encode()
    assert post(stranger, body).status_code == 202
    again = post(stranger, body)
    assert (again.status_code, again.text) == (202, "Accepted: already have it.\n")
    assert len(enqueued(store)) == stored(store) == 1


def test_what_cannot_be_enqueued_is_not_stored_and_can_be_sent_again(stranger: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        connection.execute(sa.text(f"ALTER TABLE {statuses(connection)} RENAME TO away"))
    body = json.dumps(LABELED).encode()
    answer = post(stranger, body)
    assert (answer.status_code, answer.text) == (503, "The database did not answer: deliver it again.\n")
    assert stored(store) == 0
    with store.writing() as connection:
        away = statuses(connection).replace("workflow_status", "away")
        connection.execute(sa.text(f"ALTER TABLE {away} RENAME TO workflow_status"))
    assert post(stranger, body).status_code == 202
    assert len(enqueued(store)) == stored(store) == 1


def test_each_of_several_secrets_is_good(stranger: FlaskClient) -> None:
    body = json.dumps(LABELED).encode()
    signature = sign(body, "another-secret-being-replaced")
    assert post(stranger, body, {"X-Hub-Signature-256": signature}).status_code == 202


BODY = json.dumps(LABELED).encode()
REFUSED: list[tuple[str, bytes, dict[str, str | None], int]] = [
    ("no signature", BODY, {"X-Hub-Signature-256": None}, 401),
    ("signature of another secret", BODY, {"X-Hub-Signature-256": sign(BODY, "not-the-secret-of-ours")}, 401),
    ("signature of another body", BODY, {"X-Hub-Signature-256": sign(BODY + b" ", SECRET)}, 401),
    ("signature of the old kind", BODY, {"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=00"}, 401),
    ("signature that is no hexadecimal", BODY, {"X-Hub-Signature-256": "sha256=" + "é" * 32}, 401),
    ("form", BODY, {"Content-Type": "application/x-www-form-urlencoded"}, 400),
    ("no event", BODY, {"X-GitHub-Event": None}, 400),
    ("no delivery id", BODY, {"X-GitHub-Delivery": None}, 400),
    ("odd delivery id", BODY, {"X-GitHub-Delivery": "../../x"}, 400),
    ("not JSON", b"{", {"X-Hub-Signature-256": sign(b"{", SECRET)}, 400),
    ("not an object", b"[]", {"X-Hub-Signature-256": sign(b"[]", SECRET)}, 400),
    ("no action", b"{}", {"X-Hub-Signature-256": sign(b"{}", SECRET)}, 204),
    ("unknown event", BODY, {"X-GitHub-Event": "star"}, 204),
]


@pytest.mark.parametrize(
    ("body", "headers", "status"), [pytest.param(body, headers, status, id=n) for n, body, headers, status in REFUSED]
)
def test_nothing_of_a_refused_request_is_stored(
    stranger: FlaskClient, store: Store, body: bytes, headers: dict[str, str | None], status: int
) -> None:
    answer = post(stranger, body, headers)
    assert answer.status_code == status
    assert bool(answer.text) is (status != 204)
    assert stored(store) == 0
    assert enqueued(store) == []


def test_a_body_that_says_it_is_too_large_is_not_read(stranger: FlaskClient, store: Store) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

        readline = read

    answer = stranger.post(
        "/webhooks/github", environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(LARGEST + 1)}
    )
    assert answer.status_code == 413
    assert stored(store) == 0


def test_the_largest_body_that_github_sends_is_taken(stranger: FlaskClient, store: Store) -> None:
    filler = LARGEST - len(json.dumps({**LABELED, "zen": ""}).encode())
    body = json.dumps({**LABELED, "zen": "x" * filler}).encode()
    assert len(body) == LARGEST
    assert post(stranger, body).status_code == 202
    assert stored(store) == 1


def test_only_posts_are_taken(stranger: FlaskClient) -> None:
    assert stranger.get("/webhooks/github").status_code == 405


def test_different_deliveries_of_the_same_body_are_different(stranger: FlaskClient, store: Store) -> None:
    for _ in range(3):
        assert post(stranger, BODY, {"X-GitHub-Delivery": str(uuid.uuid4())}).status_code == 202
    assert stored(store) == 3
