"""Databases for tests: a throw-away PostgreSQL cluster on a Unix socket, and stores in both kinds of database."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.store import Store, schema
from tests.waiting import until

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def _unprivileged() -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root, and must die with us, even by `kill -9`."""
    command = ["setpriv", "--pdeathsig", "KILL"]
    if os.geteuid() != 0:
        return command
    user = pwd.getpwnam("nobody")
    return [*command, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _cluster(folder: Path) -> subprocess.Popen[bytes]:
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
    programs = BINARIES[-1].parent
    data = str(folder / "data")
    make = [str(programs / "initdb"), "-D", data, "-U", "mergelock", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*_unprivileged(), *make], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    settings = [part for setting in FAST_AND_LOOSE for part in ("-c", setting)]
    serve = [str(programs / "postgres"), "-D", data, "-c", "listen_addresses=", "-k", str(folder), *settings]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([*_unprivileged(), *serve], stdout=log, stderr=log, cwd=folder)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(_address(folder, "postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def _address(folder: Path, database: str) -> str:
    return f"postgresql://mergelock@/{database}?host={folder}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """A running cluster; its folder holds the socket and the log. One for each test process."""
    if not BINARIES:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL server: install the package postgresql")
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="mergelock-postgres-"))
    server = _cluster(folder)
    try:
        until(lambda: _answers(folder), seconds=30, what="PostgreSQL answers")
        yield folder
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: Path) -> Iterator[str]:
    """The address of an empty database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(_address(postgres, "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield _address(postgres, name).replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(_address(postgres, "postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the test runs once with SQLite and once with PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mergelock.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables, in each kind of database."""
    made = Store.open(database_url)
    schema.upgrade(made.engine)
    yield made
    made.close()


def without_guards(store: Store) -> sa.Connection:
    """A connection, in a transaction, of one who owns the database and dropped the audit's triggers. Close it."""
    connection = store.engine.connect()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("DROP TRIGGER audit_refuses ON audit"))
    else:
        for deed in ("update", "delete"):
            connection.execute(sa.text(f"DROP TRIGGER audit_refuses_{deed}"))
    return connection
