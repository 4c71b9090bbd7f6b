"""The settings' reference page, made from the model: `docs/settings.md` is its output, and a test holds it current."""

import types
import typing
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.settings import PREFIX, Settings

_INTRODUCTION = f"""\
# Settings

Every setting of the server has two names: `{PREFIX}APP_ID` in the environment is `app_id` in a TOML file. The
environment wins over the file. The file is the one given with `--settings FILE`, or that `{PREFIX}SETTINGS_FILE` names;
[`deploy/mergelock.toml`](../deploy/mergelock.toml) is an example. A misspelt name is an error in the file; in the
environment it is not noticed.

`mergelock check` needs none of them; it heeds `{PREFIX}DATA_DIR` and `{PREFIX}SANDBOX`. `mergelock doctor` says which
of those that the server needs are missing.

| setting | in the environment | type | default | meaning |
|:--|:--|:--|:--|:--|
"""
_REST = f"""

## What the server needs

`mergelock serve` needs `webhook_secrets`; `mergelock worker` needs `app_id` and `private_key_file`; `serve
--with-worker` needs all three. Give both the same settings: the worker writes the links to the pages, too.

## Secrets

Secrets are never logged, and an error about a setting never shows its value. The private key comes by file only. In the
environment `{PREFIX}WEBHOOK_SECRETS` is one secret, several with commas between, or a JSON list; in the file it is a
list. While a secret is being replaced give both, the new one first, and drop the old one when GitHub has the new.
A settings file with secrets in it belongs to the server's user, with mode `0600`.

## What is not a setting

The address of a package index, proxies and certificates: these are the machine's own, read from the configuration of
its package clients (`pip config list`, uv's) and from `HTTPS_PROXY`. How a change is judged is the
[policy](policy.md)'s to say.
"""
_DEFAULTS = {
    "data_dir": "`/var/lib/mergelock` for root, else `$XDG_DATA_HOME/mergelock` (`~/.local/share/mergelock`)",
    "application_version": "the program's version",
}


def reference() -> str:
    """The whole page in Markdown.

    Raises:
        ValueError: a setting has no description.
    """
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return _INTRODUCTION + "\n".join(rows) + _REST


def _row(name: str, field: FieldInfo) -> str:
    if not field.description:
        raise ValueError(f"the setting {name} has no description: give its Field one")
    cells = (f"`{name}`", f"`{PREFIX}{name.upper()}`", _type(field), _default(name, field), field.description)
    return f"| {' | '.join(cells)} |"


def _default(name: str, field: FieldInfo) -> str:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    value = field.get_default(call_default_factory=False)
    return "not set" if value in (None, "", (), SecretStr("")) else f"`{value}`"


def _type(field: FieldInfo) -> str:
    words = _words(field.annotation)
    bounds = {type(part).__name__: part for part in field.metadata}
    low, high = bounds.get("Ge"), bounds.get("Le")
    return f"{words}, {low.ge} to {high.le}" if low is not None and high is not None else words


def _words(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(argument) for argument in arguments if argument is not type(None))
    if origin is tuple:
        return f"a list: {_words(arguments[0])}"
    return {str: "text", int: "a number", Path: "a path", SecretStr: "a secret"}[annotation]
