"""What a Python project declares: name, build system, dependencies, extras and groups. Nothing is executed.

`pyproject.toml` and `setup.cfg` are parsed, `setup.py` is read as a syntax tree for what it says literally.
"""

import ast
import configparser
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from runner.environment.tree import Tree
from runner.languages.python.requirements import from_poetry

_LEGACY = "setuptools.build_meta:__legacy__"
_LEGACY_REQUIRES = ("setuptools>=40.8", "wheel")

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Build:
    """How the project is built (PEP 517). `declared` says that there is something to build at all."""

    backend: str = _LEGACY
    path: tuple[str, ...] = ()
    requires: tuple[str, ...] = _LEGACY_REQUIRES
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is declared. `name` is canonical, or empty; `extras` and `groups` are by canonical name."""

    name: str = ""
    build: Build = field(default_factory=Build)
    dependencies: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tests_require: tuple[str, ...] = ()
    tools: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_manifest(tree: Tree) -> Manifest:
    """Read what the project in that tree declares; what cannot be parsed is noted and left out."""
    notes: list[str] = []
    pyproject = read_toml(tree, "pyproject.toml", notes)
    config = read_ini(tree, "setup.cfg", notes)
    called = _setup_call(tree, notes)
    project, tools = table(pyproject, "project"), table(pyproject, "tool")
    name = str(
        project.get("name") or table(tools, "poetry").get("name") or config.get("metadata", {}).get("name") or ""
    )
    extras = {
        **_lists(called.get("extras_require")),
        **{key: lines(value) for key, value in config.get("options.extras_require", {}).items()},
        **_lists(project.get("optional-dependencies")),
    }
    groups = {**_tool_groups(tools), **_expand_groups(table(pyproject, "dependency-groups"), notes)}
    options = config.get("options", {})
    return Manifest(
        name=canonicalize_name(name or str(called.get("name") or "")),
        build=_build(tree, pyproject),
        dependencies=(
            *strings(project.get("dependencies")),
            *lines(options.get("install_requires", "")),
            *strings(called.get("install_requires")),
            *_poetry(table(tools, "poetry").get("dependencies")),
        ),
        extras={canonicalize_name(key): value for key, value in extras.items()},
        groups={canonicalize_name(key): value for key, value in groups.items()},
        tests_require=(*lines(options.get("tests_require", "")), *strings(called.get("tests_require"))),
        tools=tools,
        notes=tuple(notes),
    )


def read_toml(tree: Tree, path: str, notes: list[str]) -> Table:
    """A TOML file of the tree; empty, and noted, where it cannot be parsed."""
    try:
        return tomllib.loads(tree.read(path) or "")
    except (tomllib.TOMLDecodeError, RecursionError) as trouble:
        notes.append(f"{path} cannot be parsed: {trouble}")
        return {}


def read_ini(tree: Tree, path: str, notes: list[str]) -> dict[str, dict[str, str]]:
    """An INI file of the tree by section; empty, and noted, where it cannot be parsed."""
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#", ";"), delimiters=("=", ":"))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keys are case-sensitive here
    try:
        parser.read_string(tree.read(path) or "")
    except configparser.Error as trouble:
        notes.append(f"{path} cannot be parsed: {str(trouble).splitlines()[0]}")
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def table(parent: Table, key: str) -> Table:
    """The table of that name, or an empty one."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def strings(value: object) -> tuple[str, ...]:
    """The texts of a list; a text with several lines is a list too; anything else is empty."""
    if isinstance(value, str):
        return lines(value)
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list | tuple) else ()


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def _build(tree: Tree, pyproject: Table) -> Build:
    system = table(pyproject, "build-system")
    if system:
        requires = strings(system.get("requires"))
        backend = system.get("build-backend")
        return Build(
            backend=backend if isinstance(backend, str) else _LEGACY,
            path=strings(system.get("backend-path")),
            requires=requires,
            declared=True,
        )
    declared = "project" in pyproject or any(tree.read(path) is not None for path in ("setup.py", "setup.cfg"))
    return Build(declared=declared)


def _lists(value: object) -> dict[str, tuple[str, ...]]:
    return {str(key): strings(entry) for key, entry in value.items()} if isinstance(value, dict) else {}


def _expand_groups(groups: Table, notes: list[str]) -> dict[str, tuple[str, ...]]:
    """Dependency groups (PEP 735) with those they include put in."""
    by_name: dict[str, object] = {canonicalize_name(key): value for key, value in groups.items()}

    def expand(name: str, above: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        content = by_name.get(name)
        for entry in content if isinstance(content, list) else ():
            if isinstance(entry, str):
                found.append(entry)
            elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
                inner = canonicalize_name(entry["include-group"])
                if inner in above:
                    notes.append(f"pyproject.toml: dependency group {inner} includes itself")
                else:
                    found.extend(expand(inner, (*above, inner)))
        return found

    return {name: tuple(dict.fromkeys(expand(name, (name,)))) for name in by_name}


def _tool_groups(tools: Table) -> dict[str, tuple[str, ...]]:
    """Groups as Poetry, PDM, uv and Hatch wrote them before there was a standard."""
    poetry = table(tools, "poetry")
    found = {key: _poetry(table(value, "dependencies")) for key, value in table(poetry, "group").items()
             if isinstance(value, dict)}  # fmt: skip
    if "dev-dependencies" in poetry:
        found["dev"] = _poetry(poetry["dev-dependencies"])
    found.update(_lists(table(tools, "pdm").get("dev-dependencies")))
    if "dev-dependencies" in table(tools, "uv"):
        found["dev"] = strings(table(tools, "uv")["dev-dependencies"])
    for name, value in table(table(tools, "hatch"), "envs").items():
        if isinstance(value, dict):
            wanted = (*strings(value.get("dependencies")), *strings(value.get("extra-dependencies")))
            found["test" if name == "hatch-test" else name] = wanted
    return found


def _poetry(value: object) -> tuple[str, ...]:
    if not isinstance(value, dict):
        return ()
    found = (from_poetry(name, spec) for name, spec in value.items() if name != "python")
    return tuple(entry for entry in found if entry is not None)


def _setup_call(tree: Tree, notes: list[str]) -> dict[str, object]:
    """The literal keyword arguments of `setup(...)` in setup.py, names looked up among the module's literals."""
    text = tree.read("setup.py")
    if text is None:
        return {}
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        notes.append(f"setup.py cannot be parsed: {trouble}")
        return {}
    known = dict(_literal_names(module))
    found: dict[str, object] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _called(node) == "setup":
            for keyword in node.keywords:
                if keyword.arg is not None:
                    found[keyword.arg] = literal(keyword.value, known)
    return {key: value for key, value in found.items() if value is not None}


def _literal_names(module: ast.Module) -> Iterable[tuple[str, object]]:
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = literal(node.value, {})
            if value is not None:
                yield node.targets[0].id, value


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def literal(node: ast.expr, known: Mapping[str, object]) -> object:
    """The value that an expression spells out, or None; a name stands for what the module assigns to it literally."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Dict):
        return {
            key.value: literal(value, known)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    if isinstance(node, ast.List | ast.Tuple):
        return [literal(entry, known) for entry in node.elts]
    return node.value if isinstance(node, ast.Constant) else None
