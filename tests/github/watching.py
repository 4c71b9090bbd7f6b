"""Holds all that goes on between us and the stand-in against GitHub's description."""

import json
from typing import Any

from flask import Response, g, request

from tests.github.description import description, webhooks
from tests.github.server import StandIn

_ROOT = "/api/v3"


class Watcher:
    """Looks at every request, answer and webhook of a stand-in that is not started yet; keeps what is wrong."""

    def __init__(self, github: StandIn) -> None:
        self.problems: list[str] = []
        self._description = description()
        self._webhooks = webhooks()
        github.app.after_request(self._look)
        github.hooks.observers.append(self._hear)

    def _look(self, response: Response) -> Response:
        fault = g.get("fault")
        if request.path.startswith(_ROOT) and (fault is None or fault.kind not in {"reset", "hang"}):
            body = json.loads(request.get_data()) if request.get_data() else None
            answer = json.loads(response.get_data()) if response.get_data() else None
            path = request.environ["RAW_URI"].partition("?")[0].removeprefix(_ROOT)
            self.problems += self._description.problems(
                request.method, path, request.args.to_dict(), body, response.status_code, answer
            )
        return response

    def _hear(self, event: str, payload: dict[str, Any]) -> None:
        self.problems += self._webhooks.problems(event, payload)
