"""The policy's reference page, made from the models: `docs/policy.md` is its output, and a test holds it current."""

import enum
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from app.gate.floor import RULES
from app.gate.policy_model import Policy
from app.gate.quantities import show_duration, show_size
from app.gate.reasons import Code, Weight

_SIZES = ("memory", "disk", "output")
_INTRODUCTION = """\
# The policy

A repository's policy is the file `.github/mergelock.yml` on its **base branch**. It is optional: with no file the
defaults below hold. A pull request's own version of it is read and reported, and never used for itself.

```yaml
version: 1
gate: everyone
checks: {bandit: warn, block-at: medium}
review: {approvals: 2}
protected-paths:
  - {paths: [".github/**", "**/AGENTS.md"], approvals: 3}
```

Unknown keys are errors, with line, column and the nearest known key. The file is at most 64 KiB of plain YAML: no
anchors, aliases or tags. `mergelock policy schema` prints its JSON Schema for editors.

Commands (`install`, `test`) are lists of arguments, or one string that is split into words. No shell runs them.
Sizes are written `512MiB`, `4GiB`; durations `90s`, `20m`, `1h30m`.

## Floors

A server or an organisation may have a policy of its own that repositories cannot loosen, the *floor*. It is a file of
the same form, and binds what it writes out; what it leaves out is the repository's. The last column says what holds
where both say something.
"""
_WEIGHTS = {
    Weight.BLOCKS: ("The verdict is `failed`", "The change has to be altered."),
    Weight.TROUBLE: ("The verdict is `error`", "It could not be judged, and the change is not to blame."),
    Weight.ASKS: ("The verdict is `needs-review`", "A person is needed."),
    Weight.NOTE: ("Said, and decides nothing", "It is put before the reviewer, or says what a pass rests on."),
}
_REASONS = """\
## Reasons

Every verdict has reasons, each with a code that never changes its meaning. The heaviest decides: `failed` before
`error` before `needs-review` before `passed`. Some that are worth knowing:

- A repository without tests to run: where tests are required, an agent's change needs a person's word (`no-tests`);
  once a person has reviewed the commit that is said and no more (`tests-absent`).
- A suite that failed before the change is judged by what the change did to it (`base-failing`).
- Tests that are gone or skipped, and expectations that changed, are put before the reviewer and block nothing.
- On a machine (`mergelock check`) nobody's review is asked for; exit codes are 0 passed, 1 failed or waiting for a
  person, 2 wrong usage or policy, 3 could not judge.
"""


def reference() -> str:
    """The whole page in Markdown."""
    tables = "\n\n".join(_table(title, rows) for title, rows in _sections())
    return f"{_INTRODUCTION}\n{tables}\n\n{_REASONS}\n{_codes()}\n"


def _sections() -> Iterator[tuple[str, list[str]]]:
    top: list[str] = []
    parts: list[tuple[str, list[str]]] = []
    for name, field in Policy.model_fields.items():
        model = _model(field.annotation)
        if model is None:
            top.append(_row(name, Policy, name))
        elif isinstance(field.get_default(), tuple):
            top.append(_row(name, Policy, name))
            parts.append((f"`{_key(name)}`, each", [_row(sub, model, "") for sub in model.model_fields]))
        else:
            parts.append((f"`{_key(name)}`", list(_rows(model, (name,)))))
    yield "The whole", top
    yield from parts


def _rows(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _model(field.annotation)
        if inner is None:
            yield _row(name, model, ".".join((*path, name)), shown=".".join((*path[1:], name)))
        else:
            yield from _rows(inner, (*path, name))


def _row(name: str, model: type[BaseModel], path: str, shown: str = "") -> str:
    field = model.model_fields[name]
    rule = RULES.get(_key(path))
    floor = rule.words if rule else ""
    values = "a size" if name in _SIZES else "a duration" if name == "time" else _values(field.annotation)
    default = "*asked for*" if field.is_required() else f"`{_default(name, field.get_default())}`"
    return f"| `{_key(shown or name)}` | {field.description} | {values} | {default} | {floor} |"


def _table(title: str, rows: list[str]) -> str:
    head = "| key | what it says | values | default | with a floor |\n|:--|:--|:--|:--|:--|"
    return "\n".join([f"### {title}", "", head, *rows])


def _codes() -> str:
    parts = []
    for weight, (title, words) in _WEIGHTS.items():
        codes = ", ".join(f"`{code}`" for code in Code if code.weight is weight)
        parts.append(f"**{title}.** {words}\n{codes}.")
    return "\n\n".join(parts)


def _key(name: str) -> str:
    return name.replace("_", "-")


def _default(name: str, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return f"[{', '.join(str(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if name in _SIZES:
        return show_size(value).replace(" ", "")
    if name == "time":
        return show_duration(value).replace(" min", "m")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(annotation: Any) -> str:
    """What may be written, in a few words."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (typing.Annotated, tuple):
        return ("a list: " if origin is tuple else "") + _values(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_values(argument) for argument in arguments)
    if _model(annotation):
        return "mappings, see below"
    return {str: "text", bool: "`true`, `false`", int: "a number", float: "a number", type(None): "`null`"}[annotation]


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in typing.get_args(annotation) if (found := _model(argument))), None)
