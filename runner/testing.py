"""A change's tests: environments made ready, suites run, outcomes compared. What those above the runner call."""

import contextlib
import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from runner.environment.egress import Tunnel
from runner.environment.leftovers import sweep
from runner.environment.settings import EnvironmentSettings
from runner.environment.sources import Host, read_sources
from runner.environment.store import Store
from runner.environment.tree import Tree
from runner.errors import EnvironmentFault
from runner.evidence import Evidence
from runner.judging import Judging
from runner.languages.python.build import Builder
from runner.languages.python.fitting import Fitting
from runner.languages.python.install import Installer, InstallTrouble
from runner.languages.python.prepare import Preparation, Ready
from runner.languages.python.suite import Place
from runner.progress import Progress, StepState
from runner.sandbox import Sandbox

__all__ = ["EnvironmentSettings", "NoTests", "Prepared", "TestRequest", "prepare", "run_suites"]

_STEP = "environment"
T = TypeVar("T")


class NoTests(EnvironmentFault):
    """Neither tree has a test that could be run."""

    def __init__(self) -> None:
        super().__init__(
            "no tests were found, before or after the change; if there are some, say how they are run with "
            "environment.test in .github/mergelock.yml",
            by_change=False,
        )


@dataclass(frozen=True, slots=True)
class TestRequest:
    """What is to be tested.

    Attributes:
        base_tree: plain files of the merge base, hostile content, not changed here.
        head_tree: those of the head.
        changed: every path that the change touches, old and new names, relative to the root.
        base_commit: the merge base's hash; what is made from its tree is kept under it.
        head_commit: the head's.
        settings: from the policy.
        retries: how often a failing test is run again before it is believed.
    """

    __test__ = False
    base_tree: Path
    head_tree: Path
    changed: tuple[str, ...]
    base_commit: str
    head_commit: str
    settings: EnvironmentSettings
    retries: int = 1


