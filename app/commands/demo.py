"""`mergelock demo`: play four pull requests of a real library through the whole gate."""

import time

import click
from rich.console import Console

from app.commands.exits import Exit, exits
from app.demo.play import play
from app.gate.terminal import safe


@click.command()
@click.option(
    "--sandbox", type=click.Choice(["auto", "bubblewrap", "docker"]), default="auto", help="where to run them"
)
@click.option("--keep", is_flag=True, help="leave the servers up until Ctrl-C, to look at the pages")
def command(sandbox: str, keep: bool) -> None:
    """Play four pull requests of a real library through the whole gate.

    Runs on this machine alone: GitHub's stand-in, the web server and a worker listen on loopback. The library's
    releases come from the package index.

    \b
    Exit status: 0 every outcome was as it must be · 1 one was not · 3 the demo could not be played
    """
    console = Console()
    began = time.monotonic()
    with exits():
        wrong = play(console, sandbox, keep=keep)
    _tell(console, wrong, time.monotonic() - began)


def _tell(console: Console, wrong: list[str], seconds: float) -> None:
    for problem in wrong:
        console.print(f"✗ {safe(problem)}", style="red", markup=False, highlight=False)
    if wrong:
        raise Exit(1)
    console.print(f"\n✓ Every outcome was as it must be, in {seconds:.0f} s.", style="bold green")
