"""The project itself: built offline in the sandbox, so that tests see it as installed, with metadata and extensions.

What is built is kept by commit: only runs on that very commit see it.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runner.environment.store import Store
from runner.environment.tree import MAX_TEXT, Tree
from runner.errors import Cancelled
from runner.languages.python.install import BUILD_ENV, PROJECT, Installation
from runner.languages.python.manifest import Build
from runner.sandbox import JUDGE, WORKSPACE, Command, EndedBy, Limits, Mount, Outcome, Sandbox
from runner.trees import copy_tree

_BUILDER = JUDGE / "builder"
_PROGRAM = Path(__file__).with_name("building")
_RECIPE = "1"
_ERROR = re.compile(r"(\w+\.)*\w*(error|exception|exit)\b\s*:", re.IGNORECASE)
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Built:
    """One tree, built: its workspace as the build left it, and `project`, what was installed; both hostile."""

    workspace: Path
    project: Path
    key: str
    trouble: str
    runtime: tuple[str, ...] | None
    extras: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds trees for one judging."""

    sandbox: Sandbox
    store: Store
    limits: Limits
    say: Callable[[bytes], None]
    cancel: threading.Event | None

    def wanted(self, tree: Path, commit: str, build: Build, tools: Installation) -> tuple[str, ...]:
        """What the back-end wants installed beyond what is declared; empty where it cannot say.

        The back-end is the tree's own choice and code: it runs offline, in a copy of the tree.
        """

        def make(folder: Path) -> None:
            copy_tree(tree, folder / "workspace")
            (folder / "project").mkdir()
            self._run("requires", folder, build, tools)

        key = f"asked-{_digest('asked', commit, build.backend, *build.path, tools.key)}"
        folder, _ = self.store.get(key, make, cancel=self.cancel)
        text = Tree(folder / "project").read("requires.json")
        try:
            wanted = json.loads(text or "[]")
            return tuple(str(Requirement(entry)) for entry in wanted if isinstance(entry, str))
        except (ValueError, InvalidRequirement, RecursionError):
            return ()

    def build(self, tree: Path, commit: str, build: Build, tools: Installation | None) -> Built:
        """The tree built, from the store or now. Where building fails, the workspace alone, and the reason.

        Args:
            tree: plain files; not changed.
            commit: whose files they are.
            build: what the tree says about building it.
            tools: the environment with the back-end; None where there is nothing to build.
        """

        def make(folder: Path) -> None:
            copy_tree(tree, folder / "workspace")
            (folder / "project").mkdir()
            trouble = ""
            if tools is not None:
                outcome = self._run("build", folder, build, tools)
                if not outcome.ok:
                    trouble = _trouble(outcome)
            (folder / "trouble.json").write_text(json.dumps(trouble), encoding="utf-8")

        key = _digest(commit, build.backend, *build.path, tools.key if tools else "", self.sandbox.info.name)
        folder, _ = self.store.get(f"built-{key}", make, cancel=self.cancel)
        trouble = json.loads((folder / "trouble.json").read_text(encoding="utf-8"))
        runtime, extras = (None, {}) if trouble else read_metadata(folder / "project")
        return Built(folder / "workspace", folder / "project", key, trouble, runtime, extras)

    def _run(self, mode: str, folder: Path, build: Build, tools: Installation) -> Outcome:
        python = str(BUILD_ENV / "bin/python")
        command = Command(
            (python, "-I", str(_BUILDER / "build_project.py"), mode, build.backend, str(PROJECT), *build.path),
            environment={**version_variables(Tree(folder / "workspace")), "PATH": f"{BUILD_ENV}/bin:/usr/bin:/bin"},
            mounts=(
                Mount(folder / "workspace", WORKSPACE, writable=True),
                Mount(folder / "project", PROJECT, writable=True),
                Mount(tools.path, BUILD_ENV),
                Mount(_PROGRAM, _BUILDER),
            ),
            limits=self.limits,
        )
        outcome = self.sandbox.run(command, cancel=self.cancel, on_output=self.say)
        if outcome.ended_by is EndedBy.CANCELLED:
            raise Cancelled("called off while the project was built")
        return outcome


def version_variables(tree: Tree) -> dict[str, str]:
    """What tells tools that make a version out of git's tags which version it is: there is no git here."""
    version = "0.0.0"
    text = tree.read("PKG-INFO") or ""
    if found := re.search(r"^Version: ([\w.+!-]{1,100})$", text, re.MULTILINE):
        version = found[1]
    names = ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION")
    return {
        **dict.fromkeys(names, version),
        "POETRY_DYNAMIC_VERSIONING_BYPASS": version,
        "SOURCE_DATE_EPOCH": "315532800",
    }


def read_metadata(project: Path) -> tuple[tuple[str, ...] | None, dict[str, tuple[str, ...]]]:
    """What the built project says that it needs, and its extras; None where it says nothing that can be read."""
    tree = Tree(project)
    found = [path for path in tree.files() if path.startswith("site/") and path.endswith(".dist-info/METADATA")]
    data = tree.read_bytes(found[0], MAX_TEXT) if len(found) == 1 else None
    if data is None:
        return None, {}
    message = BytesHeaderParser().parsebytes(data)
    runtime: list[str] = []
    extras: dict[str, list[str]] = {canonicalize_name(n): [] for n in map(str, message.get_all("Provides-Extra", []))}
    for text in map(str, message.get_all("Requires-Dist", [])):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        names = {canonicalize_name(name) for name in _EXTRA.findall(str(requirement.marker or ""))}
        if not names:
            runtime.append(text)
        for name in names & extras.keys():
            if requirement.marker is None or requirement.marker.evaluate({"extra": name}):
                requirement.marker = None
                extras[name].append(str(requirement))
    return tuple(runtime), {name: tuple(entries) for name, entries in extras.items()}


def _trouble(outcome: Outcome) -> str:
    if outcome.ended_by is not EndedBy.EXIT:
        return f"building the project met the limit on {outcome.ended_by}"
    said = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in said if _ERROR.match(line)]  # advice may follow the error itself
    why = (errors or said or [f"status {outcome.exit}"])[-1]
    return f"the project could not be built: {why.strip()[:500]}"


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps([_RECIPE, *parts]).encode()).hexdigest()[:40]
