"""The server as it is served: several processes, killed, asked for metrics."""

import http.client
import json
import re
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.github.signature import sign
from app.store.tables import deliveries
from tests.integration.web.test_intake import LABELED, enqueued
from tests.serving import Served, serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


def deliver(served: Served, connection: http.client.HTTPConnection) -> str | None:
    """Send one; its id if it was accepted."""
    body, guid = json.dumps(LABELED).encode(), str(uuid.uuid4())
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": sign(body, served.secret),
    }
    connection.request("POST", "/webhooks/github", body, headers)
    answer = connection.getresponse()
    answer.read()
    return guid if answer.status == 202 else None


def test_what_was_accepted_survives_kill_9_with_its_work(served: Served) -> None:
    accepted: list[str] = []
    enough = threading.Event()

    def keep_sending() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        try:
            while True:
                guid = deliver(served, connection)
                assert guid is not None
                accepted.append(guid)
                if len(accepted) >= 40:
                    enough.set()
        except (OSError, http.client.HTTPException):
            return  # it was killed
        finally:
            connection.close()

    threads = [threading.Thread(target=keep_sending) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(timeout=60)
    served.kill()
    for thread in threads:
        thread.join(timeout=30)
    with served.store.reading() as connection:
        kept = {guid: number for number, guid in connection.execute(sa.select(deliveries.c.id, deliveries.c.guid))}
    assert set(accepted) <= set(kept)
    assert sorted(enqueued(served.store)) == sorted(f"delivery-{number}" for number in kept.values())


def test_metrics_sum_over_the_processes(served: Served) -> None:
    for _ in range(20):  # each on a connection of its own, so that both processes get some
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        assert deliver(served, connection) is not None
        connection.close()
    status, text = served.get("/metrics")
    assert status == 200
    found = re.search(
        r'^mergelock_deliveries_total\{answer="accepted",event="pull_request"\} ([\d.]+)$', text, re.MULTILINE
    )
    assert found is not None
    assert float(found[1]) == 20
    assert "mergelock_deliveries_waiting 20.0" in text


def test_a_body_that_lies_about_its_size_is_refused_unread(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.putrequest("POST", "/webhooks/github")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_chunked_body_without_end_is_cut_off(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)

    def endless() -> Iterator[bytes]:
        for _ in range(26):
            yield b"x" * 2**20

    try:
        connection.request("POST", "/webhooks/github", endless(), encode_chunked=True)
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # it hung up while we were still sending
    finally:
        connection.close()
    assert status == 413
    assert served.get("/healthz")[0] == 200
