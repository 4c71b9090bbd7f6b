"""`mergelock audit`: show the record of who did what, or prove that nobody changed it."""

import re
from pathlib import Path

import click

from app.commands.database import opened
from app.commands.exits import Exit, exits
from app.gate.terminal import safe
from app.settings import load
from app.store import audit
from app.store.audit import Anchor

ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@click.group(no_args_is_help=True)
@click.option("--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML settings file")
@click.pass_context
def command(context: click.Context, settings: Path | None) -> None:
    """Show the audit log, or prove that nobody changed it."""
    context.obj = settings


@command.command()
@click.option("--anchor", help="NUMBER:HASH noted earlier from this command's output; finds a log that was cut off")
@click.pass_obj
def verify(settings: Path | None, anchor: str | None) -> None:
    """Walk the whole chain and say whether it holds.

    \b
    Exit status: 0 it holds · 1 it was changed · 2 usage · 3 there is no database
    """
    noted = _anchor(anchor)
    with exits(), opened(load(settings)) as store:
        report = audit.verify(store, noted)
    if report.ok:
        click.echo(f"The audit log holds: {report.entries} entries.")
        click.echo(f"Its anchor, to note elsewhere: {report.head.seq}:{report.head.hash}")
        return
    click.echo(f"The audit log was changed: {report.problem}.", err=True)
    click.echo(f"Up to entry {report.head.seq} it holds.", err=True)
    raise Exit(1)


@command.command()
@click.option("--repository", default="", help="only this repository (owner/name)")
@click.option("--number", type=int, help="only this pull request")
@click.option("--after", type=int, default=0, help="only entries after this number")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="how many at most")
@click.pass_obj
def show(settings: Path | None, repository: str, number: int | None, after: int, limit: int) -> None:
    """Print entries, oldest first, one a line."""
    with exits(), opened(load(settings)) as store, store.reading() as connection:
        found = audit.entries(connection, after=after, limit=limit, repository=repository, number=number)
    for entry in found:
        where = f"{entry.repository}#{entry.number}" if entry.number is not None else entry.repository
        line = f"{entry.seq}  {entry.at}  {entry.actor}  {entry.action}  {where}  {entry.head[:12]}  {entry.data}"
        click.echo(safe(line))


def _anchor(text: str | None) -> Anchor | None:
    if text is None:
        return None
    match = ANCHOR.fullmatch(text)
    if match is None:
        raise click.UsageError("--anchor is NUMBER:HASH, as `mergelock audit verify` prints it")
    return Anchor(int(match[1]), match[2])
