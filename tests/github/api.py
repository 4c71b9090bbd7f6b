"""How the stand-in takes a request: who asks, what they may, pages, ETags, rate limits. Routes: `*_routes.py`."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt
from flask import Blueprint, Flask, Response, g, request

from tests.github.faults import Faults
from tests.github.people import People
from tests.github.render import Renderer
from tests.github.world import Installation, Repository, Token, World, now

LEVELS = ("read", "write", "admin")


class Problem(Exception):  # noqa: N818 - an answer, not a fault of this program
    """An answer of 400 and above."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}


@dataclass(frozen=True)
class Parts:
    """What routes work with."""

    world: World
    render: Renderer
    people: People
    faults: Faults


View = Callable[..., Any]


class Api:
    """Adds routes to the app: for the App itself by its JWT, for installations by their tokens."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.blueprint = Blueprint("api", __name__, url_prefix="/api/v3")

    def for_app(self, method: str, rule: str, view: View) -> None:
        """A route that the App calls in its own name."""

        def answer(**values: Any) -> Response:
            with self.parts.world.lock:
                self._check_jwt()
                return self._written(view(**values))

        self.blueprint.add_url_rule(rule, f"{method} {rule}", answer, methods=[method])

    def for_installation(
        self, method: str, rule: str, view: View, *, needs: str = "metadata", level: str = "read"
    ) -> None:
        """A route below `/repos/{owner}/{repo}` that an installation calls; the view is given the repository."""
        path = "/repos/<owner>/<name>" + rule

        def answer(owner: str, name: str, **values: Any) -> Response:
            with self.parts.world.lock:
                token = self._token()
                repository = self._repository(token, owner, name)
                if not _allowed(token, needs, level):
                    raise Problem(
                        403,
                        "Resource not accessible by integration",
                        headers={"X-Accepted-GitHub-Permissions": f"{needs}={level}"},
                    )
                return self._written(view(repository, **values))

        self.blueprint.add_url_rule(path, f"{method} {path}", answer, methods=[method])

    def for_token(self, method: str, rule: str, view: View) -> None:
        """A route that an installation calls about itself; the view is given the installation."""

        def answer(**values: Any) -> Response:
            with self.parts.world.lock:
                token = self._token()
                return self._written(view(self.parts.world.installations[token.installation], **values))

        self.blueprint.add_url_rule(rule, f"{method} {rule}", answer, methods=[method])

    def register(self, app: Flask) -> None:
        """Hangs the routes into the app, with what holds for all of them."""
        app.register_blueprint(self.blueprint)
        app.register_error_handler(Problem, self._problem)
        app.register_error_handler(404, lambda _: self._problem(Problem(404, "Not Found")))
        app.before_request(self.parts.faults.before)
        app.after_request(self._finish)

    def _check_jwt(self) -> None:
        app = self.parts.world.app
        header = request.headers.get("Authorization", "")
        if not header.startswith("Bearer "):
            raise Problem(401, "A JSON web token could not be decoded")
        try:
            claims = jwt.decode(
                header.removeprefix("Bearer "), app.public_key, ["RS256"], options={"require": ["iat", "exp", "iss"]}
            )
        except jwt.ExpiredSignatureError:
            raise Problem(401, "'Expiration time' claim ('exp') is not in the future") from None
        except jwt.ImmatureSignatureError:
            raise Problem(401, "'Issued at' claim ('iat') must be an Integer representing the past") from None
        except jwt.InvalidTokenError:
            raise Problem(401, "A JSON web token could not be decoded") from None
        if claims["exp"] > datetime.now(UTC).timestamp() + 600:
            raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")
        if str(claims["iss"]) != str(app.id):
            raise Problem(404, "Integration not found")

    def _token(self) -> Token:
        header = request.headers.get("Authorization", "")
        token = self.parts.world.tokens.get(header.removeprefix("token ").removeprefix("Bearer "))
        if token is None or token.until <= now():
            raise Problem(401, "Bad credentials")
        if self.parts.world.installations[token.installation].suspended:
            raise Problem(403, "This installation has been suspended")
        return token

    def _repository(self, token: Token, owner: str, name: str) -> Repository:
        world = self.parts.world
        repository = world.repositories.get(f"{owner}/{name}".lower())
        installation: Installation = world.installations[token.installation]
        covered = repository is not None and (
            repository.owner is installation.account
            and (token.repositories is None or repository.id in token.repositories)
        )
        reads = repository is not None and not repository.private and request.method == "GET"
        if repository is None or not (covered or reads):
            raise Problem(404, "Not Found")
        return repository

    def _written(self, result: Any) -> Response:
        data, status = result if isinstance(result, tuple) else (result, 200)
        return Response("" if data is None else json.dumps(data), status, mimetype="application/json")

    def _problem(self, problem: Problem) -> Response:
        body: dict[str, Any] = {"message": problem.message, "documentation_url": "https://docs.github.com/rest"}
        if problem.errors is not None:
            body["errors"] = problem.errors
        return Response(json.dumps(body), problem.status, problem.headers, mimetype="application/json")

    def _finish(self, response: Response) -> Response:
        if not request.path.startswith("/api/v3"):
            return response
        if request.method == "GET" and response.status_code == 200:
            etag = 'W/"' + hashlib.sha256(response.get_data()).hexdigest() + '"'
            response.headers["ETag"] = etag
            if request.headers.get("If-None-Match") == etag:
                kept = {key: value for key, value in response.headers if key.lower() in {"etag", "link"}}
                response = Response(status=304, headers=kept)
        world = self.parts.world
        if response.status_code != 304:
            world.rate_remaining = max(0, world.rate_remaining - 1)
        response.headers.setdefault("X-RateLimit-Limit", "5000")
        response.headers.setdefault("X-RateLimit-Remaining", str(world.rate_remaining))
        response.headers.setdefault("X-RateLimit-Reset", str(int(now().timestamp()) // 3600 * 3600 + 3600))
        response.headers.setdefault("X-GitHub-Media-Type", "github.v3; format=json")
        if links := g.get("links"):
            response.headers["Link"] = links
        return self.parts.faults.after(response)


def body() -> dict[str, Any]:
    """The request's JSON object; {} where there is none."""
    if not request.get_data():
        return {}
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise Problem(400, "Problems parsing JSON")
    return data


