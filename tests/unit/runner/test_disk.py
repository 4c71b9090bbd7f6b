"""What is counted of a tree. Files in a temporary folder only; how a watch ends a command is the sandboxes' battery."""

import os
from pathlib import Path

import pytest

from runner.disk import DEEPEST, ENTRY, TooDeepError, used

MUCH = 10**12


def test_counts_blocks_and_entries(tmp_path: Path) -> None:
    """An empty file costs an entry, a written one its blocks as well."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/empty").touch()
    (tmp_path / "a/full").write_bytes(os.urandom(100_000))
    found = used(tmp_path, enough=MUCH)
    assert 100_000 + 3 * ENTRY <= found < 200_000


def test_follows_no_link(tmp_path: Path) -> None:
    """Neither one that leaves the tree nor one that goes round."""
    (tmp_path / "out").symlink_to("/usr")
    (tmp_path / "round").symlink_to(".")
    assert used(tmp_path, enough=MUCH) < 4 * ENTRY


def test_stops_once_there_is_enough(tmp_path: Path) -> None:
    """Nothing further is looked at."""
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert used(tmp_path, enough=3 * ENTRY) == 4 * ENTRY


def test_a_tree_made_to_break_who_looks(tmp_path: Path) -> None:
    """Is told from an honest one."""
    deep = tmp_path
    for _ in range(DEEPEST + 1):
        deep = deep / "d"
    deep.mkdir(parents=True)
    with pytest.raises(TooDeepError):
        used(tmp_path, enough=MUCH)


def test_a_folder_put_in_place_of_another(tmp_path: Path) -> None:
    """The top itself may not be a link."""
    (tmp_path / "link").symlink_to("/usr")
    with pytest.raises(OSError, match="link"):
        used(tmp_path / "link", enough=MUCH)
