"""`mergelock worker`: judge the changes that were received."""

import signal
import threading
from pathlib import Path

import click

from app.commands.exits import exits
from app.settings import load
from app.telemetry import logs, shared


@click.command()
@click.option("--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML settings file")
def command(settings: Path | None) -> None:
    """Judge the changes that `mergelock serve` received.

    With SQLite one worker may run; with PostgreSQL as many as you like, on any machines. What one leaves unfinished,
    killed or stopped, another takes up. Settings: docs/settings.md.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with exits():
        loaded = load(settings)
        logs.configure(loaded.log_level, loaded.log_format)
        loaded.make_data_dir()
        shared.share(loaded.data_dir)
        from app.pipeline.worker import Worker  # noqa: PLC0415 - metrics must be shared before they are imported

        worker = Worker(loaded)
        worker.start()
        click.echo(f"mergelock worker: judging in {worker.sandbox.name} {worker.sandbox.version}", err=True)
        try:
            stopping.wait()
        finally:
            worker.stop()
