"""How a command ends: its exit status, and one sentence on standard error for each kind of trouble."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from app.demo.errors import DemoError
from app.gate.errors import PolicyError
from app.gate.terminal import safe
from app.github.errors import GitHubError
from app.pipeline.errors import PipelineError
from app.repository.errors import CommitMissing, NoMergeBase, NotARepository, RepositoryError
from app.settings import SettingsError
from app.store.errors import StoreError
from runner.errors import Cancelled, RunnerError

USAGE, TROUBLE, INTERRUPTED = 2, 3, 130


class Exit(click.exceptions.Exit):
    """Ends the command with a status."""


@contextmanager
def exits() -> Iterator[None]:
    """Turn errors into a sentence and a status of the contract: 2 usage or policy, 3 could not judge.

    A bug of ours ends with 3 as well, and its traceback: Python's own status for it, 1, would say that a change failed.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except PolicyError as error:
        for problem in error.problems:
            click.echo(f"mergelock: the policy: {safe(str(problem))}", err=True)
        raise Exit(USAGE) from error
    except (SettingsError, CommitMissing, NoMergeBase, NotARepository) as error:
        _end(error, USAGE)
    except (KeyboardInterrupt, Cancelled):
        click.echo("mergelock: stopped", err=True)
        raise Exit(INTERRUPTED) from None
    except (RunnerError, RepositoryError, StoreError, PipelineError, GitHubError, DemoError, OSError) as error:
        _end(error, TROUBLE)
    except SQLAlchemyError as error:
        # Its own text may hold an address with a password; the driver's first line holds none.
        said = str(getattr(error, "orig", "")).partition("\n")[0]
        _end(StoreError(f"the database cannot be used ({said or type(error).__name__})"), TROUBLE)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end with the status of a failed change
        click.echo(safe(traceback.format_exc(), lines=True), err=True, nl=False)
        _end(error, TROUBLE)


def _end(error: Exception, status: int) -> NoReturn:
    ours = isinstance(error, SettingsError | DemoError)  # text of our own, written in lines
    click.echo(f"mergelock: {safe(str(error) or type(error).__name__, lines=ours)}", err=True)
    raise Exit(status) from error
