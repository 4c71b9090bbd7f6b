"""The sandbox's image, from the distribution's own packages where no container registry is to be had.

The tag is a digest of the recipe: a changed recipe is another image, an unchanged one is never made twice.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from runner.errors import SandboxUnavailable
from runner.progress import Progress, StepState

FOLDER = Path(__file__).parent
REPOSITORY = "mergelock-sandbox"
SUITE = "bookworm"
VERSION = "1"  # raise it when `arguments` changes what is in the image
STEP = "image"
TIME = 1800.0  # seconds
TEXT = 2000  # bytes of a failing program's words that are repeated
_APT_SETTINGS = ("Acquire::http::", "Acquire::https::", "Acquire::Check-Valid-Until", "Acquire::Retries")
_CLEANING = (
    # Nobody inside needs to become somebody else, and what the system keeps for its own upkeep is not needed either.
    'find "$1" -xdev -perm /6000 -type f -exec chmod a-s {} +',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/doc/* "$1"/usr/share/man/*',
)


class Engine(Protocol):
    """What making an image needs of a Docker engine."""

    def has(self, image: str) -> bool:
        """Whether the image is there."""
        ...

    def import_tree(self, archive: Path, repository: str, tag: str) -> None:
        """Make an image of a tar archive of a whole file system."""
        ...

    def build(self, folder: Path, image: str) -> None:
        """Build the folder's Dockerfile."""
        ...


def packages() -> tuple[str, ...]:
    """The Debian packages in the image."""
    return tuple((FOLDER / "packages.txt").read_text(encoding="ascii").split())


def tag() -> str:
    """The digest of all that decides what is in the image."""
    parts = (VERSION, SUITE, *packages(), (FOLDER / "Dockerfile").read_text(encoding="ascii"), *_CLEANING)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def image_name() -> str:
    """Repository and tag."""
    return f"{REPOSITORY}:{tag()}"


def arguments(archive: Path, *, sources: tuple[Path, ...], apt_settings: tuple[str, ...]) -> list[str]:
    """Pure: how mmdebstrap is called. `sources` are apt's own files; where packages come from is theirs to say."""
    options = [f"--aptopt={setting}" for setting in apt_settings]
    options += [f"--customize-hook={line}" for line in _CLEANING]
    wanted = ",".join(packages())
    return ["mmdebstrap", "--variant=minbase", f"--include={wanted}", *options, SUITE, str(archive), *map(str, sources)]


def apt_sources(folder: Path = Path("/etc/apt")) -> tuple[Path, ...]:
    """The source files of this machine that name the suite."""
    found = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    kept = [path for path in found if path.suffix in (".list", ".sources") and path.is_file()]
    return tuple(path for path in kept if SUITE in path.read_text(errors="replace") and "debian" in path.read_text())


def apt_settings() -> tuple[str, ...]:
    """This machine's own settings for fetching packages: proxies, certificates, retries."""
    if shutil.which("apt-config") is None:
        return ()
    found = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False, timeout=30)
    lines = (line.strip() for line in found.stdout.splitlines())
    return tuple(line for line in lines if line.startswith(_APT_SETTINGS) and not line.endswith(' "";'))


def ensure_image(engine: Engine, progress: Progress, *, scratch: Path) -> str:
    """The name of the sandbox's image, made now if it is not there: some ten seconds to a minute, once.

    Raises:
        SandboxUnavailable: it can be made neither from packages nor from the Dockerfile.
    """
    name = image_name()
    if engine.has(name):
        return name
    progress.started(STEP, "Making the sandbox's image, once")
    ways: list[tuple[str, Callable[[], None]]] = []
    if shutil.which("mmdebstrap") is not None:
        ways.append(("mmdebstrap", lambda: _from_packages(engine, progress, scratch)))
    ways.append(("docker build", lambda: engine.build(FOLDER, name)))
    reasons = []
    for way, make in ways:
        try:
            make()
        except (SandboxUnavailable, OSError, subprocess.TimeoutExpired) as error:
            reasons.append(f"{way}: {error}")
            continue
        progress.finished(STEP, name)
        return name
    progress.finished(STEP, "The image could not be made", StepState.TROUBLE)
    raise SandboxUnavailable(
        ("the sandbox's image could not be made; install mmdebstrap, or let the engine reach a registry", *reasons)
    )


def _from_packages(engine: Engine, progress: Progress, scratch: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="image-", dir=scratch) as folder:
        archive = Path(folder) / "root.tar"
        command = arguments(archive, sources=apt_sources(), apt_settings=apt_settings())
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            said = b""
            for line in process.stdout or ():
                progress.output(STEP, line)
                said = (said + line)[-TEXT:]
            if process.wait(TIME) != 0:
                raise SandboxUnavailable((said.decode(errors="replace"),))
        engine.import_tree(archive, REPOSITORY, tag())
