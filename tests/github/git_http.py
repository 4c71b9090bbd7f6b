"""Fetching over HTTP from the stand-in's repositories, by git's own server program."""

import base64
import binascii
import subprocess
from typing import Any

from flask import Flask, Response, request

from tests.github import git
from tests.github.world import Repository, World, now

_SERVICE = "git-upload-pack"


class GitHttp:
    """Adds the routes: `/{owner}/{name}.git/…`."""

    def __init__(self, app: Flask, world: World) -> None:
        self._world = world
        app.add_url_rule("/<owner>/<name>.git/info/refs", "refs", self._refs, methods=["GET"])
        app.add_url_rule(f"/<owner>/<name>.git/{_SERVICE}", "pack", self._pack, methods=["POST"])

    def _refs(self, owner: str, name: str) -> Response:
        if request.args.get("service") != _SERVICE:
            return Response("this server is for fetching", 403)
        return self._serve(owner, name, "/info/refs")

    def _pack(self, owner: str, name: str) -> Response:
        return self._serve(owner, name, f"/{_SERVICE}")

    def _serve(self, owner: str, name: str, action: str) -> Response:
        with self._world.lock:
            repository = self._world.repositories.get(f"{owner}/{name}".lower())
            refused = self._refuse(repository)
        if refused is not None or repository is None:
            return refused or Response("Repository not found.", 404)
        return self._backend(f"/{repository.path.name}{action}")

    def _refuse(self, repository: Repository | None) -> Response | None:
        """As GitHub: what is public may be read without a name, but not with a wrong one."""
        ask = Response("Repository not found.", 401, {"WWW-Authenticate": 'Basic realm="GitHub"'})
        given = request.headers.get("Authorization", "")
        if not given:
            return ask if repository is None or repository.private else None
        scheme, _, value = given.partition(" ")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ask
        token = self._world.tokens.get(password)
        if scheme.lower() != "basic" or user != "x-access-token" or token is None or token.until <= now():
            return ask
        installation = self._world.installations[token.installation]
        covered = repository is not None and repository.owner is installation.account
        chosen = repository is not None and (token.repositories is None or repository.id in token.repositories)
        if not (covered and chosen and "contents" in token.permissions):
            return Response("Repository not found.", 404)
        return None

    def _backend(self, path: str) -> Response:
        environment: dict[str, str] = {
            **git.ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self._world.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": path,
            "QUERY_STRING": request.query_string.decode(),
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        data: Any = request.get_data()
        done = subprocess.run(
            ["git", "http-backend"], input=data, capture_output=True, env=environment, timeout=120, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        return Response(body, status, headers)
