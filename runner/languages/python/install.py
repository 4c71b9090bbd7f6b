"""Virtual environments made inside the sandbox by uv, and kept by content.

First from wheels only: that runs no package's code, so such an environment, and uv's store of wheels, may be shared.
What has to be built runs code that the change chose: it gets a store of its own, and is seen by its own commit only.
"""

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

import uv
from packaging.requirements import InvalidRequirement, Requirement

from runner.environment.egress import EgressProxy, Tunnel
from runner.environment.leftovers import bound
from runner.environment.sources import Host, PackageSources
from runner.environment.store import Store
from runner.errors import Cancelled, EnvironmentFault, RunnerError
from runner.ownership import remove_tree
from runner.sandbox import JUDGE, WORKSPACE, Command, EndedBy, Limits, Mount, Outcome, Sandbox
from runner.trees import copy_tree

ENV = JUDGE / "env"
BUILD_ENV = JUDGE / "build"
PROJECT = JUDGE / "project"
_UV = JUDGE / "bin/uv"
_CACHE = JUDGE / "cache"
_LISTS = JUDGE / "lists"
_TMP = PurePosixPath("/tmp")  # noqa: S108 - private, inside the sandbox
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_MOST_WHEELS = 10 * 1024**3
_FRESH = 7 * 24 * 3600.0
"""Seconds after which "the newest version" is looked up again."""
_RECIPE = "1"
"""Part of every key: raise it when what is made here changes."""
_OVERLAY = "mergelock_overlay"
_CREDENTIALS = (
    "packages have to be built, and this machine's package index has credentials, which code being built could read: "
    "offer wheels of them, or an index without credentials"
)

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NO_WHEEL = re.compile(
    r"no wheels|usable wheels|building from source is disabled|--no-build|--only-binary", re.IGNORECASE
)
_NETWORK = re.compile(
    r"error sending request|failed to fetch|timed? ?out|dns error|connection (refused|reset|closed)|tunnel|"
    r"certificate|50[0-9] |429 ",
    re.IGNORECASE,
)


