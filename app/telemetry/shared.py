"""Metrics of all processes of one machine, summed: each writes files into one folder, and whoever is asked adds up.

prometheus_client looks for the folder as it is imported, so `share` comes before anything imports it.
"""

import os
import re
import sys
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FILE = re.compile(r"[a-z]+_(\d+)\.db")


def folder(data_dir: Path) -> Path:
    """Where the processes of this machine keep their metrics: made, and rid of what the dead left."""
    made = data_dir / "metrics"
    made.mkdir(parents=True, exist_ok=True)
    forget_the_dead(made)
    return made


def share(data_dir: Path) -> None:
    """Keep this process's metrics where the others keep theirs.

    Raises RuntimeError when it is too late for that.
    """
    if "prometheus_client" in sys.modules and VARIABLE not in os.environ:
        raise RuntimeError("metrics are in use already: call share() before anything imports app.telemetry.metrics")
    os.environ[VARIABLE] = str(folder(data_dir))


def forget_the_dead(where: Path) -> None:
    """Remove the files of processes that are gone; else each restart would leave some for ever."""
    for file in where.iterdir():
        named = _FILE.fullmatch(file.name)
        if named and not _lives(int(named[1])):
            file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
