"""Control groups: what is written where, and where groups are looked for."""

from pathlib import Path

import pytest

from runner.cgroups import CONTROLLERS, Group, Groups, Parent, find_parents, folders_of, settings
from runner.sandbox import GIB, EndedBy, Limits

LIMITS = Limits(cpus=1.5, memory=2 * GIB, processes=100)


@pytest.mark.parametrize(
    ("version", "controller", "file", "value"),
    [
        (1, "cpu", "cpu.cfs_quota_us", "150000"),
        (1, "memory", "memory.limit_in_bytes", str(2 * GIB)),
        (1, "memory", "memory.memsw.limit_in_bytes", str(2 * GIB)),
        (1, "pids", "pids.max", "103"),
        (2, "cpu", "cpu.max", "150000 100000"),
        (2, "memory", "memory.max", str(2 * GIB)),
        (2, "memory", "memory.swap.max", "0"),
        (2, "pids", "pids.max", "103"),
    ],
)
def test_settings(version: int, controller: str, file: str, value: str) -> None:
    """Each limit in the file of its version."""
    assert value in [found for name, found, _ in settings(version, controller, LIMITS) if name == file]


def mountinfo(*lines: tuple[Path, str, str]) -> str:
    """The text of a mountinfo with these mounts: (place, kind, options of the file system)."""
    return "".join(f"30 23 0:26 / {place} rw - {kind} cgroup {options}\n" for place, kind, options in lines)


def test_version_1_is_found_by_controller(tmp_path: Path) -> None:
    """Our own group first, then the mount's top."""
    memory = tmp_path / "memory"
    (memory / "a/b").mkdir(parents=True)
    text = mountinfo((memory, "cgroup", "rw,memory"), (tmp_path / "net", "cgroup", "rw,net_cls"))
    found = find_parents("4:memory:/a/b\n3:net_cls:/\n0::/\n", text)
    assert [parent.folder for parent in found] == [memory / "a/b", memory / "a", memory]
    assert {(parent.version, parent.controllers) for parent in found} == {(1, frozenset({"memory"}))}


def test_version_2_gives_what_it_says(tmp_path: Path) -> None:
    """A group whose processes keep it from giving anything gives nothing."""
    own = tmp_path / "user.slice"
    own.mkdir()
    (own / "cgroup.subtree_control").write_text("")
    (tmp_path / "cgroup.subtree_control").write_text("cpuset cpu io memory pids\n")
    found = find_parents("0::/user.slice\n", mountinfo((tmp_path, "cgroup2", "rw")))
    assert [(parent.folder, set(parent.controllers)) for parent in found] == [
        (own, set()),
        (tmp_path, set(CONTROLLERS)),
    ]


def test_a_group_that_this_mount_does_not_show_is_passed_over(tmp_path: Path) -> None:
    """As in a container that was given a part of the tree."""
    found = find_parents("4:memory:/docker/abc\n", mountinfo((tmp_path, "cgroup", "rw,memory")))
    assert [parent.folder for parent in found] == [tmp_path]
    assert folders_of("4:memory:/docker/abc\n", mountinfo((tmp_path, "cgroup", "rw,memory"))) == {
        "memory": (tmp_path, 1)
    }


@pytest.mark.parametrize(
    ("version", "files", "expected"),
    [
        pytest.param(1, {"memory.oom_control": "under_oom 0\noom_kill 0\n"}, None, id="v1-nothing"),
        pytest.param(1, {"memory.oom_control": "under_oom 0\noom_kill 1\n"}, EndedBy.MEMORY, id="v1-memory"),
        pytest.param(2, {"memory.events": "max 9\noom 1\noom_kill 2\n"}, EndedBy.MEMORY, id="v2-memory"),
        pytest.param(2, {"memory.events": "max 9\noom_kill 0\n"}, None, id="v2-reclaimed"),
        pytest.param(2, {"pids.events": "max 1\n"}, EndedBy.PROCESSES, id="processes"),
        pytest.param(2, {"pids.events": "max 0\n"}, None, id="no-processes"),
        pytest.param(2, {}, None, id="gone"),
    ],
)
def test_what_the_kernel_counted(tmp_path: Path, version: int, files: dict[str, str], expected: EndedBy | None) -> None:
    """Read from the group's own files."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    group = Group(dict.fromkeys(CONTROLLERS, tmp_path), dict.fromkeys(CONTROLLERS, version))
    assert group.limit_met() is expected


def test_where_no_group_can_be_made_none_holds_anything(tmp_path: Path) -> None:
    """A folder that takes no group's files is no place for one."""
    groups = Groups((Parent(tmp_path / "absent", 2, frozenset(CONTROLLERS)),))
    assert groups.holds == frozenset()
    assert groups.make(LIMITS).entrances == ()
