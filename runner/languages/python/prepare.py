"""Everything that a Python tree's tests need, made ready: build tools, the project, the environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runner.environment.tree import Tree
from runner.languages.python.build import Builder, Built
from runner.languages.python.install import BUILD_ENV, ENV, Installation, Installer, InstallTrouble
from runner.languages.python.manifest import Build
from runner.languages.python.needs import Needs, find_needs


@dataclass(frozen=True, slots=True)
class Ready:
    """A tree that its tests can be run in."""

    built: Built
    env: Installation
    tools: Installation | None
    installed: bool
    notes: tuple[str, ...]


@dataclass(slots=True)
class Preparation:
    """Makes trees ready for one judging."""

    installer: Installer
    builder: Builder
    tell: Callable[[str], None]
    notes: list[str] = field(default_factory=list)

    def prepare(
        self, tree: Path, commit: str, install: tuple[str, ...] | None = None, bounds: tuple[str, ...] = ()
    ) -> Ready:
        """Make one tree ready.

        Args:
            tree: plain files; not changed.
            commit: whose files they are.
            install: the policy's own command, in place of what is found in the tree.
            bounds: further constraints on what the tests need.

        Raises:
            InstallTrouble: what the tests need cannot be installed.
            Cancelled: called off.
        """
        self.notes = []
        if install is not None:
            return self._by_command(tree, commit, install)
        needs = find_needs(Tree(tree))
        tools = self._tools(tree, commit, needs) if needs.build.declared else None
        self.tell("building the project")
        built = self.builder.build(tree, commit, needs.build, tools)
        if built.trouble:
            self.notes.append(f"{built.trouble}; its source is on the path instead")
        if built.runtime is not None:
            needs = needs.with_metadata(built.runtime, built.extras)
        env = self._env(needs, commit, bounds)
        return Ready(built, env, tools, built.runtime is not None, tuple(dict.fromkeys((*needs.notes, *self.notes))))

    def _by_command(self, tree: Path, commit: str, install: tuple[str, ...]) -> Ready:
        self.tell("installing by the policy's command")
        env, workspace = self.installer.install_by(install, tree, commit)
        project = workspace.parent / "project"
        return Ready(Built(workspace, project, env.key, "", None, {}), env, None, installed=True, notes=())

    def _tools(self, tree: Path, commit: str, needs: Needs) -> Installation | None:
        """The environment that the project is built with; None where it cannot be had."""
        build: Build = needs.build
        self.tell("installing what the project is built with")
        try:
            tools = self._install(build.requires, (), "", commit, build=True)
            wanted = self.builder.wanted(tree, commit, build, tools)
            missing = tuple(text for text in wanted if text not in build.requires)
            return self._install((*build.requires, *missing), (), "", commit, build=True) if missing else tools
        except InstallTrouble as trouble:
            if trouble.outage:
                raise
            self.notes.append(f"what the project is built with cannot be installed: {_last_line(trouble)}")
            return None

    def _env(self, needs: Needs, commit: str, bounds: tuple[str, ...]) -> Installation:
        self.tell("installing what the tests need")
        if bounds:
            self.notes.append(f"the base's suite does not work with the newest pytest, so {bounds[0]} is used")
        first: InstallTrouble | None = None
        for requirements, constraints in needs.tiers():
            try:
                env = self._install(requirements, (*constraints, *bounds), needs.manifest.name, commit, build=False)
            except InstallTrouble as trouble:
                if trouble.outage:
                    raise
                first = first or trouble
                continue
            if first is not None:
                self.notes.append(f"not all that the tests ask for could be installed: {_last_line(first)}")
            return env
        assert first is not None  # noqa: S101 - there is at least one tier
        raise first

    def _install(
        self, requirements: tuple[str, ...], constraints: tuple[str, ...], without: str, commit: str, *, build: bool
    ) -> Installation:
        """From wheels if that works; else with building, for this commit only."""

        def install(private_to: str) -> Installation:
            at = BUILD_ENV if build else ENV
            return self.installer.install(
                requirements, constraints=constraints, without=without, at=at, private_to=private_to
            )

        try:
            return install("")
        except InstallTrouble as trouble:
            if not trouble.wheels or trouble.outage:
                raise
        return install(commit)


def _last_line(trouble: InstallTrouble) -> str:
    return str(trouble).strip().splitlines()[-1].strip()[:500]
