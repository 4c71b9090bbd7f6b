"""Into the control groups, and from root to nobody: run outside, just before bubblewrap. Standard library only.

Root's process without capabilities would still own root's files, so bubblewrap itself starts as an unprivileged user.
That user may not be able to walk to what is to be shown (below a 0700 home): in a mount namespace of its own, this
program binds each source to a place that it can reach. Started as `python -I -S -B descend.py FD` where FD holds JSON:
`parent`, `cgroups`, `staging`, `binds`, `uid` (null: stay who we are, bind nothing), `argv`.
"""

import ctypes
import json
import os
import sys

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000
MS_NOSUID, MS_NODEV = 2, 4
PR_SET_PDEATHSIG = 1
SIGKILL = 9

LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise the system's error for a failed call."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    checked(LIBC.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def stage(staging: str, binds: list[tuple[str, str]]) -> None:
    """Bind every source below `staging`, at the names the caller chose, in this process's own mount namespace."""
    checked(LIBC.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    # Opened before the staging place is covered, as some of them may lie there.
    sources = [(os.open(source, os.O_PATH | os.O_CLOEXEC), name) for source, name in binds]
    mount("tmpfs", staging, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for descriptor, name in sources:
        target = f"{staging}/{name}"
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib costs 8 ms of start
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112 - as above
            os.mkdir(target)  # noqa: PTH102 - as above
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        mount(f"/proc/self/fd/{descriptor}", target, None, MS_BIND | MS_REC)


def main() -> None:
    """Join the control groups, stage the sources, become nobody, start the program."""
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        options = json.load(file)
    for group in options["cgroups"]:
        with open(group, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
            file.write("0")
    if options["uid"] is not None:
        stage(options["staging"], options["binds"])
        os.setgroups([])
        os.setresgid(options["uid"], options["uid"], options["uid"])
        os.setresuid(options["uid"], options["uid"], options["uid"])
    # After the change of user, which clears it; then a look whether the parent went before it was set.
    checked(LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != options["parent"]:
        sys.exit("mergelock: the worker that started this is gone")
    os.umask(0o022)
    os.chdir("/")
    os.execve(options["argv"][0], options["argv"], {})  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
