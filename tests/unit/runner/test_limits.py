"""Limits as the kernel's own."""

import pytest

from runner.limits import held_by, rlimits, watched_inside
from runner.sandbox import GIB, MIB, Limits

LIMITS = Limits(cpus=1.5, memory=GIB, processes=10, file_size=5 * MIB, time=3.0)


@pytest.mark.parametrize(
    ("grouped", "name", "value"),
    [
        pytest.param((), "RLIMIT_CPU", 5, id="processor-time-rounded-up"),
        pytest.param((), "RLIMIT_DATA", GIB + 80 * MIB, id="memory-and-stacks"),
        pytest.param((), "RLIMIT_NPROC", 10, id="processes"),
        pytest.param((), "RLIMIT_FSIZE", 5 * MIB, id="file-size"),
        pytest.param((), "RLIMIT_CORE", 0, id="no-core-files"),
        pytest.param(("cpus", "memory", "processes"), "RLIMIT_FSIZE", 5 * MIB, id="file-size-always"),
        pytest.param(("cpus",), "RLIMIT_CPU", None, id="processors-in-a-group"),
        pytest.param(("memory",), "RLIMIT_DATA", None, id="memory-in-a-group"),
        pytest.param(("processes",), "RLIMIT_NPROC", None, id="processes-in-a-group"),
    ],
)
def test_resource_limits(grouped: tuple[str, ...], name: str, value: int | None) -> None:
    """What a group holds needs no second hand."""
    assert rlimits(LIMITS, grouped=frozenset(grouped)).get(name) == value


def test_process_one_watches_what_no_group_does() -> None:
    """Memory and processes as sums."""
    assert watched_inside(LIMITS) == {"memory": GIB, "processes": 10}
    assert watched_inside(LIMITS, grouped=frozenset({"memory", "processes", "cpus"})) == {}


def test_every_limit_is_held_by_something() -> None:
    """As the verdict shows it."""
    assert held_by(frozenset({"memory"}))["memory"] == "cgroup"
    assert held_by(frozenset()).keys() == set(Limits.__dataclass_fields__)
