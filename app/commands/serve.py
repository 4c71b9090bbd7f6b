"""`mergelock serve`: receive GitHub's webhooks and show the live pages."""

import os
from pathlib import Path

import click

from app.commands.exits import exits
from app.settings import Settings, SettingsError, load
from app.store import Store
from app.web import launch
from app.web.guard import sign_in_link


@click.command()
@click.option("--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML settings file")
@click.option("--with-worker", is_flag=True, help="judge in this process as well: the small form, on SQLite")
def command(settings: Path | None, with_worker: bool) -> None:
    """Receive GitHub's webhooks and show the live pages.

    Prints a link that signs you in to the pages; it is good once. Settings: docs/settings.md.
    """
    with exits():
        loaded = load(settings)
        if with_worker and not loaded.database.startswith("sqlite"):
            raise SettingsError("--with-worker is for SQLite; with PostgreSQL start `mergelock worker` beside it.")
        launch.prepare(loaded)
        click.echo(f"mergelock serve: listening on {loaded.bind}", err=True)
        click.echo(f"Sign in to the pages (good once): {_link(loaded)}", err=True)
        start = launch.gunicorn(loaded, settings_file=settings, with_worker=with_worker)
        environment = {**os.environ, **start.environment}
        os.execve(start.command[0], start.command, environment)  # noqa: S606 - becomes the server, so signals reach it


def _link(settings: Settings) -> str:
    store = Store.open(settings.database, pool_size=1)
    try:
        return sign_in_link(settings, store)
    finally:
        store.close()
