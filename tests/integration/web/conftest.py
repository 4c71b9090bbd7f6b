"""The web application on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pipeline import durable
from app.pipeline.intake import Enqueuer
from app.settings import Settings, load
from app.store import Store, sign_in
from app.web.application import create_app

SECRET = "0123456789abcdef-of-the-tests"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MERGELOCK_DATABASE_URL", database_url)
    monkeypatch.setenv("MERGELOCK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MERGELOCK_WEBHOOK_SECRETS", f"another-secret-being-replaced,{SECRET}")
    return load()


@pytest.fixture
def intake(store: Store, database_url: str) -> Enqueuer:
    durable.migrate(database_url)
    return Enqueuer(store)


@pytest.fixture
def app(settings: Settings, store: Store, intake: Enqueuer) -> Flask:
    return create_app(settings, store, intake)


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