@dataclass(frozen=True, slots=True)
class PreparedTree:
    """Where one tree's parts are kept. `build_env` is empty where nothing was built."""

    workspace: str
    project: str
    env: str
    build_env: str
    key: str
    packages: tuple[str, ...]
    installed: bool
    notes: tuple[str, ...]

    def place(self) -> Place:
        """It as a run needs it."""
        build_env = Path(self.build_env) if self.build_env else None
        return Place(
            Path(self.workspace), Path(self.project), Path(self.env), build_env,
            self.packages, self.installed, notes=self.notes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """Both trees, ready; values that JSON can hold, so that a durable step can return it (`to_json`, `from_json`).

    `reached` and `refused` are the hosts that the install phase asked for, "name:port", each once.
    """

    base: PreparedTree
    head: PreparedTree
    seconds: float
    reached: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """It as plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `to_json` made."""
        trees = {}
        for name in ("base", "head"):
            lists = {key: tuple(data[name][key]) for key in ("packages", "notes")}
            trees[name] = PreparedTree(**{**data[name], **lists})
        return cls(
            trees["base"],
            trees["head"],
            data["seconds"],
            tuple(data.get("reached", ())),
            tuple(data.get("refused", ())),
        )


def prepare(
    request: TestRequest,
    *,
    sandbox: Sandbox,
    data_dir: Path,
    progress: Progress,
    cancel: threading.Event | None = None,
) -> Prepared:
    """Make both trees' environments, from what is kept or anew.

    Raises:
        EnvironmentFault: they cannot be made; `by_change` says whether only the head's cannot.
        SandboxFault: the sandbox failed.
        Cancelled: called off.
    """
    begun = time.monotonic()
    progress.started(_STEP, "preparing the environment")
    _check_language(request)
    sweep(data_dir)
    tunnels: list[Tunnel] = []
    try:
        base, head = _make_both(request, sandbox, data_dir, progress, cancel, tunnels)
    except EnvironmentFault as fault:
        progress.finished(_STEP, str(fault), StepState.FAILED if fault.by_change else StepState.TROUBLE)
        raise
    prepared = Prepared(
        base=_kept(base),
        head=_kept(head),
        seconds=round(time.monotonic() - begun, 3),
        reached=_names(tunnels, allowed=True),
        refused=_names(tunnels, allowed=False),
    )
    progress.finished(_STEP, f"{len(head.env.packages)} packages in {prepared.seconds:.1f} s")
    return prepared


def run_suites(
    request: TestRequest,
    prepared: Prepared,
    *,
    sandbox: Sandbox,
    data_dir: Path,
    progress: Progress,
    cancel: threading.Event | None = None,
) -> Evidence:
    """Run what has to be run, and compare. The base's run is kept by commit and environment.

    Raises:
        NoTests: there are none in either tree.
        EnvironmentFault: what was prepared is gone; prepare again.
        SandboxFault: the sandbox failed.
        Cancelled: called off.
    """
    for tree in (prepared.base, prepared.head):
        if not all(Path(path).is_dir() for path in (tree.workspace, tree.env)):
            raise EnvironmentFault("the prepared environment is gone; prepare it again", by_change=False)
    judging = Judging(
        base=prepared.base.place(),
        head=prepared.head.place(),
        base_tree=request.base_tree,
        head_tree=request.head_tree,
        changed=request.changed,
        test=request.settings.test,
        limits=request.settings.limits,
        retries=request.retries,
        sandbox=sandbox,
        data_dir=data_dir,
        progress=progress,
        cancel=cancel,
        base_key=_digest(request.base_commit, prepared.base.key, repr(request.settings), str(request.retries)),
    )
    evidence = judging.evidence()
    if all(run.complete and not run.outcomes and not run.uncollectable for run in evidence.runs):
        raise NoTests
    return evidence


def _make_both(
    request: TestRequest,
    sandbox: Sandbox,
    data_dir: Path,
    progress: Progress,
    cancel: threading.Event | None,
    tunnels: list[Tunnel],
) -> tuple[Ready, Ready]:
    sources = read_sources()
    store = Store(data_dir / "environments")
    say: Callable[[bytes], None] = lambda data: progress.output(_STEP, data)  # noqa: E731 - one word, used twice

    def ready(tree: Path, commit: str, bounds: tuple[str, ...] = ()) -> Ready:
        installer = Installer(
            sandbox, store, data_dir / "wheels", sources, _hosts(request.settings, sources.hosts),
            request.settings.limits, say, cancel, tunnels,
        )  # fmt: skip
        builder = Builder(sandbox, store, request.settings.limits, say, cancel)
        preparation = Preparation(installer, builder, lambda text: progress.output(_STEP, f"{text}\n".encode()))
        return preparation.prepare(tree, commit, request.settings.install, bounds)

    def ready_base() -> tuple[Ready, tuple[str, ...]]:
        if request.settings.install is not None:
            return ready(request.base_tree, request.base_commit), ()
        fitting = Fitting(sandbox, store, request.settings.limits, cancel)
        return fitting.find(lambda bounds: ready(request.base_tree, request.base_commit, bounds))

    with ThreadPoolExecutor(2, thread_name_prefix="prepare") as pool:
        waiting_base = pool.submit(ready_base)
        waiting_head = pool.submit(ready, request.head_tree, request.head_commit)
        base, bounds = _result(waiting_base.result, by_change=False)
        head = _result(waiting_head.result, by_change=True)
    if bounds:
        with contextlib.suppress(InstallTrouble):  # the head asks for a newer pytest itself, and has it
            head = ready(request.head_tree, request.head_commit, bounds)
    return base, head


def _result(wait: Callable[[], T], *, by_change: bool) -> T:
    try:
        return wait()
    except InstallTrouble as trouble:
        if trouble.outage:
            text = "the package index could not be reached"
        elif by_change:
            text = "what the head declares cannot be installed, though what the base declares can"
        else:
            text = (
                "what the base branch's tests need cannot be installed; mend its requirements, or say how to install "
                "them with environment.install in .github/mergelock.yml"
            )
        raise EnvironmentFault(text, by_change=by_change and not trouble.outage, log=str(trouble)[-8000:]) from trouble


def _hosts(settings: EnvironmentSettings, of_language: tuple[Host, ...]) -> tuple[Host, ...]:
    found: list[Host] = []
    for name in settings.install_hosts:
        found.extend(of_language if name in {"language", "pypi"} else (Host(name, 443),))
    return tuple(found)


def _check_language(request: TestRequest) -> None:
    if request.settings.language not in {"auto", "python"}:
        raise EnvironmentFault(
            f"tests in {request.settings.language!r} cannot be run yet; set environment.language to python or auto",
            by_change=False,
        )
    for root in (request.base_tree, request.head_tree):
        if any(path.endswith(".py") for path in Tree(root).files()):
            return
    raise NoTests


def _kept(ready: Ready) -> PreparedTree:
    return PreparedTree(
        workspace=str(ready.built.workspace),
        project=str(ready.built.project),
        env=str(ready.env.path),
        build_env=str(ready.tools.path) if ready.tools else "",
        key=_digest(ready.built.key, ready.env.key),
        packages=ready.env.packages,
        installed=ready.installed,
        notes=ready.notes,
    )


def _names(tunnels: list[Tunnel], *, allowed: bool) -> tuple[str, ...]:
    return tuple(sorted({f"{tunnel.host}:{tunnel.port}" for tunnel in tunnels if tunnel.allowed is allowed}))


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
