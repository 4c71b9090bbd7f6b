"""How fast webhooks are taken in: gunicorn as it is served, SQLite, and a load generator in a process of its own.

`python -m tests.bench.intake [--rate 50] [--seconds 20] [--database URL]` prints deliveries/s and the answers' times.
Requests leave on a fixed timetable, however slow the answers are, and an answer's time counts from when its request was
due.
"""

import argparse
import http.client
import json
import socket
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from app.github.signature import sign
from app.store.tables import deliveries
from tests.serving import serving

CONNECTIONS = 16
BODY_BYTES = 25_000  # a usual pull request event


def body(number: int) -> bytes:
    """A pull request event of a usual size."""
    side = {"sha": f"{number:040x}", "ref": "codex/fix", "repo": {"id": 5}}
    event = {
        "action": "synchronize",
        "number": number,
        "installation": {"id": 3},
        "repository": {"id": 5, "full_name": "octo/hello"},
        "sender": {"login": "mona", "id": 9, "type": "User"},
        "pull_request": {"number": number, "head": side, "base": {**side, "ref": "main"}, "body": "x" * BODY_BYTES},
    }
    return json.dumps(event).encode()


class Load:
    """Sends on a timetable, over kept connections, and notes each answer's time in seconds."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret
        self._own = threading.local()
        self.took: list[float] = []
        self.refused: list[int] = []

    def send(self, number: int, due: float) -> None:
        """Send one when it is due."""
        data = body(number)
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": sign(data, self._secret),
        }
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)  # the timetable
        answer = self._ask(data, headers)
        self.took.append(time.perf_counter() - due)
        if answer != 202:
            self.refused.append(answer)

    def _ask(self, data: bytes, headers: dict[str, str]) -> int:
        connection = self._connection()
        connection.request("POST", "/webhooks/github", data, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            self._own.connection.connect()
            self._own.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection: http.client.HTTPConnection = self._own.connection
        return connection

    def run(self, rate: float, seconds: float) -> float:
        """The whole timetable; answers how long it took."""
        began = time.perf_counter() + 0.2
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for number in range(1, int(rate * seconds) + 1):
                pool.submit(self.send, number, began + number / rate)
        return time.perf_counter() - began


def measure(rate: float, seconds: float, database: str) -> dict[str, float | int | str]:
    """Serve, load, count what was stored, stop."""
    with (
        tempfile.TemporaryDirectory(prefix="mergelock-bench-") as folder,
        serving(Path(folder), database) as served,
    ):
        warm = Load(served.port, served.secret)
        warm.run(rate=20, seconds=1)
        load = Load(served.port, served.secret)
        took = load.run(rate, seconds)
        with served.store.reading() as connection:
            stored = connection.execute(sa.select(sa.func.count()).select_from(deliveries)).scalar_one()
    return summary(load, took, stored - len(warm.took), database)


def summary(load: Load, took: float, stored: int, database: str) -> dict[str, float | int | str]:
    """The figures."""
    times = sorted(load.took)
    return {
        "database": database.partition(":")[0] or "sqlite",
        "deliveries": len(times),
        "stored": stored,
        "refused": len(load.refused),
        "per_second": round(len(times) / took, 1),
        "p50_ms": round(1000 * times[len(times) // 2], 1),
        "p95_ms": round(1000 * times[int(len(times) * 0.95)], 1),
        "p99_ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "worst_ms": round(1000 * times[-1], 1),
    }


def main() -> int:
    """Print the figures as JSON; 1 when a delivery was lost or refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50, help="deliveries a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(
        "--database", default="", help="address of an empty database; SQLite in a new folder if not given"
    )
    given = parser.parse_args()
    found = measure(given.rate, given.seconds, given.database)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if found["refused"] == 0 and found["stored"] == found["deliveries"] else 1


if __name__ == "__main__":
    sys.exit(main())
