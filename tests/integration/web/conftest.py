"""The web application on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.github.events import Event
from app.settings import Settings, load
from app.store import Store, sign_in
from app.web.application import create_app
from app.web.intake import StoringIntake

SECRET = "0123456789abcdef-of-the-tests"


@dataclass
class Queue:
    """Notes what was enqueued; made to fail, it raises once that was noted, as a database would at the end."""

    enqueued: list[tuple[int, str]] = field(default_factory=list)
    fault: Exception | None = None

    def __call__(self, connection: sa.Connection, delivery: int, event: Event) -> None:
        self.enqueued.append((delivery, event.name))
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MERGELOCK_DATABASE_URL", database_url)
    monkeypatch.setenv("MERGELOCK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MERGELOCK_WEBHOOK_SECRETS", f"another-secret-being-replaced,{SECRET}")
    return load()


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def app(settings: Settings, store: Store, queue: Queue) -> Flask:
    return create_app(settings, store, StoringIntake(store, queue))


@pytest.fixture
def stranger(app: Flask) -> Iterator[FlaskClient]:
    """A browser that has not signed in."""
    with app.test_client() as client:
        yield client


@pytest.fixture
def client(stranger: FlaskClient, store: Store) -> FlaskClient:
    """A browser that has signed in by a link."""
    with store.writing() as connection:
        token = sign_in.new_link_token(connection)
    assert stranger.get(f"/sign-in?token={token}").status_code == 303
    return stranger
