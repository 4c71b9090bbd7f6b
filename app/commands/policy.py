"""`mergelock policy`: check a policy file, or print the JSON Schema."""

import json
from pathlib import Path

import click

from app.commands.exits import USAGE, Exit
from app.gate.policy import PATH, PolicyError, json_schema, load
from app.gate.terminal import safe


@click.group(no_args_is_help=True)
def command() -> None:
    """Check a policy file, or print the policy's JSON Schema."""


@command.command()
def schema() -> None:
    """Print the JSON Schema of the policy file, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=PATH)
@click.option("--show", is_flag=True, help="print the whole policy with its defaults written out")
def check(file: Path, show: bool) -> None:
    """Say whether FILE can be used as a policy (default: .github/mergelock.yml).

    \b
    Exit status: 0 it can · 2 it cannot
    """
    try:
        policy = load(file.read_bytes())
    except PolicyError as error:
        for problem in error.problems:
            click.echo(safe(f"{file}: {problem}"), err=True)
        raise Exit(USAGE) from error
    click.echo(json.dumps(policy.as_data(), indent=2) if show else f"{safe(str(file))}: a valid policy")
