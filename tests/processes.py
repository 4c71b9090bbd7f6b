"""Processes as the kernel shows them: who was started by whom, and whether they are gone."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process; its start makes it another than a later one with the same number."""

    pid: int
    parent: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it still runs; what is dead and not yet buried does not."""
        found = _read(self.pid)
        return found is not None and found[0].started == self.started and found[1] not in "ZX"

    @property
    def command(self) -> str:
        """How it was called, its arguments separated by spaces; empty where it is gone."""
        try:
            return Path(f"/proc/{self.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""


def descendants(pid: int) -> set[Process]:
    """All processes below that one, now."""
    everyone = {found[0] for entry in Path("/proc").iterdir() if entry.name.isdecimal() and (found := _read(entry))}
    below: set[Process] = set()
    parents = {pid}
    while parents:
        children = {process for process in everyone if process.parent in parents} - below
        below |= children
        parents = {process.pid for process in children}
    return below


def _read(entry: Path | int) -> tuple[Process, str] | None:
    folder = entry if isinstance(entry, Path) else Path(f"/proc/{entry}")
    try:
        # The name may hold spaces and brackets; what counts comes after its last bracket.
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return Process(int(folder.name), int(fields[1]), int(fields[19])), fields[0]
