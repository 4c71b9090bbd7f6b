"""From the bytes of a policy file to a `Policy`, or to everything wrong with it, each with its place.

The file may come from anyone who could push to the base branch, or from a pull request's head when it is only looked
at: so its size, depth and number of nodes are bounded, and YAML's aliases, anchors and tags are refused.
"""

import difflib
import inspect
import typing
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from app.gate.errors import PolicyError, Problem
from app.gate.policy_model import Policy

MAX_BYTES = 64 * 1024
MAX_EVENTS = 10_000
MAX_DEPTH = 16
MAX_PROBLEMS = 50
MAX_DIGITS = 40
_PLAIN_WORDS = {
    "model_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
}
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class _Document:
    """Plain data of a YAML document, where each of its keys and values stands, and what is wrong with it as YAML."""

    places: dict[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, at: Any, key: tuple[str | int, ...], text: str) -> None:
        self.problems.append(Problem(at.line + 1, at.column + 1, show_key(key), text))


def load(text: str | bytes) -> Policy:
    """Read a policy file.

    Args:
        text: the whole file, as UTF-8 where it is bytes.

    Raises:
        PolicyError: the file cannot be used; it carries all problems at once.
    """
    decoded = _decode(text)
    document = _Document()
    _refuse_unsafe(decoded, document)
    data = _read_data(decoded, document) if not document.problems else None
    if document.problems:
        raise PolicyError(tuple(document.problems[:MAX_PROBLEMS]))
    return _validate(data, document)


def show_key(path: tuple[str | int, ...]) -> str:
    """A place in the data as a person writes it: `protected-paths[0].approvals`."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def _decode(text: str | bytes) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise PolicyError(
            (Problem(1, 1, "", f"the file has {size} bytes; at most {MAX_BYTES} are read: make it shorter"),)
        )
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - (text.rfind(b"\n", 0, error.start) + 1) + 1
        raise PolicyError((Problem(line, column, "", "is not UTF-8; save the file as UTF-8"),)) from None


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _refuse_unsafe(text: str, document: _Document) -> None:
    """Walk the events, which builds nothing, and refuse what could grow or name a type."""
    depth = 0
    try:
        for count, event in enumerate(_yaml().parse(text)):
            name = type(event).__name__
            if count > MAX_EVENTS or depth > MAX_DEPTH:
                document.problem(event.start_mark, (), "too many or too deeply nested parts; a policy needs few")
                return
            if name in ("MappingStartEvent", "SequenceStartEvent"):
                depth += 1
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                depth -= 1
            if name == "AliasEvent" or getattr(event, "anchor", None):
                document.problem(event.start_mark, (), "anchors and aliases are not read; write the value out")
            elif getattr(event, "tag", None):
                document.problem(event.start_mark, (), "tags (`!…`) are not read; write the plain value")
            elif name == "DocumentStartEvent" and getattr(event, "version", None):
                document.problem(event.start_mark, (), "a %YAML directive is not read; remove it")
    except MarkedYAMLError as error:
        document.problems.append(_yaml_problem(error))
    except ReaderError as error:
        line, column = _place(text, error.position)
        words = f"is no YAML: the character U+{error.character:04X} may not stand there; remove it"
        document.problems.append(Problem(line, column, "", words))
    except (YAMLError, ValueError, RecursionError) as error:
        document.problems.append(Problem(1, 1, "", f"is no YAML: {_first_line(error)}"))


def _yaml_problem(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(line, column, "", f"is no YAML: {_first_line(error.problem or error.context or 'cannot be read')}")


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _first_line(words: object) -> str:
    return (str(words).strip().splitlines() or ["cannot be read"])[0][:200]


def _read_data(text: str, document: _Document) -> object:
    try:
        node = _yaml().compose(text)
    except MarkedYAMLError as error:
        document.problems.append(_yaml_problem(error))
        return None
    except (YAMLError, ValueError) as error:
        document.problems.append(Problem(1, 1, "", f"is no YAML: {_first_line(error)}"))
        return None
    return {} if node is None else _value(node, (), document)


def _value(node: Node, path: tuple[str | int, ...], document: _Document) -> object:
    document.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, index), document) for index, item in enumerate(node.value)]
    return _scalar(node, str(node.value), path, document)


def _mapping(node: MappingNode, path: tuple[str | int, ...], document: _Document) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            document.problem(key_node.start_mark, path, "a key must be plain text")
            continue
        key = key_node.value
        if key in data:
            document.problem(key_node.start_mark, (*path, key), "stands here a second time; remove one of them")
            continue
        document.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        data[key] = _value(value_node, (*path, key), document)
    return data


def _scalar(node: Node, text: str, path: tuple[str | int, ...], document: _Document) -> object:
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0) if len(text) <= MAX_DIGITS else text
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").replace(".Inf", "inf"))
    except ValueError:
        document.problem(node.start_mark, path, "is a number that cannot be read; write it in decimal digits")
    return text


def _validate(data: object, document: _Document) -> Policy:
    if not isinstance(data, dict):
        raise PolicyError((Problem(1, 1, "", "must be a mapping of keys to values, beginning with `version: 1`"),))
    problems: list[Problem] = []
    if "version" not in data:
        problems.append(Problem(1, 1, "version", "is missing; write `version: 1` as the first line"))
    try:
        policy = Policy.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        problems += _problems(error, document)
    if problems:
        raise PolicyError(tuple(sorted(problems, key=lambda p: (p.line, p.column))[:MAX_PROBLEMS]))
    return policy


def _problems(error: ValidationError, document: _Document) -> list[Problem]:
    found: dict[tuple[str | int, ...], Problem] = {}
    for item in error.errors(include_url=False, include_context=False):
        path = _known_part(tuple(item["loc"]), document)
        if path in found:
            continue
        line, column = document.places.get(path, (1, 1))
        if item["type"] == "extra_forbidden":
            key = str(path[-1])
            near = difflib.get_close_matches(key, _keys_at(path[:-1]), n=1, cutoff=0.5)
            found[path] = Problem(line, column, show_key(path), "is no key of a policy", near[0] if near else "")
        else:
            found[path] = Problem(line, column, show_key(path), _words(item), _near_value(item))
    return list(found.values())


def _known_part(path: tuple[str | int, ...], document: _Document) -> tuple[str | int, ...]:
    """pydantic names places in its own schema as well (a union's arm): keep what stands in the file."""
    while path and path not in document.places:
        path = path[:-1]
    return path


def _words(item: Any) -> str:
    """pydantic's message as the end of a sentence."""
    if item["type"] == "missing":
        return f"{item['loc'][-1]!r} is missing"
    if item["type"] in _PLAIN_WORDS:
        return _PLAIN_WORDS[item["type"]]
    message = str(item["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _near_value(item: Any) -> str:
    """The nearest of an enumeration's values, where one was misspelt."""
    if item["type"] not in ("enum", "literal_error") or not isinstance(item["input"], str):
        return ""
    values = [part.strip("' ") for part in item["msg"].partition("be ")[2].replace(" or ", ", ").split(",")]
    near = difflib.get_close_matches(item["input"], values, n=1, cutoff=0.5)
    return near[0] if near else ""


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """The keys that a policy knows at that place."""
    model: type[BaseModel] | None = Policy
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        fields = (f for name, f in model.model_fields.items() if name.replace("_", "-") == part)
        model = next((_model_in(f.annotation) for f in fields), None)
    return [] if model is None else [name.replace("_", "-") for name in model.model_fields]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation is, or holds a tuple of."""
    if inspect.isclass(annotation) and typing.get_origin(annotation) is None and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in typing.get_args(annotation) if (found := _model_in(arg))), None)
