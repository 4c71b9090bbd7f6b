"""Which sandbox is used: bubblewrap where it can run, else Docker, else none and the reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runner.bubblewrap import Bubblewrap
from runner.docker import Docker
from runner.errors import SandboxUnavailable
from runner.progress import Progress, Silent
from runner.sandbox import Sandbox, SandboxInfo

_KINDS: dict[str, Callable[[Path, Progress], Sandbox]] = {
    "bubblewrap": lambda data_dir, _: Bubblewrap(data_dir=data_dir),
    "docker": lambda data_dir, progress: Docker(data_dir=data_dir, progress=progress),
}
NAMES = ("auto", *_KINDS)


@dataclass(frozen=True, slots=True)
class SandboxDiagnosis:
    """One sandbox, as `doctor` shows it: what it is where it can be used, else what is missing."""

    name: str
    info: SandboxInfo | None
    missing: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether commands can be run in it here."""
        return self.info is not None


def choose(name: str = "auto", *, data_dir: Path, progress: Progress | None = None) -> Sandbox:
    """The sandbox of that name, or with `auto` the first that can run here.

    Args:
        name: `auto`, `bubblewrap` or `docker`.
        data_dir: where a sandbox keeps what it needs between runs.
        progress: told of what takes long: Docker's image is made once.

    Raises:
        SandboxUnavailable: it cannot run here, or there is none of that name.
    """
    if name not in NAMES:
        raise SandboxUnavailable((f"there is no sandbox {name!r}; choose one of {', '.join(NAMES)}",))
    missing: list[str] = []
    for kind in _KINDS if name == "auto" else (name,):
        try:
            return _KINDS[kind](data_dir, progress or Silent())
        except SandboxUnavailable as error:
            missing += error.missing
    raise SandboxUnavailable(tuple(missing))


def diagnose(data_dir: Path) -> tuple[SandboxDiagnosis, ...]:
    """Try every sandbox and say what came of it."""
    found = []
    for kind, make in _KINDS.items():
        try:
            found.append(SandboxDiagnosis(kind, make(data_dir, Silent()).info))
        except SandboxUnavailable as error:
            found.append(SandboxDiagnosis(kind, None, error.missing))
    return tuple(found)
