"""Requirements as lists of strings: files of them, groups that include each other, other tools' ways to write versions.

Pure but for reading the tree. Options that would make the installer look elsewhere are never passed on: they are noted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.environment.tree import Tree

_INCLUDE = re.compile(r"^(?:-r|--requirement)[=\s]*(?P<file>\S+)$|^(?:-c|--constraint)[=\s]*(?P<constraint>\S+)$")
_EDITABLE = re.compile(r"^(?:-e|--editable)[=\s]*(?P<what>.+)$")
_SELF = re.compile(r"^\.(?:/)?(?:\[(?P<extras>[^\]]*)\])?$")
_MAX_REQUIREMENTS = 2000
_ROOT = PurePosixPath()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one place asks for.

    `requirements` are valid requirement strings without the project itself; `extras` and `groups` are the project's own
    that the place asks for by name; `constraints` are pins that apply only if something else wants the package.
    """

    where: str
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.requirements or self.extras or self.groups)


@dataclass(slots=True)
class Collecting:
    """Requirements as they are found, line by line."""

    where: str
    tree: Tree | None = None
    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def wanted(self) -> Wanted:
        """What was found, each once and in order."""
        lists = (self.requirements, self.constraints, self.extras, self.groups, self.notes)
        return Wanted(self.where, *(tuple(dict.fromkeys(found)) for found in lists))

    def file(self, path: str, *, constraint: bool = False) -> None:
        """Take in a requirements file and those it includes."""
        if path in self.seen or self.tree is None:
            return
        self.seen.add(path)
        text = self.tree.read(path)
        if text is None:
            self.notes.append(f"{self.where}: {path} is not a readable file of this tree and was left out")
            return
        for line in _logical_lines(text):
            self.line(line, folder=PurePosixPath(path).parent, constraint=constraint)

    def line(self, line: str, *, folder: PurePosixPath = _ROOT, constraint: bool = False) -> None:
        """Take in one line as requirements files write it."""
        if include := _INCLUDE.match(line):
            target = _beneath(folder, include["file"] or include["constraint"])
            if target is None:
                self.notes.append(f"{self.where}: {line} leads out of the tree and was left out")
            else:
                self.file(target, constraint=constraint or include["constraint"] is not None)
            return
        editable = _EDITABLE.match(line)
        what = editable["what"].strip() if editable else line
        if own := _SELF.match(what):
            self.extras.extend(name.strip() for name in (own["extras"] or "").split(",") if name.strip())
        elif editable or what.startswith(("-", ".", "/")) or "://" in what.split("#")[0]:
            self.notes.append(f"{self.where}: {line[:200]} was left out: packages come from the package index only")
        else:
            self.requirement(re.split(r"\s--hash[=\s]", what)[0].strip(), constraint=constraint)

    def requirement(self, text: str, *, constraint: bool = False) -> None:
        """Take in one requirement."""
        try:
            parsed = Requirement(text)
        except InvalidRequirement:
            self.notes.append(f"{self.where}: {text[:200]!r} is not a requirement and was left out")
            return
        if parsed.url is not None:
            self.notes.append(f"{self.where}: {text[:200]} was left out: packages come from the package index only")
        elif len(self.requirements) + len(self.constraints) < _MAX_REQUIREMENTS:
            (self.constraints if constraint else self.requirements).append(str(parsed))


def _logical_lines(text: str) -> Iterable[str]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if bare:
            yield bare


def _beneath(folder: PurePosixPath, target: str) -> str | None:
    """The path that `target`, written in a file of `folder`, names; None where that is outside the tree."""
    if target.startswith("/"):
        return None
    parts: list[str] = []
    for part in (folder / target).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts) or None


def expand_own_extras(
    requirements: Iterable[str], name: str, extras: Mapping[str, Iterable[str]], *, _depth: int = 0
) -> tuple[str, ...]:
    """Requirements with those on the project's own extras ("mylib[socks]") replaced by what the extras ask for."""
    found: list[str] = []
    for text in requirements:
        parsed = Requirement(text)
        if not name or canonicalize_name(parsed.name) != name:
            found.append(text)
        elif _depth < 8:  # noqa: PLR2004 - deeper than any project nests them; extras may name each other in a ring
            for extra in sorted(parsed.extras):
                inner = extras.get(canonicalize_name(extra), ())
                found.extend(expand_own_extras(inner, name, extras, _depth=_depth + 1))
    return tuple(dict.fromkeys(found))


def from_poetry(name: str, spec: object) -> str | None:
    """One of Poetry's dependencies as a requirement; None for those that are not from the index, or are optional."""
    if isinstance(spec, list):
        spec = next((entry for entry in spec if isinstance(entry, dict | str)), None)
    markers, extras = "", ""
    if isinstance(spec, dict):
        if any(key in spec for key in ("path", "git", "url")):
            return None
        markers = str(spec.get("markers", ""))
        extras = ",".join(str(extra) for extra in spec.get("extras", ()))
        spec = spec.get("version", "*")
    if not isinstance(spec, str):
        return None
    version = _poetry_version(spec)
    if version is None:
        return None
    return f"{name}{f'[{extras}]' if extras else ''}{version}{f' ; {markers}' if markers else ''}"


def _poetry_version(spec: str) -> str | None:
    """Poetry's carets, tildes and bare versions in the standard's words."""
    if "||" in spec or "|" in spec:
        return ""
    pieces = []
    for raw in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", spec.strip()):
        piece = raw.replace(" ", "")
        if piece in {"", "*"}:
            continue
        if match := re.fullmatch(r"[\^~](?!=)(\d+(?:\.\d+)*)\S*", piece):
            numbers = [int(number) for number in match[1].split(".")]
            if piece[0] == "^":
                cut = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
            else:
                cut = min(1, len(numbers) - 1)
            upper = [*numbers[:cut], numbers[cut] + 1]
            pieces.append(f">={piece[1:]},<{'.'.join(map(str, upper))}")
        elif piece[0].isdigit():
            pieces.append(f"=={piece}")
        else:
            pieces.append(piece)
    return ",".join(pieces)
