"""Metrics of all processes of one machine, summed: each writes files into one folder, and whoever is asked adds up.

prometheus_client looks for the folder as it is imported, so `share` comes before anything imports it.
"""

import os
import re
import sys
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FILE = re.compile(r"[a-z]+_(\d+)\.db")


def share(data_dir: Path) -> Path:
    """Keep this process's metrics, and those of the processes it starts, in the data folder; answers where.

    Raises RuntimeError when it is too late for that.
    """
    if "prometheus_client" in sys.modules and VARIABLE not in os.environ:
        raise RuntimeError("metrics are in use already: call share() before anything imports app.telemetry.metrics")
    folder = data_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    forget_the_dead(folder)
    os.environ[VARIABLE] = str(folder)
    return folder


def forget_the_dead(folder: Path) -> None:
    """Remove the files of processes that are gone; else each restart would leave some for ever."""
    for file in folder.iterdir():
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
