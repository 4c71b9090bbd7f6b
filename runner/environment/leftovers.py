"""What is thrown away so that the data folder stays bounded: killed runs' folders, old runs, too many wheels."""

import contextlib
import os
import secrets
import time
from pathlib import Path

from runner.ownership import remove_tree

_DAY = 24 * 3600.0
_KEEP_SCRATCH = _DAY
_KEEP_RUNS = 30 * _DAY


def sweep(data_dir: Path) -> None:
    """Remove working folders that a killed process left a day ago or longer, and base runs unused for a month."""
    for name, keep in (("scratch", _KEEP_SCRATCH), ("base-runs", _KEEP_RUNS)):
        folder = data_dir / name
        for entry in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):  # another process sweeps as well
                if time.time() - entry.lstat().st_mtime > keep:
                    remove_tree(entry)


def bound(folder: Path, most_bytes: int) -> None:
    """Empty a folder that holds more than that; who has it mounted keeps what was there."""
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(top) / name).lstat().st_size
    if total > most_bytes:
        gone = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
        folder.rename(gone)
        folder.mkdir()
        remove_tree(gone)
