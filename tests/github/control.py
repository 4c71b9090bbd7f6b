"""The stand-in's back door over HTTP: what people do, what goes wrong, what is to be seen. For tests and demo only."""

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.github.faults import Fault, Faults
from tests.github.git import GitFailed
from tests.github.hooks import Hooks
from tests.github.people import People
from tests.github.world import CheckRun, World

_ACTIONS = (
    "open_pull_request",
    "label",
    "unlabel",
    "review",
    "dismiss_review",
    "close",
    "reopen",
    "comment",
    "set_draft",
    "edit",
    "rerun_all",
    "rerun",
    "press",
    "set_permission",
    "require_check",
    "enter_merge_queue",
    "gate_open",
)


class Control:
    """Adds `POST /_control/{action}` with the action's arguments as a JSON object; answers `{"result": …}`.

    Every request carries `X-Control: {token}`.
    """

    def __init__(self, app: Flask, world: World, people: People, faults: Faults, hooks: Hooks) -> None:
        self.token = secrets.token_urlsafe(24)
        self._world = world
        self._people = people
        self._faults = faults
        self._hooks = hooks
        self._actions: dict[str, Callable[..., Any]] = {name: getattr(people, name) for name in _ACTIONS}
        self._actions |= {
            "push": self._push,
            "create_repository": self._create_repository,
            "fork": self._fork,
            "install": self._install,
            "set_webhook_url": self._set_webhook_url,
            "fault": self._fault,
            "settle": hooks.settle,
            "check_runs": self._check_runs,
            "pull": self._pull,
            "deliveries": self._deliveries,
        }
        app.add_url_rule("/_control/<action>", "control", self._answer, methods=["POST"])

    def _answer(self, action: str) -> Response:
        if not hmac.compare_digest(request.headers.get("X-Control", ""), self.token):
            return _refused(403, "the control token is wrong")
        if action not in self._actions:
            return _refused(404, f"no action is called {action}; there are {', '.join(sorted(self._actions))}")
        arguments = request.get_json(silent=True) or {}
        try:
            return jsonify({"result": self._actions[action](**arguments)})
        except (TypeError, ValueError, LookupError, PermissionError, GitFailed) as error:
            return _refused(400, f"{type(error).__name__}: {error}")

    def _push(self, login: str, full_name: str, branch: str, source: str, revision: str = "HEAD") -> str:
        return self._people.push(login, full_name, branch, Path(source), revision)

    def _create_repository(self, full_name: str, default_branch: str = "main", *, private: bool = False) -> str:
        created = self._people.create_repository(full_name, default_branch=default_branch, private=private)
        return f"{self._world.url}/{created.full_name}.git"

    def _fork(self, full_name: str, owner: str) -> str:
        return self._people.fork(full_name, owner).full_name

    def _install(self, owner: str) -> int:
        return self._people.install(owner).id

    def _set_webhook_url(self, url: str) -> None:
        with self._world.lock:
            self._world.app.hook_url = url

    def _fault(self, **fields: Any) -> None:
        self._faults.add(Fault(**fields))

    def _check_runs(self, full_name: str, head: str, name: str = "") -> list[dict[str, Any]]:
        return [_check_run(run) for run in self._people.check_runs(full_name, head, name)]

    def _pull(self, full_name: str, number: int) -> dict[str, Any]:
        pull = self._people.pull(full_name, number)
        return {
            "number": pull.number,
            "state": pull.state,
            "merged": pull.merged,
            "head": pull.head,
            "labels": list(pull.labels),
            "comments": [comment.body for comment in pull.comments],
            "gate_open": self._people.gate_open(full_name, number),
        }

    def _deliveries(self) -> list[dict[str, Any]]:
        with self._world.lock:
            return [
                {"guid": d.guid, "event": d.event, "action": d.payload.get("action", ""), "status": d.status}
                for d in self._world.deliveries
            ]


def _check_run(run: CheckRun) -> dict[str, Any]:
    names = ("id", "name", "head", "external_id", "status", "conclusion", "title", "summary", "text", "details_url")
    posts = [post | {"at": post["at"].isoformat()} for post in run.posts]
    return {name: getattr(run, name) for name in names} | {"annotations": run.annotations, "posts": posts}


def _refused(status: int, text: str) -> Response:
    answer = jsonify({"error": text})
    answer.status_code = status
    return answer
