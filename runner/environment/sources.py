"""Where this machine's package client gets packages from. Read from its configuration: no host is named here."""

import configparser
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from runner.errors import EnvironmentFault

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be reached. `configured`: the machine itself names it, so whatever address it has is trusted."""

    name: str
    port: int
    configured: bool = False


@dataclass(frozen=True, slots=True)
class PackageSources:
    """Indexes by URL, the main one first, folders of wheels on this machine, and the hosts these need.

    URLs may carry credentials: never log them; `public` has none.
    """

    indexes: tuple[str, ...]
    folders: tuple[Path, ...]
    hosts: tuple[Host, ...]

    @property
    def public(self) -> tuple[str, ...]:
        """The indexes' URLs without credentials."""
        return tuple(_without_credentials(url) for url in self.indexes)

    @property
    def secret(self) -> bool:
        """Whether any of them carries credentials."""
        return self.public != self.indexes


def read_sources(environment: Mapping[str, str] | None = None) -> PackageSources:
    """What pip and uv on this machine are set up to use; pip's own index where neither is.

    Raises:
        EnvironmentFault: pip is not there to tell.
    """
    given = os.environ if environment is None else environment
    settings = {**_from_files(given), **_from_variables(given)}
    try:
        from pip._internal.models.index import PyPI  # noqa: PLC0415 - slow, and only needed here
    except ImportError as missing:
        raise EnvironmentFault(
            "pip is not installed beside Mergelock, so the package index is not known: run `make setup`",
            by_change=False,
        ) from missing
    main = settings.get("index-url") or PyPI.simple_url
    indexes = (main, *settings.get("extra-index-url", "").split())
    hosts = [_host(url) for url in indexes]
    if any(host.name == PyPI.netloc for host in hosts):
        hosts.append(Host(PyPI.file_storage_domain, 443, configured=True))
    links = settings.get("find-links", "").split()
    folders = tuple(Path(link).resolve() for link in links if Path(link).is_dir())
    return PackageSources(indexes, folders, tuple(dict.fromkeys(hosts)))


def _from_variables(environment: Mapping[str, str]) -> dict[str, str]:
    names = {
        "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"),
        "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
        "find-links": ("UV_FIND_LINKS", "PIP_FIND_LINKS"),
    }
    found = {}
    for key, variables in names.items():
        value = next((environment[name] for name in variables if environment.get(name)), None)
        if value is not None:
            found[key] = value.replace(",", " ")
    return found


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    home = Path(environment.get("HOME") or Path.home())
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    found: dict[str, str] = {}
    pip_files = [Path("/etc/pip.conf"), home / ".pip/pip.conf", config / "pip/pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        pip_files.append(Path(environment["PIP_CONFIG_FILE"]))
    for path in pip_files:
        found.update(_from_pip(path))
    for path in (Path("/etc/uv/uv.toml"), config / "uv/uv.toml"):
        found.update(_from_uv(path))
    return found


def _from_pip(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    keys = ("index-url", "extra-index-url", "find-links")
    sections = [section for section in ("global", "install") if parser.has_section(section)]
    return {key: parser.get(s, key) for s in sections for key in keys if parser.has_option(s, key)}


def _from_uv(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
    found: dict[str, str] = {}
    extra: list[str] = []
    for scope in (content.get("pip", {}), content):
        for key in ("index-url", "extra-index-url", "find-links"):
            value = scope.get(key)
            if value:
                found[key] = value if isinstance(value, str) else " ".join(map(str, value))
    for index in content.get("index", []):
        if index.get("default"):
            found["index-url"] = str(index.get("url", ""))
        elif not index.get("explicit"):
            extra.append(str(index.get("url", "")))
    if extra:
        found["extra-index-url"] = " ".join(extra)
    return found


def _host(url: str) -> Host:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise EnvironmentFault(
            "the package index that this machine is set up with is not an http(s) address: see `pip config list`",
            by_change=False,
        )
    return Host(parts.hostname, parts.port or _PORTS[parts.scheme], configured=True)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
