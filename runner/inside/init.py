"""Process 1 inside a sandbox: starts the command, reaps what it leaves, serves the way out, says how it ended.

Run as `python -I -S -B init.py`. Standard input begins with four bytes of length and that much JSON (see
`runner.protocol.header`); what follows is the command's own. The last thing written to standard error is a zero byte,
the nonce from the header, and JSON on how it ended. The nonce stays in this process's memory, which the command cannot
read, so it cannot forge that mark. Standard library only, few imports: each one costs a start a millisecond.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import selectors
import signal
import sys
import time

TYPE_CHECKING = False  # typing costs 5 ms of start
if TYPE_CHECKING:
    from typing import Any

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
SECCOMP_MODE_FILTER = 2
INSTRUCTION = 8  # bytes of a struct sock_filter
ROUND = 0.1  # seconds between two looks at the limits that only this process can see
EXEC_FAILED = 127
OWN_PROCESSES = 3  # this one, and what the sandbox itself may take of the kernel's limit on processes


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def checked(result: int, what: str) -> None:
    """End here, with nothing started, where a wall could not be put up."""
    if result != 0:
        sys.exit(f"mergelock: {what}: {os.strerror(ctypes.get_errno())}")


def refuse_calls(libc: ctypes.CDLL, program: bytes) -> None:
    """Put the filter on this process and all that it starts."""
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    loaded = Program(len(program) // INSTRUCTION, program)
    checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(loaded), 0, 0), "seccomp")


def read_exactly(descriptor: int, size: int) -> bytes:
    """That many bytes, never one more: the rest belongs to the command."""
    data = b""
    while len(data) < size:
        piece = os.read(descriptor, size - len(data))
        if not piece:
            sys.exit("mergelock: the sandbox's header was cut short")
        data += piece
    return data


def start(options: dict[str, Any], environment: dict[str, str]) -> int:
    """Fork the command with its limits; answer its process id. What cannot be started exits 127, as in a shell."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        for name in ("SIGPIPE", "SIGXFSZ", "SIGCHLD"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        for name, value in options["rlimits"].items():
            hard = resource.getrlimit(getattr(resource, name))[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            # At its soft limit of processor time a process is told so by name; at the hard one it is just killed.
            past = bound + 1 if name == "RLIMIT_CPU" and bound != hard else bound
            resource.setrlimit(getattr(resource, name), (bound, past))
        os.chdir(options["cwd"])
        os.execvpe(options["argv"][0], options["argv"], environment)  # noqa: S606 - no shell is the point
    except (OSError, ValueError) as error:
        os.write(2, f"mergelock: cannot start {options['argv'][0]!r}: {error}\n".encode(errors="replace"))
    os._exit(EXEC_FAILED)


def reap(child: int) -> int | None:
    """Bury every process that has ended; the command's wait status if it is among them."""
    status = None
    while True:
        try:
            pid, seen = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == child:
            status = seen


def kill_the_rest() -> None:
    """Leave no process but this one in the namespace."""
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def full(paths: list[str]) -> bool:
    """Whether one of the private file systems has no room left, for bytes or for files."""
    for path in paths:
        found = os.statvfs(path)
        if found.f_blocks and (found.f_bavail == 0 or (found.f_files and found.f_favail == 0)):
            return True
    return False


def in_use() -> tuple[int, int]:
    """(threads, resident bytes) of every process here but this one."""
    threads = resident = 0
    page = resource.getpagesize()
    for name in os.listdir("/proc"):  # noqa: PTH208 - as above
        if not name.isdigit() or name == "1":
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - as above
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        threads += int(fields[17])
        resident += int(fields[21]) * page
    return threads, resident


def limit_met(options: dict[str, Any]) -> str:
    """The limit that was met, of those watched from inside; empty while there is none.

    Where the kernel refuses a process and the command ends before the next look, its limit goes unnamed: what counts
    it, a control group, is not there.
    """
    if full(options["private"]):
        return "disk"
    watched = options["watched"]
    if watched:
        threads, resident = in_use()
        if "memory" in watched and resident > watched["memory"]:
            return "memory"
        if "processes" in watched and threads + OWN_PROCESSES >= watched["processes"]:
            return "processes"
    return ""


def watch(child: int, options: dict[str, Any], selector: selectors.BaseSelector, wake: int) -> dict[str, Any]:
    """Serve the bridge until the command ends or a limit is met; how it ended."""
    deadline = time.monotonic() + options["seconds"]
    while time.monotonic() < deadline:
        for key, events in selector.select(ROUND):
            if key.data is None:
                os.read(wake, 512)
            else:
                key.data.ready(key, events)
        status = reap(child)
        met = limit_met(options)
        if status is not None:
            return {"exit": os.waitstatus_to_exitcode(status), "met": met}
        if met:
            return {"exit": None, "met": met}
    return {"exit": None, "met": "time"}


def main() -> None:
    """Run the command of the header to its end."""
    options = json.loads(read_exactly(0, int.from_bytes(read_exactly(0, 4), "big")))
    # Nobody inside may look into this process's memory: the nonce is there.
    libc = ctypes.CDLL(None, use_errno=True)
    checked(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl")
    if options["filter"]:
        refuse_calls(libc, bytes.fromhex(options["filter"]))
    selector = selectors.DefaultSelector()
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    selector.register(wake, selectors.EVENT_READ, None)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    environment = dict(options["environment"])
    if options["egress"]:
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib costs 8 ms
        from bridge import Bridge  # type: ignore[import-not-found]  # noqa: PLC0415 - beside this file; slow to import

        address = Bridge(options["egress"], selector).address
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            environment[name] = environment[name.lower()] = address
    child = start(options, environment)
    os.close(0)
    result = watch(child, options, selector, wake)
    kill_the_rest()
    mark = b"\0" + options["nonce"].encode() + json.dumps(result).encode()
    while mark:
        mark = mark[os.write(2, mark) :]


if __name__ == "__main__":
    main()
