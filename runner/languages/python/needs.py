"""What a Python tree's tests need installed, put together from all that the tree declares. Pure but for reading it."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.environment.tree import Tree
from runner.languages.python.locks import read_lock
from runner.languages.python.manifest import Build, Manifest, Table, read_ini, read_manifest, strings, table
from runner.languages.python.requirements import Collecting, Wanted, expand_own_extras
from runner.languages.python.testtools import from_nox, from_tox

_TESTS = re.compile(r"(unit-?)?tests?|testing|pytest|unittests?")
_NEARLY = re.compile(r"(tests?|testing)-.*|.*-(tests?|testing)|ci|check|checks|all-tests?")
_DEVELOPMENT = re.compile(r"dev|devel|develop|development")
_FILES = (
    re.compile(r"(.*/)?(tests?|testing|pytest)[-_.]?(requirements|reqs|deps)\.(txt|in)"),
    re.compile(r"(.*/)?(requirements|reqs|deps)[-_.](tests?|testing|pytest)\.(txt|in)"),
    re.compile(r"(requirements|reqs|deps)/(tests?|testing|pytest|py3)\.(txt|in)"),
    re.compile(r"tests?/(requirements|reqs)\.(txt|in)"),
)
_DEVELOPMENT_FILES = (
    re.compile(r"(dev(el(opment)?)?)[-_.](requirements|reqs)\.(txt|in)"),
    re.compile(r"(requirements|reqs)[-_.]dev(el(opment)?)?\.(txt|in)"),
    re.compile(r"(requirements|reqs)/dev(el(opment)?)?\.(txt|in)"),
)
_OPTIONS = (
    (re.compile(r"--(no-)?cov\b.*"), "pytest-cov"),
    (re.compile(r"-n\d*|-n=?auto|--numprocesses.*|--dist\b.*|--maxprocesses.*"), "pytest-xdist"),
    (re.compile(r"--timeout\b.*"), "pytest-timeout"),
    (re.compile(r"--asyncio-.*"), "pytest-asyncio"),
    (re.compile(r"--benchmark-.*"), "pytest-benchmark"),
    (re.compile(r"--reruns.*"), "pytest-rerunfailures"),
    (re.compile(r"--mypy.*"), "pytest-mypy"),
    (re.compile(r"--ruff.*"), "pytest-ruff"),
    (re.compile(r"--flake8"), "pytest-flake8"),
    (re.compile(r"--black"), "pytest-black"),
    (re.compile(r"--isort"), "pytest-isort"),
    (re.compile(r"--html\b.*"), "pytest-html"),
    (re.compile(r"--snapshot-.*"), "syrupy"),
    (re.compile(r"--hypothesis-.*"), "hypothesis"),
    (re.compile(r"--randomly-.*"), "pytest-randomly"),
    (re.compile(r"--random-order.*"), "pytest-random-order"),
    (re.compile(r"--(dis|en)able-socket|--allow-hosts.*"), "pytest-socket"),
    (re.compile(r"--ds\b.*|--reuse-db|--nomigrations"), "pytest-django"),
    (re.compile(r"--markdown-docs.*"), "pytest-markdown-docs"),
    (re.compile(r"--xdoc.*"), "xdoctest"),
    (re.compile(r"--doctest-(plus|rst|ufunc).*"), "pytest-doctestplus"),
)
_SETTINGS = {
    "asyncio_mode": "pytest-asyncio",
    "asyncio_default_fixture_loop_scope": "pytest-asyncio",
    "timeout": "pytest-timeout",
    "timeout_method": "pytest-timeout",
    "DJANGO_SETTINGS_MODULE": "pytest-django",
    "env": "pytest-env",
    "mypy_ini_file": "pytest-mypy",
    "qt_api": "pytest-qt",
    "trio_mode": "pytest-trio",
    "doctest_plus": "pytest-doctestplus",
    "markdown_docs_syntax": "pytest-markdown-docs",
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be there before the tests of one tree can run.

    `tests` are the places that say what the tests need, the most telling first: where they contradict each other, the
    last are dropped first. `runtime` is what the project itself needs; `plugins` what its pytest options need;
    `lock` the versions that a lock file holds fast.
    """

    manifest: Manifest
    runtime: tuple[str, ...]
    tests: tuple[Wanted, ...]
    plugins: tuple[str, ...]
    lock: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def build(self) -> Build:
        """How the project is built."""
        return self.manifest.build

    def with_metadata(self, runtime: Iterable[str], extras: Mapping[str, tuple[str, ...]]) -> "Needs":
        """These needs with what the built project says of itself in place of what could be read beforehand."""
        manifest = replace(self.manifest, dependencies=tuple(runtime), extras={**self.manifest.extras, **extras})
        return _put_together(manifest, self.tests, self.plugins, self.lock, self.notes)

    def tiers(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Requirements and constraints to try, the fullest first, the barest last; no two the same."""
        tiers = []
        for count in range(len(self.tests), -1, -1):
            chosen = self.tests[:count]
            requirements = (*self.runtime, *(text for place in chosen for text in place.requirements), *self.plugins)
            constraints = _once(text for place in chosen for text in place.constraints)
            wanted = _once((*requirements, "pytest"))
            if self.lock and count == len(self.tests):
                tiers.append((wanted, _once((*constraints, *self.lock))))
            tiers.append((wanted, constraints))
        return tuple(dict.fromkeys(tiers))


def find_needs(tree: Tree) -> Needs:
    """Read all that the tree says about what its tests need."""
    manifest = read_manifest(tree)
    notes = list(manifest.notes)
    files = [path for path in tree.files() if path.count("/") <= 1]
    places = [
        _of_names(manifest, _TESTS, "test extras and groups"),
        from_tox(tree, manifest, notes),
        from_nox(tree, notes),
        Wanted("tests_require", requirements=manifest.tests_require),
        *_of_files(tree, files, _FILES),
    ]
    if all(place.empty for place in places):
        places = [
            _of_names(manifest, _NEARLY, "extras and groups named after tests"),
            _of_names(manifest, _DEVELOPMENT, "development extras and groups"),
            *_of_files(tree, files, _DEVELOPMENT_FILES),
        ]
    if not manifest.build.declared:
        places += _of_files(tree, files, (re.compile(r"requirements\.txt"),))
    lock = read_lock(tree, notes).constraints
    return _put_together(manifest, tuple(places), _plugins(tree, manifest, notes), lock, tuple(notes))


def _put_together(
    manifest: Manifest,
    places: tuple[Wanted, ...],
    plugins: tuple[str, ...],
    lock: tuple[str, ...],
    notes: tuple[str, ...],
) -> Needs:
    named = [_resolve_names(manifest, place) for place in places]
    extra_notes = [note for place in named for note in place.notes]
    return Needs(
        manifest=manifest,
        runtime=_valid(manifest, manifest.dependencies),
        tests=tuple(place for place in named if place.requirements or place.extras),
        plugins=plugins,
        lock=lock,
        notes=tuple(dict.fromkeys((*notes, *extra_notes))),
    )


def _resolve_names(manifest: Manifest, place: Wanted) -> Wanted:
    """A place with its extras and groups replaced by what they ask for; the names stay, for a second look."""
    asked = list(place.requirements)
    for name in place.extras:
        asked.extend(manifest.extras.get(canonicalize_name(name), ()))
    for name in place.groups:
        asked.extend(manifest.groups.get(canonicalize_name(name), ()))
    return replace(place, requirements=_valid(manifest, asked))


def _valid(manifest: Manifest, asked: Iterable[str]) -> tuple[str, ...]:
    """What of it is a requirement from the index; the project itself stands for its extras."""
    found = Collecting("")
    for text in asked:
        found.requirement(text)
    extras = {name: _valid_only(value) for name, value in manifest.extras.items()}
    return _once(expand_own_extras(found.requirements, manifest.name, extras))


def _valid_only(asked: Iterable[str]) -> tuple[str, ...]:
    found = Collecting("")
    for text in asked:
        found.requirement(text)
    return tuple(found.requirements)


def _of_names(manifest: Manifest, names: re.Pattern[str], where: str) -> Wanted:
    return Wanted(
        where,
        extras=tuple(name for name in manifest.extras if names.fullmatch(name)),
        groups=tuple(name for name in manifest.groups if names.fullmatch(name)),
    )


def _of_files(tree: Tree, files: Iterable[str], patterns: Iterable[re.Pattern[str]]) -> list[Wanted]:
    """The requirements files with such names; of a pinned one and its source, the pinned one."""
    found = [path for path in files if any(pattern.fullmatch(path) for pattern in patterns)]
    places = []
    for path in found:
        if path.endswith(".in") and path.removesuffix(".in") + ".txt" in found:
            continue
        collecting = Collecting(path, tree)
        collecting.file(path)
        places.append(collecting.wanted())
    return places


def _plugins(tree: Tree, manifest: Manifest, notes: list[str]) -> tuple[str, ...]:
    """The pytest plug-ins without which the project's own pytest configuration is not understood."""
    found: list[str] = []
    for settings in pytest_settings(tree, manifest, notes):
        options = settings.get("addopts", "")
        try:
            words = shlex.split(options) if isinstance(options, str) else [str(word) for word in strings(options)]
        except ValueError:
            words = []
        for word in words:
            found.extend(plugin for pattern, plugin in _OPTIONS if pattern.fullmatch(word))
        found.extend(plugin for key, plugin in _SETTINGS.items() if key in settings)
        found.extend(_required(settings.get("required_plugins", "")))
    return tuple(dict.fromkeys(found))


def _required(value: object) -> Iterable[str]:
    text = value if isinstance(value, str) else "\n".join(strings(value))
    for piece in re.split(r"\s+(?![<>=!~\d])", text.strip()):
        try:
            yield str(Requirement(piece))
        except InvalidRequirement:
            continue


def pytest_settings(tree: Tree, manifest: Manifest, notes: list[str]) -> tuple[Table, ...]:
    """Pytest's settings in every file where it looks for them, in its own order of preference."""
    found: list[Table] = []
    for path, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest")):
        found.append(read_ini(tree, path, notes).get(section, {}))
    native = table(manifest.tools, "pytest")
    found += [table(native, "ini_options"), {key: value for key, value in native.items() if key != "ini_options"}]
    for path, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        found.append(read_ini(tree, path, notes).get(section, {}))
    return tuple(settings for settings in found if settings)


def _once(requirements: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(requirements))
