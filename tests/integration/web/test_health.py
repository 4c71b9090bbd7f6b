"""For machines."""

import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app.pipeline.intake import Enqueuer
from app.settings import Settings
from app.store import Store, schema, workers
from app.web.application import create_app
from tests.integration.web.example import judged_run, new_run


def reason(answer: TestResponse) -> str:
    """The one problem told."""
    (problem,) = answer.get_json()["problems"]
    return str(problem)


def test_the_process_lives(stranger: FlaskClient) -> None:
    assert stranger.get("/healthz").text == "ok\n"


def test_it_is_ready_only_with_tables_and_a_worker(stranger: FlaskClient, store: Store) -> None:
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert "no worker" in reason(answer)
    with store.writing() as connection:
        workers.register(connection, "w", pid=1, host="h", version="1")
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "problems": []})
    with store.writing() as connection:
        connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = 'old'"))
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert "tables" in reason(answer)


def test_without_a_database_it_is_not_ready_and_says_little(settings: Settings, intake: Enqueuer) -> None:
    gone = Store.open("postgresql+psycopg://nobody@127.0.0.1:1/none")
    client = create_app(settings, gone, intake).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, reason(answer)) == (503, "the database does not answer")
    assert client.get("/healthz").status_code == 200


def test_metrics_tell_what_the_database_knows(stranger: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        judged_run(connection, "k1")
        new_run(connection, "k2")
        workers.register(connection, "w", pid=1, host="h", version="1")
    stranger.post("/webhooks/github", data=b"{}", headers={"X-GitHub-Event": "<odd>"})
    text = stranger.get("/metrics").text
    for line in (
        'mergelock_runs{status="done",verdict="failed"} 1.0',
        'mergelock_runs{status="queued",verdict=""} 1.0',
        "mergelock_queue_depth 1.0",
        "mergelock_workers_alive 1.0",
        "mergelock_deliveries_waiting 0.0",
        'mergelock_deliveries_total{answer="bad-signature",event="other"}',
        "mergelock_intake_seconds_bucket",
    ):
        assert line in text, line
    assert "odd" not in text


def test_metrics_are_for_this_machine(stranger: FlaskClient) -> None:
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded"):  # a proxy on this machine stands for others
        assert stranger.get("/metrics", headers={header: "192.0.2.1"}).status_code == 403


def test_metrics_for_others_need_the_token(settings: Settings, intake: Enqueuer, store: Store) -> None:
    told = settings.model_copy(update={"metrics_token": SecretStr("the-token")})
    client = create_app(told, store, intake).test_client()
    far = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer the-tokem"}, environ_base=far).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}, environ_base=far).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer the-token"}, environ_base=far).status_code == 200
