"""Source releases of a real library, from the package index by pip when the demo runs, as commits of a repository."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.demo.errors import DemoError

PACKAGE = "cachetools"
OLD, NEW = "7.3.1", "7.3.2"
GENERATED = ("PKG-INFO", ".egg-info")  # what the release's builder adds to the source
MINUTES = 3


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit says made it."""

    name: str
    email: str


def unpack_release(package: str, version: str, into: Path) -> None:
    """Put the tree of one source release into the empty folder `into`.

    Raises:
        DemoError: pip could not have it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        archive = _download(f"{package}=={version}", Path(scratch))
        source = Path(scratch) / "source"
        source.mkdir()
        # tar refuses names that lead out of the folder; the tarfile module of Debian's Python 3.11.2 does not.
        subprocess.run(
            ("tar", "--extract", "--gzip", "--no-same-owner", "--file", str(archive), "--directory", str(source)),
            capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        root = next(path for path in source.iterdir() if path.is_dir())
        for entry in root.iterdir():
            if not entry.name.endswith(GENERATED):
                shutil.move(entry, into / entry.name)


def _download(requirement: str, into: Path) -> Path:
    """A source archive, by pip, which asks the package's build back-end for its name: the one here, if that will do."""
    words = ""
    for isolation in (("--no-build-isolation",), ()):
        options = ("--no-deps", "--no-binary", ":all:", "--quiet", "--dest", str(into), *isolation)
        done = subprocess.run(
            (sys.executable, "-m", "pip", "download", *options, requirement),
            capture_output=True, text=True, timeout=MINUTES * 60, check=False,
        )  # fmt: skip
        archives = list(into.glob("*.tar.gz"))
        if done.returncode == 0 and archives:
            return archives[0]
        words = done.stderr.strip()[-500:]
    raise DemoError(f"pip could not download {requirement}: {words}")


class Checkout:
    """A working copy that the demo's authors commit in; each has a fresh one, like people do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, author: Author | None = None) -> str:
        """Run git here, as `author`, without anybody's configuration; answers what it printed."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": "/",
        }
        if author:
            for role in ("AUTHOR", "COMMITTER"):
                environment |= {f"GIT_{role}_NAME": author.name, f"GIT_{role}_EMAIL": author.email}
        done = subprocess.run(
            ("git", "-C", str(self.folder), *arguments),
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise DemoError(f"git {arguments[0]} failed: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def replace_with(self, source: Path, *, only: tuple[str, ...] = ()) -> None:
        """Make the tree that of `source`, or only the folders named of it."""
        for name in only or [path.name for path in self.folder.iterdir() if path.name != ".git"]:
            _remove(self.folder / name)
        for name in only or [path.name for path in source.iterdir()]:
            if (source / name).is_dir():
                shutil.copytree(source / name, self.folder / name)
            else:
                shutil.copy2(source / name, self.folder / name)

    def commit(self, message: str, author: Author) -> str:
        """Commit everything there is; answers the commit's id."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", message, author=author)
        return self.git("rev-parse", "HEAD")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
