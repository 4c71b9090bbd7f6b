"""Builds the project in /workspace by its own build back-end and unpacks what comes of it; runs inside the sandbox.

    build_project.py MODE BACKEND OUT [BACKEND-PATH ...]

MODE "requires" writes OUT/requires.json, what the back-end wants beyond what is declared. MODE "build" makes OUT/site,
an editable install if the back-end can do that, else a plain one, and OUT/bin. Standard library only.
"""

from __future__ import annotations

import configparser
import contextlib
import importlib
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

_SCRIPT = """#!/mergelock/env/bin/python
import sys
from {module} import {first}
if __name__ == "__main__":
    sys.exit({attribute}())
"""


def load_backend(name: str, paths: list[str]) -> Any:
    """The back-end's object, imported from the paths it is declared to be in."""
    sys.path[:0] = [os.path.normpath(str(Path.cwd() / path)) for path in paths]
    module, _, attribute = name.partition(":")
    backend: Any = importlib.import_module(module)
    for part in attribute.split(".") if attribute else ():
        backend = getattr(backend, part)
    return backend


def ask_requires(backend: Any, out: Path) -> None:
    """Ask the back-end what else it wants."""
    ask = getattr(backend, "get_requires_for_build_editable", None) if hasattr(backend, "build_editable") else None
    ask = ask or getattr(backend, "get_requires_for_build_wheel", None)
    wanted = [str(entry) for entry in ask()] if ask is not None else []
    (out / "requires.json").write_text(json.dumps(wanted), encoding="utf-8")


def build(backend: Any, out: Path) -> None:
    """Build and unpack."""
    wheels = out / "wheel"
    wheels.mkdir()
    if hasattr(backend, "build_editable"):
        name = backend.build_editable(str(wheels))
    else:
        name = backend.build_wheel(str(wheels))
    site = out / "site"
    with zipfile.ZipFile(wheels / name) as wheel:
        wheel.extractall(site)
    for data in list(site.glob("*.data")):
        for kind in ("purelib", "platlib"):
            if (data / kind).is_dir():
                _merge(data / kind, site)
    write_scripts(site, out / "bin")


def write_scripts(site: Path, target: Path) -> None:
    """Write the programs that the project's entry points and its wheel's scripts name."""
    target.mkdir()
    for script in site.glob("*.data/scripts/*"):
        text = script.read_bytes()
        if text.startswith(b"#!python"):
            text = b"#!/mergelock/env/bin/python" + text[len(b"#!python") :]
        (target / script.name).write_bytes(text)
        (target / script.name).chmod(0o755)
    for listed in site.glob("*.dist-info/entry_points.txt"):
        parser = configparser.RawConfigParser(delimiters=("=",))
        parser.optionxform = str  # type: ignore[assignment,method-assign] # names are case-sensitive
        parser.read_string(listed.read_text(encoding="utf-8"))
        for section in ("console_scripts", "gui_scripts"):
            for name, value in parser.items(section) if parser.has_section(section) else ():
                module, _, attribute = value.split("[")[0].strip().partition(":")
                if attribute and "/" not in name:
                    text_ = _SCRIPT.format(module=module, first=attribute.split(".")[0], attribute=attribute)
                    (target / name).write_text(text_, encoding="utf-8")
                    (target / name).chmod(0o755)


def _merge(source: Path, target: Path) -> None:
    for entry in source.iterdir():
        goal = target / entry.name
        if entry.is_dir() and goal.is_dir():
            _merge(entry, goal)
        else:
            entry.rename(goal)


def main() -> None:
    """Do what the arguments say."""
    mode, name, out, *paths = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        backend = load_backend(name, paths)
        (ask_requires if mode == "requires" else build)(backend, Path(out))


if __name__ == "__main__":
    main()
