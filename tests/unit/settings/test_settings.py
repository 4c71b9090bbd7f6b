"""Settings: where they come from, what follows, and what a fault says (never a value)."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app import settings
from app.settings import SettingsError, load, read_private_key

SECRET = "hush-hush-hush"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "APP_ID", "WEBHOOK_SECRETS", "SETTINGS_FILE", "BIND", "GITHUB_API_URL"):
        monkeypatch.delenv(f"MERGELOCK_{name}", raising=False)
    monkeypatch.setenv("MERGELOCK_DATA_DIR", str(tmp_path))


def pem(password: bytes | None = None) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, hidden)


def test_without_any_setting_the_defaults_work(tmp_path: Path) -> None:
    found = load()
    assert found.database == f"sqlite:///{tmp_path}/mergelock.db"
    assert found.github_api_url == "https://api.github.com"
    assert found.github_web_url == "https://github.com"
    assert found.public_url == "http://127.0.0.1:8080"
    assert found.loopback_only
    assert found.sandbox == "auto"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mergelock.toml"
    file.write_text('app_id = 1\nsandbox = "docker"\nwebhook_secrets = ["a", "b"]\n')
    monkeypatch.setenv("MERGELOCK_APP_ID", "2")
    found = load(file)
    assert (found.app_id, found.sandbox, found.secrets()) == (2, "docker", ("a", "b"))


def test_the_file_can_be_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mergelock.toml"
    file.write_text("app_id = 7\n")
    monkeypatch.setenv("MERGELOCK_SETTINGS_FILE", str(file))
    assert load().required_app_id() == 7


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        pytest.param("one", ("one",), id="one"),
        pytest.param(" one , two,", ("one", "two"), id="comma"),
        pytest.param('["one", "t,wo"]', ("one", "t,wo"), id="json"),
    ],
)
def test_webhook_secrets(monkeypatch: pytest.MonkeyPatch, text: str, secrets: tuple[str, ...]) -> None:
    monkeypatch.setenv("MERGELOCK_WEBHOOK_SECRETS", text)
    assert load().secrets() == secrets


@pytest.mark.parametrize(
    ("given", "used"),
    [
        pytest.param("postgres://u@h/d", "postgresql+psycopg://u@h/d", id="short"),
        pytest.param("postgresql://u@h/d", "postgresql+psycopg://u@h/d", id="usual"),
        pytest.param("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d", id="exact"),
        pytest.param("sqlite:////tmp/x.db", "sqlite:////tmp/x.db", id="sqlite"),
    ],
)
def test_database_addresses(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv("MERGELOCK_DATABASE_URL", given)
    assert load().database == used


@pytest.mark.parametrize(
    ("bind", "loopback"),
    [("127.0.0.1:1", True), ("localhost:1", True), ("[::1]:1", True), ("0.0.0.0:1", False), ("10.0.0.1:1", False)],
)
def test_loopback(monkeypatch: pytest.MonkeyPatch, bind: str, loopback: bool) -> None:
    monkeypatch.setenv("MERGELOCK_BIND", bind)
    assert load().loopback_only is loopback


def test_the_addresses_of_an_own_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGELOCK_GITHUB_API_URL", "https://git.example/api/v3/")
    found = load()
    assert (found.github_api_url, found.github_web_url) == ("https://git.example/api/v3", "https://git.example")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        pytest.param("APP_ID", SECRET, "MERGELOCK_APP_ID", id="not-a-number"),
        pytest.param("DATABASE_URL", f"mysql://u:{SECRET}@h/d", "must begin with sqlite:/// or postgresql://", id="db"),
        pytest.param("BIND", SECRET, "must be HOST:PORT", id="bind"),
        pytest.param("BIND", "h:70000", "must be HOST:PORT", id="port"),
        pytest.param("GITHUB_API_URL", f"https://u:{SECRET}@h", "must not hold a user name", id="password-in-address"),
        pytest.param("GITHUB_API_URL", "ftp://h", "must be an http or https address", id="scheme"),
        pytest.param("SANDBOX", SECRET, "'auto', 'bubblewrap' or 'docker'", id="sandbox"),
        pytest.param("WEBHOOK_SECRETS", f'["{SECRET}', "MERGELOCK_WEBHOOK_SECRETS", id="broken-json"),
        pytest.param("WEBHOOK_SECRETS", f'[{{"{SECRET}": 1}}]', "MERGELOCK_WEBHOOK_SECRETS", id="odd-json"),
        pytest.param("APPLICATION_VERSION", f"{SECRET} x", "MERGELOCK_APPLICATION_VERSION", id="version"),
        pytest.param("WORKER_CONCURRENCY", "0", "greater than or equal to 1", id="no-concurrency"),
    ],
)
def test_a_fault_names_the_setting_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"MERGELOCK_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGELOCK_APP_ID", "x")
    monkeypatch.setenv("MERGELOCK_BIND", "x")
    with pytest.raises(SettingsError) as caught:
        load()
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("nonsense = 1", "no setting 'nonsense'", id="unknown"),
        pytest.param("app_id = ", "is not TOML", id="broken"),
        pytest.param("\x80", "is not TOML", id="not-text"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "mergelock.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=says):
        load(file)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no settings file"):
        load(tmp_path / "none.toml")


def test_settings_print_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGELOCK_WEBHOOK_SECRETS", SECRET)
    monkeypatch.setenv("MERGELOCK_DATABASE_URL", f"postgresql://u:{SECRET}@h/d")
    assert SECRET not in repr(load()) + str(load())


def test_what_a_server_needs_and_lacks_is_said() -> None:
    found = load()
    for ask in (found.secrets, found.private_key, found.required_app_id):
        with pytest.raises(SettingsError, match="set MERGELOCK_"):
            ask()


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440], ids=oct)
def test_a_key_that_others_cannot_read_is_taken(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem())
    file.chmod(mode)
    assert read_private_key(file).startswith("-----BEGIN RSA PRIVATE KEY-----")


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o602, 0o777], ids=oct)
def test_a_key_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem())
    file.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_private_key(file)


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"", id="empty"), pytest.param(b"\xff\x00", id="binary"), pytest.param(pem(b"pw"), id="password")],
)
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="no private key without a password"):
        read_private_key(file)


def test_a_missing_key_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_private_key(tmp_path / "none.pem")


def test_data_goes_to_the_users_place_unless_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    assert settings.default_data_dir() == Path("/xdg/mergelock")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.default_data_dir() == tmp_path / ".local/share/mergelock"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert settings.default_data_dir() == Path("/var/lib/mergelock")
