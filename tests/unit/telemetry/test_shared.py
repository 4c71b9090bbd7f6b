"""The folder in which processes keep their metrics."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.telemetry.shared import VARIABLE, forget_the_dead, share

PROGRAM = """
import sys
from pathlib import Path
from app.telemetry.shared import share
share(Path(sys.argv[1]))
from app.telemetry.metrics import run_finished
run_finished("passed", 1.5)
if len(sys.argv) > 2:
    from app.store import Store, schema
    from app.telemetry.metrics import exposition
    store = Store.open(sys.argv[2])
    schema.upgrade(store.engine)
    sys.stdout.write(exposition(store).decode())
"""


def run(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-c", PROGRAM, str(folder), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_what_one_process_counts_another_tells(tmp_path: Path) -> None:
    text = run(tmp_path, f"sqlite:///{tmp_path}/x.db")
    assert 'mergelock_verdicts_total{verdict="passed"} 1.0' in text
    assert 'mergelock_run_seconds_bucket{le="2.0"} 1.0' in text
    assert list((tmp_path / "metrics").glob("counter_*.db"))


def test_files_of_the_dead_are_removed_and_others_kept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=30)
    for name in (f"counter_{gone.pid}.db", f"counter_{os.getpid()}.db", "counter_1.db", "notes.txt"):
        (tmp_path / name).touch()
    forget_the_dead(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        [f"counter_{os.getpid()}.db", "counter_1.db", "notes.txt"]
    )


def test_it_cannot_come_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", sys)
    with pytest.raises(RuntimeError, match="before anything imports"):
        share(tmp_path)
