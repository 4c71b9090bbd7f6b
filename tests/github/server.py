"""The stand-in for GitHub: its API, its git over HTTP and its webhooks, on loopback, with its state in memory.

In a test: `with StandIn(folder) as github: …`. By itself: `python -m tests.github.server --folder DIR --state FILE`.
"""

import argparse
import json
import signal
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.github.client import EVENTS, PERMISSIONS
from tests.github.api import Api, Parts
from tests.github.app_routes import AppRoutes
from tests.github.check_routes import CheckRoutes
from tests.github.control import Control
from tests.github.faults import Faults
from tests.github.git_http import GitHttp
from tests.github.hooks import Hooks
from tests.github.people import People
from tests.github.pull_routes import PullRoutes
from tests.github.render import Renderer
from tests.github.repository_routes import RepositoryRoutes
from tests.github.world import World, new_key, now

_POLL = 0.02  # seconds until it sees that it is to stop


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Says nothing: what was asked is kept by the world."""


class StandIn:
    """A GitHub of its own, with one App registered. Each process makes its key; secret and tokens are fresh each time.

    Attributes:
        people: what people do there.
        faults: what goes wrong there.
        hooks: the webhooks it sends; `settle()` waits for them.
        world: its state; hold `world.lock` to look at it.
        app: the Flask application, for tests that look at each request and answer.
    """

    def __init__(self, folder: Path, *, webhook_url: str = "", slug: str = "mergelock", port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.world = World(folder, permissions=PERMISSIONS, events=EVENTS, slug=slug)
        self.world.app.hook_url = webhook_url
        self.faults = Faults()
        renderer = Renderer(self.world)
        self.hooks = Hooks(self.world, renderer)
        self.people = People(self.world, self.hooks, renderer)
        self.app = Flask("github")
        api = Api(Parts(self.world, renderer, self.people, self.faults))
        AppRoutes(api, self.hooks)
        PullRoutes(api)
        CheckRoutes(api)
        RepositoryRoutes(api)
        api.register(self.app)
        GitHttp(self.app, self.world)
        self.control = Control(self.app, self.world, self.people, self.faults, self.hooks)
        self._server = make_server("127.0.0.1", port, self.app, threaded=True, request_handler=_Quiet)
        self.world.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._serve, name="github", daemon=True)

    @property
    def api_url(self) -> str:
        """Where the API is, as GitHub Enterprise has it."""
        return f"{self.world.url}/api/v3"

    @property
    def web_url(self) -> str:
        """Where repositories are cloned from."""
        return self.world.url

    @property
    def app_id(self) -> int:
        """The App's number."""
        return self.world.app.id

    @property
    def private_key(self) -> str:
        """The App's private key, PEM."""
        return self.world.app.private_key

    @property
    def webhook_secret(self) -> str:
        """What webhooks are signed with."""
        return self.world.app.secret

    def set_webhook_url(self, url: str) -> None:
        """Where webhooks go from now on; "" loses them."""
        with self.world.lock:
            self.world.app.hook_url = url

    def expire_tokens(self) -> None:
        """Ends every installation token."""
        with self.world.lock:
            for token in self.world.tokens.values():
                token.until = now()

    def replace_key(self) -> str:
        """Gives the App a new private key; the old one is refused from now on."""
        with self.world.lock:
            self.world.app.private_key, self.world.app.public_key = new_key()
            return self.world.app.private_key

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=_POLL)

    def start(self) -> Self:
        """Begins to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends; webhooks that wait are sent first."""
        self.faults.release()
        self.hooks.close()
        self._server.shutdown()
        self._thread.join(timeout=30)
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def description(self) -> dict[str, str | int]:
        """What a process that uses it must know. It holds secrets."""
        return {
            "url": self.world.url,
            "api_url": self.api_url,
            "web_url": self.web_url,
            "app_id": self.app_id,
            "private_key": self.private_key,
            "webhook_secret": self.webhook_secret,
            "control_token": self.control.token,
        }


def main() -> None:
    """Runs it until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.github.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen on loopback; 0 takes a free one")
    parser.add_argument("--folder", type=Path, required=True, help="where its repositories are kept")
    parser.add_argument("--state", type=Path, required=True, help="the file to write addresses, key and secrets to")
    parser.add_argument("--webhook-url", default="", help="where webhooks are sent to")
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with StandIn(options.folder, webhook_url=options.webhook_url, port=options.port) as github:
        waiting = options.state.with_name(options.state.name + ".new")
        waiting.touch(mode=0o600)
        waiting.write_text(json.dumps(github.description()))
        waiting.rename(options.state)
        print(f"GitHub's stand-in answers at {github.world.url}", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