class InstallTrouble(RunnerError):  # noqa: N818 - named as the runner's others are
    """Packages could not be installed.

    Attributes:
        outage: the network is to blame.
        wheels: a package has no wheel and would have to be built.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.outage = _NETWORK.search(text) is not None
        self.wheels = _NO_WHEEL.search(text) is not None

    @classmethod
    def refused(cls, entry: str) -> Self:
        """For what is declared to be installed and is no plain requirement, whatever words are in it."""
        trouble = cls(f"{entry[:200]!r} is not a requirement from the package index")
        trouble.outage = trouble.wheels = False
        return trouble


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment that is there: where it is kept, its key, and what is in it ("pytest==9.0.1")."""

    path: Path
    key: str
    packages: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a distribution of that canonical name is in it."""
        return any(package.startswith(f"{name}==") for package in self.packages)


@dataclass(slots=True)
class Installer:
    """Makes environments for one judging. `tunnels` collects what the egress proxy saw."""

    sandbox: Sandbox
    store: Store
    shared_cache: Path
    sources: PackageSources
    hosts: tuple[Host, ...]
    limits: Limits
    say: Callable[[bytes], None]
    cancel: threading.Event | None
    tunnels: list[Tunnel]

    def install(
        self,
        requirements: Iterable[str],
        *,
        constraints: Iterable[str] = (),
        without: str = "",
        at: PurePosixPath = ENV,
        private_to: str = "",
    ) -> Installation:
        """An environment with those packages, from the store or made now.

        Args:
            requirements: what to install; versions are the newest that fit.
            constraints: bounds on versions of what is installed anyhow.
            without: the project's own name: what asks for it gets the workspace's.
            at: where it is inside.
            private_to: empty for wheels only; else a commit, and packages may be built, for that commit's eyes only.

        Raises:
            InstallTrouble: it could not be installed; with what the installer said.
            Cancelled: called off.
        """
        lists = {
            "requirements.txt": _lines(requirements),
            "constraints.txt": _lines(constraints),
            "excludes.txt": without if _NAME.fullmatch(without) else "",
        }
        key = self._key(lists, at, private_to)
        path, _ = self.store.get(
            key, lambda folder: self._make(folder, lists, at, private_to), oldest=_FRESH, cancel=self.cancel
        )
        packages = tuple(json.loads((path / "packages.json").read_text(encoding="utf-8")))
        content = hashlib.sha256("\n".join((key, *packages)).encode()).hexdigest()[:32]
        return Installation(path / "env", content, packages)

    def install_by(self, argv: tuple[str, ...], tree: Path, commit: str) -> tuple[Installation, Path]:
        """An environment made by a command of the policy's, and the workspace as it left it; for this commit only.

        Pytest is installed first. The command runs in /workspace, with pip, the environment's programs first on the
        path, and the allowed hosts in reach.

        Raises:
            InstallTrouble: the command failed; with what it said.
            Cancelled: called off.
        """
        if self.sources.secret:
            raise InstallTrouble(_CREDENTIALS)
        base = self.install(("pytest", "pip"))

        def make(folder: Path) -> None:
            copy_tree(base.path, folder / "env")
            copy_tree(tree, folder / "workspace")
            (folder / "project").mkdir()
            mounts = (Mount(folder / "env", ENV, writable=True), Mount(folder / "workspace", WORKSPACE, writable=True))
            with EgressProxy(self.hosts, most_bytes=self.limits.disk) as proxy:
                try:
                    self._run(argv, mounts, socket=proxy.path, cwd=WORKSPACE)
                finally:
                    self.tunnels.extend(proxy.tunnels)
            (folder / "packages.json").write_text(json.dumps(_packages(folder / "env")), encoding="utf-8")

        digest = hashlib.sha256(json.dumps([_RECIPE, commit, argv, base.key]).encode()).hexdigest()[:40]
        path, _ = self.store.get(f"command-{digest}", make, cancel=self.cancel)
        packages = tuple(json.loads((path / "packages.json").read_text(encoding="utf-8")))
        return Installation(path / "env", digest, packages), path / "workspace"

    def _key(self, lists: dict[str, str], at: PurePosixPath, private_to: str) -> str:
        info = self.sandbox.info
        place = (str(info.interpreter), info.python_version, info.platform, str(at))
        parts = (_RECIPE, *place, *self.sources.public, *map(str, self.sources.folders), private_to)
        material = json.dumps([parts, lists], sort_keys=True)
        return f"python-{hashlib.sha256(material.encode()).hexdigest()[:40]}"

    def _make(self, folder: Path, lists: dict[str, str], at: PurePosixPath, private_to: str) -> None:
        env, written = folder / "env", folder / "lists"
        cache = folder / "cache" if private_to else self.shared_cache
        for made in (env, written, cache):
            made.mkdir(parents=True, exist_ok=True)
        bound(cache, _MOST_WHEELS)
        for name, text in lists.items():
            (written / name).write_text(text + "\n", encoding="utf-8")
        mounts = (
            Mount(Path(uv.find_uv_bin()), _UV),
            Mount(env, at, writable=True),
            Mount(cache, _CACHE, writable=True),
            Mount(written, _LISTS),
            *(Mount(path, _LISTS.parent / f"links{n}") for n, path in enumerate(self.sources.folders)),
        )
        interpreter = str(self.sandbox.info.interpreter)
        self._run((str(_UV), "venv", "--allow-existing", "--python", interpreter, str(at)), mounts)
        _let_overlay_in(env)  # before anything else runs that could leave a link for us to write through
        with EgressProxy(self.hosts, most_bytes=self.limits.disk) as proxy:
            try:
                self._run(self._pip_install(lists, at, private_to), mounts, socket=proxy.path)
            finally:
                self.tunnels.extend(proxy.tunnels)
        # Without `site`, so that no package's .pth file runs: compiling only parses.
        compile_all = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(at / "lib"))
        self._run((interpreter, "-I", "-S", *compile_all), (Mount(env, at, writable=True),), lenient=True)
        packages = _packages(env)
        (folder / "packages.json").write_text(json.dumps(packages), encoding="utf-8")
        for left in (written, folder / "cache"):
            remove_tree(left)

    def _pip_install(self, lists: dict[str, str], at: PurePosixPath, private_to: str) -> tuple[str, ...]:
        if private_to and self.sources.secret:
            raise InstallTrouble(_CREDENTIALS)
        argv = [str(_UV), "pip", "install", "--python", str(at / "bin/python"), "--link-mode", "copy", "--no-progress"]
        if not private_to:
            argv += ["--only-binary", ":all:"]
        argv += ["--default-index", self.sources.indexes[0]]
        for url in self.sources.indexes[1:]:
            argv += ["--index", url]
        for number, _ in enumerate(self.sources.folders):
            argv += ["--find-links", str(_LISTS.parent / f"links{number}")]
        argv += ["--requirements", str(_LISTS / "requirements.txt")]
        if lists["constraints.txt"]:
            argv += ["--constraints", str(_LISTS / "constraints.txt")]
        if lists["excludes.txt"]:
            argv += ["--excludes", str(_LISTS / "excludes.txt")]
        return tuple(argv)

    def _run(
        self,
        argv: tuple[str, ...],
        mounts: tuple[Mount, ...],
        *,
        socket: Path | None = None,
        lenient: bool = False,
        cwd: PurePosixPath = _TMP,
    ) -> Outcome:
        command = Command(
            argv,
            cwd=cwd,
            environment={
                "PATH": f"{ENV}/bin:/usr/local/bin:/usr/bin:/bin",
                "VIRTUAL_ENV": str(ENV),
                "PIP_INDEX_URL": self.sources.public[0],
                "PIP_EXTRA_INDEX_URL": " ".join(self.sources.public[1:]),
                "PIP_CERT": _CERTIFICATES,
                "UV_CACHE_DIR": str(_CACHE),
                "UV_NO_CONFIG": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                "UV_HTTP_TIMEOUT": "60",
                "SSL_CERT_FILE": _CERTIFICATES,
            },
            mounts=mounts,
            limits=self.limits,
            egress_socket=socket,
        )
        outcome = self.sandbox.run(command, cancel=self.cancel, on_output=self.say)
        if outcome.ended_by is EndedBy.CANCELLED:
            raise Cancelled("called off while packages were installed")
        if not outcome.ok and not lenient:
            said = (outcome.stderr + outcome.stdout)[-20_000:].decode("utf-8", "replace").strip()
            for url, public in zip(self.sources.indexes, self.sources.public, strict=True):
                said = said.replace(url, public)
            ended = "" if outcome.ended_by is EndedBy.EXIT else f"the limit on {outcome.ended_by} was met\n"
            raise InstallTrouble(ended + said or f"the installer ended with status {outcome.exit}")
        return outcome


def _lines(entries: Iterable[str]) -> str:
    """Requirements as a file of them. What declares them is hostile, and such files hold options too.

    An option ("--no-binary"), an address or a line break would have packages' code run where wheels are shared.
    """
    for entry in (chosen := sorted(set(entries))):
        try:
            plain = entry.isprintable() and Requirement(entry).url is None
        except InvalidRequirement:
            plain = False
        if not plain:
            raise InstallTrouble.refused(entry)
    return "\n".join(chosen)


def _let_overlay_in(env: Path) -> None:
    """Let the environment see the project, which is built elsewhere, and see it first."""
    lib = next((env / "lib").glob("python*/site-packages"), None)
    if lib is None:
        raise EnvironmentFault("uv made no environment", by_change=False)
    shutil.copyfile(Path(__file__).with_name("overlay") / f"{_OVERLAY}.py", lib / f"{_OVERLAY}.py")
    (lib / f"{_OVERLAY}.pth").write_text(f"import {_OVERLAY}\n", encoding="ascii")


def _packages(env: Path) -> list[str]:
    """What is installed, by the names of its metadata's folders."""
    found = []
    for folder in env.glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        found.append(f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}")
    return sorted(found)
