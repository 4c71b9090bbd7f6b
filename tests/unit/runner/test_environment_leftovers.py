"""What is thrown away, and what is not yet."""

import os
import time
from pathlib import Path

from runner.environment.leftovers import bound, sweep


def made(path: Path, *, days_ago: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 100, encoding="ascii")
    then = time.time() - days_ago * 24 * 3600
    os.utime(path, (then, then))
    return path


def test_what_killed_runs_left_and_old_runs_go(tmp_path: Path) -> None:
    old_folder, new_folder = tmp_path / "scratch/run-old", tmp_path / "scratch/run-new"
    made(old_folder / "file", days_ago=0)
    made(new_folder / "file", days_ago=0)
    then = time.time() - 2 * 24 * 3600
    os.utime(old_folder, (then, then))
    old_run = made(tmp_path / "base-runs/old.json", days_ago=40)
    new_run = made(tmp_path / "base-runs/new.json", days_ago=20)
    sweep(tmp_path)
    assert [path.exists() for path in (old_folder, new_folder, old_run, new_run)] == [False, True, False, True]


def test_sweeping_nothing(tmp_path: Path) -> None:
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_emptied_only_when_it_holds_too_much(tmp_path: Path) -> None:
    file = made(tmp_path / "wheels/a/b", days_ago=0)
    bound(tmp_path / "wheels", 100)
    assert file.exists()
    bound(tmp_path / "wheels", 99)
    assert not file.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]
