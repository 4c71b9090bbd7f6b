"""A receiver of webhooks for tests: keeps what it was sent, and answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request
from werkzeug.serving import make_server


@dataclass
class Receiver:
    """What came: headers and raw body of each request. `status` is what it answers from now on."""

    url: str = ""
    status: int = 202
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listens on loopback until the end of the block."""
    kept = Receiver()
    app = Flask("receiver")

    @app.post("/webhooks/github")
    def take() -> Response:
        kept.requests.append((dict(request.headers), request.get_data()))
        return Response("", kept.status)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    kept.url = f"http://127.0.0.1:{server.server_port}/webhooks/github"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
