"""What tox and nox would install before they run the tests. Read as text and syntax trees; neither is run."""

import ast
import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name

from runner.environment.tree import Tree
from runner.languages.python.manifest import Manifest, Table, lines, read_ini, read_toml, strings, table
from runner.languages.python.requirements import Collecting, Wanted

_FACTOR = re.compile(r"^(?P<factors>!?[\w.{},!-]+)\s*:\s+(?P<rest>.*)$")
_REFERENCE = re.compile(r"^\{\[(?P<section>[^\]]+)\](?P<key>\w+)\}$")
_PREFIX = re.compile(r"\{(?:toxinidir|tox_root)\}/?")


def from_tox(tree: Tree, manifest: Manifest, notes: list[str]) -> Wanted:
    """What tox's plain test environment asks for, from tox.ini, setup.cfg, tox.toml or pyproject.toml."""
    native = read_toml(tree, "tox.toml", notes) or table(manifest.tools, "tox")
    if native and "legacy_tox_ini" not in native:
        return _from_toml(tree, native)
    for path in ("tox.ini", "setup.cfg"):
        sections = read_ini(tree, path, notes)
        if "testenv" in sections:
            return _from_ini(tree, path, sections)
    return Wanted("tox")


def _from_ini(tree: Tree, path: str, sections: Mapping[str, Mapping[str, str]]) -> Wanted:
    found = Collecting(f"{path} [testenv]", tree)
    section = sections["testenv"]
    for raw in _resolved(section.get("deps", ""), sections):
        line = _applies(_PREFIX.sub("", raw))
        if line is None:
            continue
        if "{" in line:
            found.notes.append(f"{found.where}: {line[:200]} was left out: only tox knows what it stands for")
        else:
            found.line(line)
    for key, into in (("extras", found.extras), ("dependency_groups", found.groups)):
        for raw in lines(section.get(key, "")):
            line = _applies(raw)
            into.extend(canonicalize_name(name) for name in re.split(r"[,\s]+", line or "") if name)
    return found.wanted()


def _resolved(text: str, sections: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The lines of a value, with references to other sections' values replaced by them, one level deep."""
    found: list[str] = []
    for line in lines(text):
        reference = _REFERENCE.match(line)
        found.extend(lines(sections.get(reference["section"], {}).get(reference["key"], "")) if reference else [line])
    return found


def _applies(line: str) -> str | None:
    """A line without its factors; None where they mean another environment than a plain one on this Python."""
    match = _FACTOR.match(line)
    if match is None:
        return line
    factors = re.split(r"[,{}]+", match["factors"])
    here = any(re.fullmatch(r"py(3(\.?11)?)?|!(?!py3$|py311$).*", factor) for factor in factors)
    return match["rest"] if here else None


def _from_toml(tree: Tree, native: Table) -> Wanted:
    section = table(native, "env_run_base")
    found = Collecting("[tool.tox.env_run_base]", tree)
    for line in strings(section.get("deps")):
        found.line(_PREFIX.sub("", line))
    found.extras.extend(canonicalize_name(name) for name in strings(section.get("extras")))
    found.groups.extend(canonicalize_name(name) for name in strings(section.get("dependency_groups")))
    return found.wanted()


def from_nox(tree: Tree, notes: list[str]) -> Wanted:
    """What the test sessions of noxfile.py install, where they say it literally."""
    found = Collecting("noxfile.py", tree)
    text = tree.read("noxfile.py")
    if text is None:
        return found.wanted()
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        notes.append(f"noxfile.py cannot be parsed: {trouble}")
        return found.wanted()
    for function in module.body:
        if isinstance(function, ast.FunctionDef) and "test" in function.name and function.decorator_list:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "install":
                    _take_install([argument for argument in node.args if not isinstance(argument, ast.Starred)], found)
    return found.wanted()


def _take_install(arguments: list[ast.expr], found: Collecting) -> None:
    words = [node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "" for node in arguments]
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1] if position + 1 < len(words) else ""
        if word in {"-r", "--requirement", "-c", "--constraint", "-e", "--editable"} and following:
            found.line(f"{word} {following}")
            position += 2
        elif word == "--group" and following:
            found.groups.append(canonicalize_name(following))
            position += 2
        else:
            if word and not word.startswith("-"):
                found.line(word)
            position += 1
