"""How limits become the kernel's own: resource limits of every process, and what process 1 watches. Pure."""

import math

from runner.sandbox import MIB, Limits

OPEN_FILES = 65536
THREAD_STACK = 8 * MIB


def rlimits(limits: Limits, *, grouped: frozenset[str] = frozenset()) -> dict[str, int]:
    """Names of `resource` and their values, soft and hard.

    Args:
        limits: what was asked for.
        grouped: the limits (`cpus`, `memory`, `processes`) that a control group holds already.
    """
    found = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": limits.file_size, "RLIMIT_NOFILE": OPEN_FILES, "RLIMIT_MEMLOCK": 8 << 20}
    if "cpus" not in grouped:
        found["RLIMIT_CPU"] = max(1, math.ceil(limits.cpus * limits.time))
    if "memory" not in grouped:
        # Of data rather than address space, which some runtimes reserve by the terabyte; every thread reserves a stack,
        # which it seldom touches. What is touched by all processes together is for process 1 to watch.
        found["RLIMIT_DATA"] = limits.memory + limits.processes * THREAD_STACK
    if "processes" not in grouped:
        found["RLIMIT_NPROC"] = limits.processes
    return found


def watched_inside(limits: Limits, *, grouped: frozenset[str] = frozenset()) -> dict[str, int]:
    """The limits that process 1 watches as a sum over all processes, where no control group does."""
    found = {"memory": limits.memory, "processes": limits.processes}
    return {name: value for name, value in found.items() if name not in grouped}


def held_by(grouped: frozenset[str]) -> dict[str, str]:
    """Who holds each limit: a control group (`cgroup`), the kernel for each process (`rlimit`), or our watching."""
    found = {name: "cgroup" if name in grouped else "rlimit" for name in ("cpus", "memory", "processes")}
    return {**found, "file_size": "rlimit", "disk": "watch", "time": "watch", "output": "watch"}
