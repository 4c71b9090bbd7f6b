"""`mergelock sign-in`: print a fresh link that opens the live pages once."""

from pathlib import Path

import click

from app.commands.database import opened
from app.commands.exits import exits
from app.settings import load
from app.web.guard import sign_in_link


@click.command()
@click.option("--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML settings file")
def command(settings: Path | None) -> None:
    """Print a link that signs you in to the live pages.

    It works once, within a quarter of an hour. Run it on the server's machine, with the server's settings.

    \b
    Exit status: 0 printed · 2 settings · 3 there is no database
    """
    with exits():
        loaded = load(settings)
        with opened(loaded) as store:
            click.echo(sign_in_link(loaded, store))
