"""`mergelock doctor`: say what this machine can do, what it lacks, and what to do about it."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from app.commands.exits import TROUBLE, Exit
from app.gate.errors import PolicyError
from app.gate.terminal import safe
from app.judging.policy_in_force import read_floor
from app.settings import Settings, SettingsError, load
from app.store import Store
from app.store.schema import current
from runner.choose import SandboxDiagnosis, diagnose


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis. What is needed and not good makes the command fail; the rest is for information."""

    name: str
    good: bool
    text: str
    needed: bool = True


@click.command()
@click.option("--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML settings file")
def command(settings: Path | None) -> None:
    """Say what this machine can do and what it lacks.

    \b
    Exit status: 0 changes can be judged here · 3 they cannot
    """
    try:
        loaded = load(settings)
    except SettingsError as error:
        _show([Finding("settings", False, problem) for problem in error.problems])
        raise Exit(TROUBLE) from error
    data = _data(loaded.data_dir)
    found = [*_programs(), data]
    if data.good:  # everything else keeps something there
        found += [*_sandboxes(loaded), *_server(loaded)]
    _show(found)
    if any(not line.good and line.needed for line in found):
        raise Exit(TROUBLE)


def _show(found: list[Finding]) -> None:
    for line in found:
        mark = click.style("✓", "green") if line.good else click.style("✗" if line.needed else "-", "yellow")
        click.echo(f"{mark} {line.name:<12} {safe(line.text)}")


def _programs() -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")
    yield _git()


def _data(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        text = f"{folder} cannot be written to ({error.strerror}): set MERGELOCK_DATA_DIR to a folder of yours"
        return Finding("data", False, text)
    return Finding("data", True, f"{folder}")


def _sandboxes(settings: Settings) -> Iterator[Finding]:
    diagnoses = diagnose(settings.data_dir)
    any_usable = any(one.usable for one in diagnoses)
    for one in diagnoses:
        wanted = settings.sandbox == one.name or (settings.sandbox == "auto" and not any_usable)
        yield from _sandbox(one, needed=wanted)


def _git() -> Finding:
    program = shutil.which("git")
    if program is None:
        return Finding("git", False, "missing: install it (Debian: apt-get install git)")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    return Finding("git", done.returncode == 0, f"{done.stdout.strip()} at {program}")


def _sandbox(one: SandboxDiagnosis, *, needed: bool) -> Iterator[Finding]:
    if one.info is None:
        yield Finding(one.name, False, "cannot run here: " + "; ".join(one.missing), needed)
        return
    held = ", ".join(f"{limit} by {by}" for limit, by in one.info.limits_by.items())
    yield Finding(one.name, True, f"{one.info.version}, Python {one.info.python_version} inside; limits: {held}")
    for note in one.info.notes:
        yield Finding("", False, note, needed=False)


def _server(settings: Settings) -> Iterator[Finding]:
    """What only the server needs: its absence is no fault on a machine where changes are only judged locally."""
    for name, read in (
        ("app id", settings.required_app_id),
        ("private key", settings.private_key),
        ("webhooks", settings.secrets),
    ):
        try:
            read()
        except SettingsError as error:
            yield Finding(name, False, f"{error} (only the server needs it)", needed=False)
        else:
            yield Finding(name, True, "set")
    yield _floor(settings)
    store = Store.open(settings.database, pool_size=1)
    try:
        good = current(store.engine)
        yield Finding("database", good, "reachable, tables are current" if good else "no tables yet", needed=False)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is what the person has to see
        yield Finding("database", False, f"cannot be used: {type(error).__name__}", needed=False)
    finally:
        store.close()


def _floor(settings: Settings) -> Finding:
    if settings.floor_policy is None:
        return Finding("floor", True, "none set: a repository's own policy is all that holds", needed=False)
    try:
        read_floor(settings.floor_policy)
    except (PolicyError, OSError) as error:
        return Finding("floor", False, f"{settings.floor_policy}: {error}")
    return Finding("floor", True, f"{settings.floor_policy}")
