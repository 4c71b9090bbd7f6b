"""How a command ends: its exit status, and one sentence on standard error for each kind of trouble."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from app.gate.errors import PolicyError
from app.gate.terminal import safe
from app.repository.errors import CommitMissing, NoMergeBase, RepositoryError
from app.settings import SettingsError
from app.store.errors import StoreError
from runner.errors import Cancelled, RunnerError

USAGE, TROUBLE, INTERRUPTED = 2, 3, 130


class Exit(click.exceptions.Exit):
    """Ends the command with a status."""


@contextmanager
def exits() -> Iterator[None]:
    """Turn the project's errors into a sentence and a status of the contract: 2 usage or policy, 3 could not judge."""
    try:
        yield
    except (PolicyError, SettingsError, CommitMissing, NoMergeBase) as error:
        _end(error, USAGE)
    except (KeyboardInterrupt, Cancelled):
        click.echo("mergelock: stopped", err=True)
        raise Exit(INTERRUPTED) from None
    except (RunnerError, RepositoryError, StoreError, OSError) as error:
        _end(error, TROUBLE)


def _end(error: Exception, status: int) -> NoReturn:
    click.echo(f"mergelock: {safe(str(error))}", err=True)
    raise Exit(status) from error
