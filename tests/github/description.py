"""GitHub's own description of its API and webhooks, and whether an exchange keeps to it."""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_FOLDER = Path(__file__).parent
_API = "node_modules/@octokit/openapi/generated/api.github.com.json"
_WEBHOOKS = "node_modules/@octokit/openapi-webhooks/generated/api.github.com.json"
_EXAMPLES = "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
_URI = "urn:github"
_ANY_ERROR = {400, 401, 403, 404, 409, 410, 422, 429, 451, 500, 502, 503}  # any route may answer so
_SHOWN = 3


def file_of(name: str) -> Any:
    """A file of the description, fetched by npm where it is not there yet; skips the test where npm is not either."""
    with (_FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_FOLDER / name).exists():
            _install()
    return json.loads((_FOLDER / name).read_bytes())


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        reason = "GitHub's description comes by npm, which is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run([npm, "ci"], cwd=_FOLDER, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"npm ci in tests/github: {done.stderr[-2000:]}")


@cache
def description() -> "Description":
    """The description of the API; read once."""
    return Description(file_of(_API))


@cache
def webhooks() -> "Webhooks":
    """The description of the webhooks; read once."""
    return Webhooks(file_of(_WEBHOOKS))


def webhook_examples() -> list[tuple[str, dict[str, Any]]]:
    """GitHub's examples: event and payload."""
    return [(entry["name"], payload) for entry in file_of(_EXAMPLES) for payload in entry["examples"]]


class Description:
    """Holds requests and answers against GitHub's OpenAPI document (3.0, with its `nullable`)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = _registry(document)
        self._routes = [(_pattern(path), path) for path in sorted(document["paths"], key=_vagueness)]

    def problems(
        self, method: str, path: str, query: Mapping[str, str], body: Any, status: int, answer: Any
    ) -> list[str]:
        """What is wrong with an exchange, one sentence each; `path` is below the API's root, as it was sent."""
        template = next((path_ for pattern, path_ in self._routes if pattern.fullmatch(path)), None)
        operation = self._document["paths"].get(template, {}).get(method.lower()) if template else None
        if operation is None:
            return [f"{method} {path}: GitHub has no such route"]
        where, place = f"{method} {template}", ("paths", template or "", method.lower())
        found = [f"{where}: {text}" for text in self._request(operation, query, body, place)]
        return found + [f"{where} → {status}: {text}" for text in self._answer(operation, status, answer, place)]

    def _request(
        self, operation: dict[str, Any], query: Mapping[str, str], body: Any, place: tuple[str, ...]
    ) -> Iterator[str]:
        parameters = [self._resolve(item) for item in operation.get("parameters", [])]
        declared = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
        for name, value in query.items():
            if name not in declared:
                yield f"the query {name} is not declared"
                continue
            given: Any = int(value) if declared[name].get("type") == "integer" and value.isdigit() else value
            yield from self._errors(declared[name], given, f"query {name}")
        wanted = operation.get("requestBody", {})
        if body is None and wanted.get("required"):
            yield "there must be a body"
        elif body is not None and not wanted:
            yield "there must be no body"
        elif body is not None:
            schema = wanted["content"]["application/json"]["schema"]
            pointer = _pointer(*place, "requestBody", "content", "application/json", "schema")
            yield from self._errors({"$ref": pointer}, body, "body")
            if "properties" in schema and isinstance(body, dict):
                yield from (f"the body's {name} is not declared" for name in body if name not in schema["properties"])

    def _answer(self, operation: dict[str, Any], status: int, answer: Any, place: tuple[str, ...]) -> Iterator[str]:
        response = operation["responses"].get(str(status))
        if response is None:
            if status not in _ANY_ERROR:
                yield "the status is not declared"
            elif not isinstance(answer, dict) or not isinstance(answer.get("message"), str):
                yield "an error has a message"
            return
        if "application/json" not in self._resolve(response).get("content", {}):
            if answer:
                yield "there must be no content"
            return
        root = f"{_URI}{response['$ref']}" if "$ref" in response else _pointer(*place, "responses", str(status))
        yield from self._errors({"$ref": f"{root}/content/application~1json/schema"}, answer, "answer")

    def _errors(self, schema: dict[str, Any], instance: Any, what: str) -> Iterator[str]:
        validator = _OpenApi30(schema, registry=self._registry)
        return _texts(validator.iter_errors(instance), what)

    def _resolve(self, item: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in item:
            return item
        found: Any = self._document
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)


class Webhooks:
    """Holds webhooks' payloads against GitHub's OpenAPI document (3.1, plain JSON Schema)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = _registry(document)

    def problems(self, event: str, payload: dict[str, Any]) -> list[str]:
        """What is wrong with a payload, one sentence each."""
        name = "-".join(part for part in (event, payload.get("action", "")) if part).replace("_", "-")
        if name not in self._document["webhooks"]:
            return [f"GitHub has no event {name}"]
        pointer = _pointer("webhooks", name, "post", "requestBody", "content", "application/json", "schema")
        validator = jsonschema.Draft202012Validator({"$ref": pointer}, registry=self._registry)
        return [f"{name}: {text}" for text in _texts(validator.iter_errors(payload), "payload")]


def _or_null(keyword: str) -> Any:
    check = jsonschema.Draft202012Validator.VALIDATORS[keyword]

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        return () if instance is None and schema.get("nullable") else check(validator, value, instance, schema)

    return checked


_OpenApi30: Any = extend(  # type: ignore[no-untyped-call]  # the package's types end here
    jsonschema.Draft202012Validator,
    {keyword: _or_null(keyword) for keyword in ("type", "enum", "allOf", "anyOf", "oneOf", "$ref")},
)


def _registry(document: dict[str, Any]) -> Any:
    return Registry().with_resource(_URI, DRAFT202012.create_resource(document))


def _pointer(*parts: str) -> str:
    return _URI + "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def _pattern(path: str) -> re.Pattern[str]:
    """A route for paths as they are sent, with what is in a value quoted; a file's path alone may hold slashes."""
    pieces = re.split(r"(\{\w+\})", path)
    values = {"{path}": ".+"}
    return re.compile("".join(values.get(p, "[^/]+") if p.startswith("{") else re.escape(p) for p in pieces))


def _vagueness(path: str) -> int:
    return path.count("{")


def _texts(errors: Iterator[Any], what: str) -> Iterator[str]:
    for number, error in enumerate(errors):
        if number >= _SHOWN:
            return
        place = "/".join(str(part) for part in error.absolute_path)
        yield f"{what} at /{place}: {error.message[:300]}"
