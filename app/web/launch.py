"""Starting the web server: what must be ready before, and the command that runs it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from app.pipeline import durable
from app.settings import Settings
from app.store import Store, schema
from app.telemetry import shared

EMBEDDED_WORKER = "MERGELOCK_EMBEDDED_WORKER"
"""Set to 1 in the environment: the one web process judges as well."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command to start, as a program of its own, with `environment` added to this process's."""

    command: tuple[str, ...]
    environment: dict[str, str]


def prepare(settings: Settings) -> None:
    """Bring the database up to date. Asks first for what must not be missing: SettingsError says what is."""
    settings.secrets()
    settings.make_data_dir()
    store = Store.open(settings.database)
    try:
        schema.upgrade(store.engine)
    finally:
        store.close()
    durable.migrate(settings.database)


def gunicorn(settings: Settings, *, settings_file: Path | None = None, with_worker: bool = False) -> Launch:
    """The web server as a command. It reads the settings anew, from the same environment and file."""
    environment = {"MERGELOCK_DATA_DIR": str(settings.data_dir), shared.VARIABLE: str(shared.folder(settings.data_dir))}
    if with_worker:
        environment[EMBEDDED_WORKER] = "1"
    if settings_file is not None:
        environment["MERGELOCK_SETTINGS_FILE"] = str(settings_file.absolute())
    return Launch((sys.executable, "-m", "gunicorn", "-c", "python:app.web.gunicorn_conf"), environment)
