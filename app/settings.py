"""Every setting of the server, typed, in one place: from `MERGELOCK_*` in the environment and from a TOML file.

The environment wins over the file. Nothing else in the project reads the environment for settings.
"""

import json
import os
import stat
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github.Consts import DEFAULT_BASE_URL
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "MERGELOCK_"
MIB = 1024 * 1024
LARGEST_KEY_FILE = 64 * 1024
# Others may never read the key; the group may, because services often run as `root:mergelock` with mode 0640.
FORBIDDEN_KEY_MODE = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP


class SettingsError(Exception):
    """A setting is missing or wrong. Its text names the setting and what to do; it never shows a value.

    Attributes:
        problems: one sentence each.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def default_data_dir() -> Path:
    """Where data goes unless told: the system's place for root, else the user's XDG data home."""
    if os.geteuid() == 0:
        return Path("/var/lib/mergelock")
    home = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification says to ignore a relative path.
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "share") / "mergelock"


class Settings(BaseSettings):
    """The settings. Make one by `load`, which turns faults into sentences."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="The folder for the SQLite database, mirrors, environments and whatever else is kept.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),  # may hold a password
        description="`sqlite:///FILE` or `postgresql://…`. Not set: `mergelock.db` in the data folder.",
    )
    github_api_url: str = Field(
        default=DEFAULT_BASE_URL,
        description="GitHub's API; on GitHub Enterprise Server `https://HOST/api/v3`.",
    )
    github_web_url: str = Field(
        default="",
        description="Where git and people find GitHub. Not set: it follows from the API's address.",
    )
    app_id: int | None = Field(default=None, gt=0, description="The GitHub App's id, a number on the App's page.")
    private_key_file: Path | None = Field(
        default=None,
        description="The App's private key, the `.pem` file as GitHub made it. Others must not be able to read it.",
    )
    webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="The webhook's secret; several, separated by commas, while one is being replaced.",
    )
    sandbox: Literal["auto", "bubblewrap", "docker"] = Field(
        default="auto",
        description="Where patches are run. `auto`: bubblewrap where it can run, else Docker, else none at all.",
    )
    floor_policy: Path | None = Field(
        default=None,
        description="A policy file that no repository can loosen (docs/policy.md, *Floors*).",
    )
    bind: str = Field(default="127.0.0.1:8080", description="Where the web server listens, `HOST:PORT`.")
    public_url: str = Field(
        default="",
        description="The address that people open; by another name the pages answer on this machine only. "
        "Not set: `http://` and `bind`.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Who sends it as a bearer token may read `/metrics`. Not set: this machine only, not by a proxy.",
    )
    web_workers: int = Field(default=2, ge=1, le=64, description="Processes of the web server.")
    web_threads: int = Field(
        default=16, ge=2, le=256, description="Threads of each; half of them may hold live pages open."
    )
    worker_concurrency: int = Field(
        default=2, ge=1, le=64, description="How many changes one worker judges at the same time."
    )
    application_version: str = Field(
        default_factory=lambda: version("mergelock"),
        pattern=r"^[0-9A-Za-z_.+-]{1,64}$",
        description="Under which version runs are kept. Not set: the program's own; leave it so.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines that are logged."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto`: for people on a terminal, else JSON, one object a line."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file: one place fewer for a secret to lie
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - secrets come by file of their own
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then what `load` read from the file."""
        return env_settings, init_settings

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """`one,two` or a JSON list from the environment; a list from the file."""
        if isinstance(value, str):
            text = value.strip()
            parts = json.loads(text) if text.startswith("[") else text.split(",")
            stripped = (part.strip() if isinstance(part, str) else part for part in parts)
            return tuple(part for part in stripped if part != "")
        return value

    @field_validator("data_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("github_api_url", "github_web_url", "public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be an http or https address such as https://github.example")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password")
        return value.rstrip("/")

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not host or not colon or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last TCP port
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
        return value

    @model_validator(mode="after")
    def _follow(self) -> "Settings":
        """Fill in what follows from other settings."""
        url = self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'mergelock.db'}"
        for plain in ("postgres://", "postgresql://"):
            if url.startswith(plain):
                url = "postgresql+psycopg://" + url.removeprefix(plain)
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")
        object.__setattr__(self, "database_url", SecretStr(url))
        object.__setattr__(self, "github_web_url", self.github_web_url or web_url(self.github_api_url))
        object.__setattr__(self, "public_url", self.public_url or f"http://{self.bind}")
        return self

    @property
    def database(self) -> str:
        """The database's address, password and all: for the engine only, never for a log."""
        return self.database_url.get_secret_value()

    @property
    def loopback_only(self) -> bool:
        """Whether only this machine can reach the server."""
        host = self.bind.rpartition(":")[0].strip("[]")
        return host in {"localhost", "::1"} or host.startswith("127.")

    def make_data_dir(self) -> None:
        """Make the data folder, for its owner alone; one that is there is left as it is."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)

    def secrets(self) -> tuple[str, ...]:
        """The webhook secrets; with none the server must not start."""
        secrets = tuple(secret.get_secret_value() for secret in self.webhook_secrets)
        if not secrets:
            raise SettingsError(
                f"No webhook secret: set {PREFIX}WEBHOOK_SECRETS to the secret of the GitHub App "
                "(several, separated by commas, while one is being replaced)."
            )
        return secrets

    def private_key(self) -> str:
        """The App's private key as PEM text, from its file, which others must not be able to read."""
        if self.private_key_file is None:
            raise SettingsError(
                f"No private key: set {PREFIX}PRIVATE_KEY_FILE to the .pem file that GitHub gave for the App."
            )
        return read_private_key(self.private_key_file)

    def required_app_id(self) -> int:
        """The App's id; without it the server cannot speak to GitHub."""
        if self.app_id is None:
            raise SettingsError(f"No App: set {PREFIX}APP_ID to the GitHub App's id (a number, on the App's page).")
        return self.app_id


def web_url(api_url: str) -> str:
    """The address people and git use, from the API's: `https://HOST/api/v3` is GitHub Enterprise's form."""
    if api_url == DEFAULT_BASE_URL:
        return DEFAULT_BASE_URL.replace("//api.", "//", 1)
    return api_url.removesuffix("/api/v3")


def read_private_key(file: Path) -> str:
    """A PEM private key from a file, or a SettingsError that says what is wrong with it."""
    try:
        with file.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            pem = stream.read(LARGEST_KEY_FILE + 1)
    except OSError as fault:
        raise SettingsError(
            f"The private key {file} cannot be read ({fault.strerror}): check {PREFIX}PRIVATE_KEY_FILE and who owns it."
        ) from fault
    if mode & FORBIDDEN_KEY_MODE:
        raise SettingsError(f"The private key {file} is open to others (mode {mode:04o}): run `chmod 600 {file}`.")
    try:
        load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as fault:
        raise SettingsError(
            f"{file} holds no private key without a password: give the .pem file just as GitHub made it."
        ) from fault
    return pem.decode("ascii")


def load(file: Path | None = None) -> Settings:
    """The settings, from the environment over `file` (or the file that MERGELOCK_SETTINGS_FILE names).

    Raises SettingsError with one sentence for each fault, none of which shows a value.
    """
    named = os.environ.get(f"{PREFIX}SETTINGS_FILE", "")
    file = file or (Path(named) if named else None)
    if file is not None and not file.is_file():
        raise SettingsError(f"There is no settings file {file}: check its path.")
    try:
        values: dict[str, Any] = TomlConfigSettingsSource(Settings, file)() if file else {}
    except ValueError as fault:  # TOMLDecodeError; its text gives line and column, and no value
        raise SettingsError(f"The settings file {file} is not TOML: {fault}.") from fault
    try:
        return Settings(**values)
    except ValidationError as fault:
        raise SettingsError(*(_sentence(dict(error)) for error in fault.errors(include_input=False))) from None


def _sentence(error: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in error["loc"])
    text = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"There is no setting {name!r}: check its spelling."
    return f"{PREFIX}{name.upper()}: {text}." if name else f"{text}."
