"""What each gunicorn worker runs, after its fork: `app.web.wsgi:application()`."""

from flask import Flask

from app.pipeline.intake import Enqueuer
from app.settings import load
from app.store import Store
from app.telemetry import logs
from app.web.application import create_app

CONNECTIONS = 8  # for each process; as many again when all are busy


def application() -> Flask:
    """The application with a store and an enqueuer of its own; settings come from the environment."""
    settings = load()
    logs.configure(settings.log_level, settings.log_format)
    store = Store.open(settings.database, pool_size=CONNECTIONS)
    return create_app(settings, store, Enqueuer(store))
