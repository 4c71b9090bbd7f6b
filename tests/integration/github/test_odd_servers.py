"""Servers that answer as GitHub never should: redirects, endless lists, answers without what must be in them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask, Response, request
from werkzeug.serving import make_server

from app.github.client import App
from app.github.errors import GitHubError, TooLarge, Transient, UnexpectedAnswer
from tests.github.world import new_key

KEY = new_key()[0]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def server(answer: Response, *, seen: list[str] | None = None) -> Iterator[App]:
    """A client whose GitHub gives this one answer to everything."""
    site = Flask("odd")

    @site.route("/<path:path>")
    def anything(path: str) -> Response:
        if seen is not None:
            seen.append(request.full_path)
        return Response(answer.get_data(), answer.status_code, answer.headers)

    running = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    app = App(f"http://127.0.0.1:{running.server_port}", 12, KEY, timeout=5)
    try:
        yield app
    finally:
        app.close()
        running.shutdown()
        thread.join(timeout=10)
        running.server_close()


def written(data: object, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(data), status, headers, mimetype="application/json")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(written({}), UnexpectedAnswer, id="nothing in it"),
        pytest.param(written([]), UnexpectedAnswer, id="a list"),
        pytest.param(written(None), UnexpectedAnswer, id="null"),
        pytest.param(Response("", 204), UnexpectedAnswer, id="no content"),
        pytest.param(Response("<html>Sign in</html>"), Transient, id="a page"),
        pytest.param(Response("[" * 100_000), Transient, id="nested deeply"),
        pytest.param(Response("<html>Bad gateway</html>", 502), Transient, id="a page with 502"),
        pytest.param(Response("", 302, {"Location": "http://127.0.0.2/"}), UnexpectedAnswer, id="found elsewhere"),
        pytest.param(Response("", 301, {"Location": "http://127.0.0.2/"}), UnexpectedAnswer, id="moved elsewhere"),
        pytest.param(Response("", 301, {"Location": "https://127.0.0.1/"}), UnexpectedAnswer, id="moved to https"),
        pytest.param(Response("", 304), UnexpectedAnswer, id="not modified, unasked"),
    ],
)
def test_answer_to_who_we_are(answer: Response, kind: type[GitHubError]) -> None:
    with server(answer) as app, pytest.raises(kind):
        app.info()


def test_list_without_an_end_is_not_read_for_ever() -> None:
    seen: list[str] = []
    line = {
        "id": 1,
        "guid": "g",
        "delivered_at": "2026-05-04T12:00:00Z",
        "redelivery": False,
        "status_code": 200,
        "event": "push",
        "action": None,
    }
    endless = written([line], Link='<http://127.0.0.2/app/hook/deliveries?cursor=again>; rel="next"')
    with server(endless, seen=seen) as app, pytest.raises(TooLarge):
        app.deliveries(LONG_AGO, limit=300)
    assert len(seen) == 4
    assert seen[1].endswith("cursor=again")


def test_list_that_is_none() -> None:
    with server(written({"message": "surprise"})) as app, pytest.raises(UnexpectedAnswer):
        app.installations()


def test_token_is_never_in_an_error() -> None:
    with server(written({"token": "ghs_secret", "expires_at": "never"}, 201)) as app:
        with pytest.raises(GitHubError) as caught:
            app.installation(1).repositories()
        assert "ghs_secret" not in str(caught.value)
