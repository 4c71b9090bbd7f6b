"""One git directory of ours, and how git is called on it: settings, environment, credentials."""

import base64
import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.repository.errors import FetchTrouble, RepositoryError
from app.repository.process import Bounds, Finished, run

UPLOAD_SETTINGS = "mergelock-upload.config"
"""Settings for the process that serves a local repository to us; written anew before each such fetch."""

_PASSED_ON = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)

_SETTINGS: tuple[tuple[str, str], ...] = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.bigFileThreshold", "64m"),
    ("core.quotePath", "true"),
    ("credential.helper", ""),
    ("diff.renameLimit", "400"),
    ("fetch.fsckObjects", "true"),
    # Harmless slips of old tools that sit in the history of well-known libraries; everything else refuses.
    ("fetch.fsck.badTimezone", "warn"),
    ("fetch.fsck.missingSpaceBeforeDate", "warn"),
    ("fetch.fsck.zeroPaddedFilemode", "warn"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.unpackLimit", "1"),  # keep packs: an object is never blown up on disk
    ("fetch.writeCommitGraph", "false"),
    ("gc.auto", "0"),
    ("http.followRedirects", "false"),  # a redirect would carry the credential elsewhere
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "30"),
    ("log.mailmap", "false"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("pack.threads", "2"),
    ("protocol.allow", "never"),  # GIT_ALLOW_PROTOCOL opens the one that a fetch needs
    ("submodule.recurse", "false"),
)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where to fetch from: an https or http address, or the absolute path of a local repository.

    `token` goes to git through its environment, bound to this address; it is in no URL, argument list or file.
    """

    url: str
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme in {"http", "https"}:
            if "@" in parts.netloc or parts.query or parts.fragment or not parts.hostname:
                raise RepositoryError(
                    "a repository's address holds no user, password, query or fragment; give the token apart"
                )
        elif not self.url.startswith("/"):
            raise RepositoryError("a repository is fetched by https or http, or from an absolute path on this machine")

    @property
    def protocol(self) -> str:
        """The one protocol that git may speak to it."""
        return "file" if self.url.startswith("/") else urlsplit(self.url).scheme

    def settings(self) -> tuple[tuple[str, str], ...]:
        """Git settings that carry the credential."""
        if self.token is None or self.protocol == "file":
            return ()
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode("ascii")
        return ((f"http.{self.url}.extraHeader", f"Authorization: Basic {basic}"),)


class Git:
    """Calls git on one bare repository of ours."""

    def __init__(self, directory: Path, bounds: Bounds | None = None) -> None:
        program = shutil.which("git")
        if program is None or shutil.which("prlimit") is None:
            raise RepositoryError("git and prlimit are needed: install the packages git and util-linux")
        self.directory = directory
        self.bounds = bounds or Bounds()
        self._program = program

    def argv(self, *arguments: str) -> tuple[str, ...]:
        """The argument list of one git command on this repository."""
        return (self._program, f"--git-dir={self.directory}", *arguments)

    def run(
        self,
        *arguments: str,
        bounds: Bounds | None = None,
        cancel: threading.Event | None = None,
        remote: Remote | None = None,
    ) -> Finished:
        """Run one git command, whatever its exit status.

        Raises:
            Cancelled, FetchTrouble: as `process.run`.
        """
        return run(self.argv(*arguments), self.environment(remote), bounds or self.bounds, cancel)

    def output(self, *arguments: str, bounds: Bounds | None = None, cancel: threading.Event | None = None) -> bytes:
        """What a git command that must work printed.

        Raises:
            FetchTrouble: it failed.
        """
        done = self.run(*arguments, bounds=bounds, cancel=cancel)
        if done.exit != 0:
            raise FetchTrouble(f"git {arguments[0]} failed with status {done.exit}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def environment(self, remote: Remote | None = None) -> dict[str, str]:
        """All that git sees of the world: no settings of the machine or its people, no prompt, no hook, no filter."""
        return environment(remote, self.directory)


def environment(remote: Remote | None, directory: Path) -> dict[str, str]:
    """The environment of a git command: built from nothing but a few proxy and certificate variables."""
    settings = _SETTINGS + (remote.settings() if remote else ())
    chosen = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    chosen |= {
        "GIT_ALLOW_PROTOCOL": remote.protocol if remote else "none",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(directory / UPLOAD_SETTINGS) if remote and remote.protocol == "file" else os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "XDG_CONFIG_HOME": "/nonexistent",
    }
    return chosen | _numbered(settings)


def _numbered(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables
