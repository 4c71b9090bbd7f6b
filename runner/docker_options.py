"""A container's options as a pure value, asserted without an engine: what a command may see and be."""

import math
from pathlib import Path, PurePosixPath
from typing import Any

from runner.etc import CA_BUNDLE, HOSTNAME
from runner.protocol import EGRESS_INSIDE, INSIDE, OWN_ENVIRONMENT, PRIVATE, private_size
from runner.sandbox import Command, Mount

INTERPRETER = PurePosixPath("/usr/bin/python3.11")
OWNER_LABEL = "mergelock.owner"
OWN_PROCESSES = 1  # process 1 inside
NANO = 1_000_000_000
ETC = (
    *(PurePosixPath("/etc", name) for name in ("hosts", "resolv.conf", "nsswitch.conf", "passwd", "group")),
    CA_BUNDLE,
)
# The engine's own list, which this one replaces, and the kernel's words on keys.
MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/kmsg", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap",
)  # fmt: skip


def mounts_of(command: Command, *, inside: Path, etc: Path) -> tuple[Mount, ...]:
    """Every host path shown inside, parents before what lies in them. Of `etc`, the made-up one, parts are taken."""
    shown = [Mount(inside, PurePosixPath(INSIDE))]
    # Names and people as in bubblewrap; the engine would show the host's own name servers.
    shown += [Mount(etc / path.relative_to("/etc"), path) for path in ETC if (etc / path.relative_to("/etc")).is_file()]
    if command.egress_socket is not None:
        shown.append(Mount(command.egress_socket, PurePosixPath(EGRESS_INSIDE)))
    shown += command.mounts
    return tuple(sorted(shown, key=lambda mount: len(mount.target.parts)))


def container(command: Command, *, image: str, user: str, owner: str, mounts: tuple[Mount, ...]) -> dict[str, Any]:
    """The body of the engine's request to create the command's container.

    Args:
        command: for its limits; what to run comes over standard input.
        image: the image's name.
        user: `uid:gid` inside.
        owner: who removes it when this process is gone; see `runner.docker_orphans`.
        mounts: what is shown.
    """
    return {
        "Image": image,
        "Entrypoint": [str(INTERPRETER), "-I", "-S", "-B", f"{INSIDE}/init.py"],
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in OWN_ENVIRONMENT.items()],
        "WorkingDir": "/",
        "User": user,
        "Hostname": HOSTNAME,
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "NetworkDisabled": True,
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": {OWNER_LABEL: owner},
        "HostConfig": host_config(command, user=user, mounts=mounts),
    }


def host_config(command: Command, *, user: str, mounts: tuple[Mount, ...]) -> dict[str, Any]:
    """The part of the request that says what the host gives."""
    limits = command.limits
    size = private_size(limits.disk)
    uid, _, gid = user.partition(":")
    private = [path for path in PRIVATE if path != "/dev/shm"]  # noqa: S108 - a path inside; the engine makes it itself
    return {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "Privileged": False,
        "SecurityOpt": ["no-new-privileges:true"],
        "MaskedPaths": list(MASKED),
        "IpcMode": "private",
        "PidMode": "",
        "UTSMode": "",
        "CgroupnsMode": "private",
        "Init": False,
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {"Type": "none"},
        "OomKillDisable": False,
        "PidsLimit": limits.processes + OWN_PROCESSES,
        "Memory": limits.memory,
        "MemorySwap": limits.memory,
        "MemorySwappiness": 0,
        "NanoCpus": math.ceil(limits.cpus * NANO),
        "ShmSize": size,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "Tmpfs": {
            **dict.fromkeys(private, f"rw,exec,nosuid,nodev,size={size},mode=1777,uid={uid},gid={gid}"),
            # The machine's devices and drivers: nothing a test suite needs.
            "/sys": "ro,noexec,nosuid,nodev,size=4096,mode=0555",
        },
        "Mounts": [
            {
                "Type": "bind",
                "Source": str(mount.source),
                "Target": str(mount.target),
                "ReadOnly": not mount.writable,
                "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
            }
            for mount in mounts
        ],
    }
