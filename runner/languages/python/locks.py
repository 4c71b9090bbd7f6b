"""What a lock file holds fast, as constraints: the versions that the project is tested with. Pure but for reading."""

from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.environment.tree import Tree
from runner.languages.python.manifest import read_toml
from runner.languages.python.requirements import Wanted

_FILES = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock")


def read_lock(tree: Tree, notes: list[str]) -> Wanted:
    """The pins of the first lock file that is there; empty where there is none, or it cannot be read.

    A package that is locked in several versions, for several platforms, is left open, as is one that does not come from
    an index.
    """
    for path in _FILES:
        if tree.read(path) is None:
            continue
        content = read_toml(tree, path, notes)
        versions: dict[str, set[str]] = {}
        for name, version in _packages(content):
            versions.setdefault(canonicalize_name(name), set()).add(version)
        pins = (f"{name}=={next(iter(found))}" for name, found in versions.items() if len(found) == 1)
        return Wanted(path, constraints=tuple(pin for pin in pins if _valid(pin)))
    return Wanted("lock file")


def _packages(content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key in ("package", "packages"):
        entries = content.get(key)
        tables = entries if isinstance(entries, list) else []
        for entry in (found for found in tables if isinstance(found, dict)):
            name, version, source = entry.get("name"), entry.get("version"), entry.get("source", {})
            elsewhere = isinstance(source, dict) and source and "registry" not in source
            if isinstance(name, str) and isinstance(version, str) and not elsewhere:
                yield name, version


def _valid(pin: str) -> bool:
    try:
        Requirement(pin)
    except InvalidRequirement:
        return False
    return True
