"""Control groups, versions 1 and 2: one group for one command, where this process may make them.

What a group holds is held for all processes of a command together, and the kernel counts when it did.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from runner.errors import SandboxFault
from runner.sandbox import EndedBy, Limits

CONTROLLERS = {"cpu": "cpus", "memory": "memory", "pids": "processes"}
PREFIX = "mergelock-"
OWN_PROCESSES = 3  # bubblewrap outside, process 1 inside, and one that bubblewrap needs while it starts
CPU_PERIOD = 100_000  # microseconds
REMOVAL = 2.0  # seconds in which an emptied group must be removable


@dataclass(frozen=True, slots=True)
class Parent:
    """A folder of the control group file system in which groups can be made.

    Attributes:
        folder: where.
        version: 1 or 2.
        controllers: which of `CONTROLLERS` it gives.
    """

    folder: Path
    version: int
    controllers: frozenset[str]


def settings(version: int, controller: str, limits: Limits) -> tuple[tuple[str, str, bool], ...]:
    """Pure: (file, value, whether it must exist) for one controller."""
    quota = max(1000, round(limits.cpus * CPU_PERIOD))
    processes = str(limits.processes + OWN_PROCESSES)
    known = {
        (1, "cpu"): (("cpu.cfs_period_us", str(CPU_PERIOD), True), ("cpu.cfs_quota_us", str(quota), True)),
        (1, "memory"): (
            ("memory.limit_in_bytes", str(limits.memory), True),
            ("memory.memsw.limit_in_bytes", str(limits.memory), False),
        ),
        (1, "pids"): (("pids.max", processes, True),),
        (2, "cpu"): (("cpu.max", f"{quota} {CPU_PERIOD}", True),),
        (2, "memory"): (("memory.max", str(limits.memory), True), ("memory.swap.max", "0", False)),
        (2, "pids"): (("pids.max", processes, True),),
    }
    return known[version, controller]


def find_parents(cgroups: str, mountinfo: str) -> tuple[Parent, ...]:
    """Where groups may be looked for, best place first.

    Args:
        cgroups: the text of /proc/self/cgroup.
        mountinfo: the text of /proc/self/mountinfo.
    """
    own: dict[str, str] = {}
    for line in cgroups.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            own[name] = path
    found = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(), after.split()[:3]
        place = Path(fields[4])
        if kind == "cgroup":
            for name in CONTROLLERS.keys() & set(options.split(",")):
                found += [Parent(folder, 1, frozenset({name})) for folder in _upwards(place, own.get(name, "/"))]
        elif kind == "cgroup2":
            for folder in _upwards(place, own.get("", "/")):
                found.append(Parent(folder, 2, _given(folder)))
    return tuple(found)


def _upwards(place: Path, path: str) -> Iterable[Path]:
    """Our own group first, then those above it as far as this mount shows them."""
    folder = place / PurePosixPath(path).relative_to("/")
    while folder != place:
        if folder.is_dir():
            yield folder
        folder = folder.parent
    yield place


def _given(folder: Path) -> frozenset[str]:
    """The controllers that a version 2 group hands to those below it."""
    try:
        return frozenset((folder / "cgroup.subtree_control").read_text().split()) & CONTROLLERS.keys()
    except OSError:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """The groups of one command, one folder for each controller (version 1) or one for all (version 2)."""

    folders: Mapping[str, Path]
    version: Mapping[str, int]

    @property
    def entrances(self) -> tuple[str, ...]:
        """The files that a process writes 0 to in order to join."""
        return tuple(sorted({str(folder / "cgroup.procs") for folder in self.folders.values()}))

    def limit_met(self) -> EndedBy | None:
        """Which limit the kernel has had to hold since the group was made."""
        memory, pids = self.folders.get("memory"), self.folders.get("pids")
        if memory is not None:
            name = "memory.oom_control" if self.version["memory"] == 1 else "memory.events"
            if _counted(memory / name, "oom_kill"):
                return EndedBy.MEMORY
        if pids is not None and _counted(pids / "pids.events", "max"):
            return EndedBy.PROCESSES
        return None

    def remove(self) -> None:
        """Take the groups away, once the last process has left them.

        Raises:
            SandboxFault: something still lives in one.
        """
        deadline = time.monotonic() + REMOVAL
        for folder in set(self.folders.values()):
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise SandboxFault(f"processes of a command outlived it in {folder}: {error}") from error
                    time.sleep(0.005)


class Groups:
    """Makes a group for each command, with what was found to work here."""

    def __init__(self, parents: Iterable[Parent]) -> None:
        self._parents: dict[str, Parent] = {}
        for parent in parents:
            for controller in parent.controllers - self._parents.keys():
                if self._works(controller, parent):
                    self._parents[controller] = parent
        self._sweep()

    @classmethod
    def of_this_process(cls) -> "Groups":
        """Look where this process may make groups."""
        try:
            parents = find_parents(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text())
        except OSError:
            parents = ()
        return cls(parents)

    @property
    def holds(self) -> frozenset[str]:
        """The names of the limits that groups hold here."""
        return frozenset(CONTROLLERS[controller] for controller in self._parents)

    def make(self, limits: Limits) -> Group:
        """A new group with these limits; the caller removes it.

        Raises:
            SandboxFault: it cannot be made, though it could when this was set up.
        """
        name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}"
        folders: dict[str, Path] = {}
        try:
            for controller, parent in self._parents.items():
                folders[controller] = parent.folder / name
                folders[controller].mkdir(exist_ok=True)
                _apply(parent, controller, folders[controller], limits)
        except OSError as error:
            Group(folders, {}).remove()
            raise SandboxFault(f"no control group can be made: {error}") from error
        return Group(folders, {controller: parent.version for controller, parent in self._parents.items()})

    @staticmethod
    def _works(controller: str, parent: Parent) -> bool:
        folder = parent.folder / f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}"
        try:
            folder.mkdir()
        except OSError:
            return False
        try:
            _apply(parent, controller, folder, Limits())
            return os.access(folder / "cgroup.procs", os.W_OK)
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _sweep(self) -> None:
        """Remove the empty groups of workers that are no more."""
        for folder in {parent.folder for parent in self._parents.values()}:
            for left in folder.glob(f"{PREFIX}*"):
                owner = left.name.removeprefix(PREFIX).partition("-")[0]
                if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                    with contextlib.suppress(OSError):
                        left.rmdir()


def _apply(parent: Parent, controller: str, folder: Path, limits: Limits) -> None:
    for name, value, needed in settings(parent.version, controller, limits):
        if needed or (folder / name).exists():
            (folder / name).write_text(value)


def _counted(file: Path, key: str) -> int:
    """A count out of a file of `key value` lines; 0 where it is not there."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key} ")), 0)


def folders_of(cgroups: str, mountinfo: str) -> dict[str, tuple[Path, int]]:
    """Where another process's groups are: (folder, version) for each controller that can be read from here.

    Args:
        cgroups: the text of its /proc/PID/cgroup.
        mountinfo: the text of our own /proc/self/mountinfo.
    """
    found: dict[str, tuple[Path, int]] = {}
    for parent in find_parents(cgroups, mountinfo):
        for controller in CONTROLLERS if parent.version == 2 else parent.controllers:  # noqa: PLR2004 - a version
            found.setdefault(controller, (parent.folder, parent.version))
    return found