def paged(items: list[Any], render: Callable[[Any], Any] = lambda item: item) -> list[Any]:
    """One page of a list, with the Link header that leads to the others."""
    size = min(max(_integer("per_page", 30), 1), 100)
    page = max(_integer("page", 1), 1)
    last = max(-(-len(items) // size), 1)
    links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {"next", "last"} if page < last else set()
    wanted |= {"prev", "first"} if page > 1 else set()
    g.links = ", ".join(f'<{_url(page=number)}>; rel="{rel}"' for rel, number in links.items() if rel in wanted)
    return [render(item) for item in items[(page - 1) * size : page * size]]


def by_cursor(items: list[Any], name: str, render: Callable[[Any], Any]) -> list[Any]:
    """One page of a list that is walked by cursors: `name` holds the place where a page begins."""
    size = min(max(_integer("per_page", 30), 1), 100)
    start = max(_integer(name, 0), 0)
    if start + size < len(items):
        g.links = f'<{_url(**{name: start + size})}>; rel="next"'
    return [render(item) for item in items[start : start + size]]


def invalid(resource: str, field: str, code: str, message: str = "Validation Failed") -> Problem:
    """A 422 with one problem."""
    return Problem(422, message, [{"resource": resource, "field": field, "code": code}])


def _integer(name: str, otherwise: int) -> int:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else otherwise


def _url(**changed: Any) -> str:
    return request.base_url + "?" + urlencode({**request.args.to_dict(), **changed})


def _allowed(token: Token, needs: str, level: str) -> bool:
    if needs == "metadata":
        return True
    granted = token.permissions.get(needs, "")
    return granted in LEVELS and LEVELS.index(granted) >= LEVELS.index(level)
