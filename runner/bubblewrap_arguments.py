"""The argument vector of bubblewrap as a pure value: what a command may see and be. Nothing is started here."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from runner.etc import HOSTNAME
from runner.protocol import EGRESS_INSIDE, INSIDE, OWN_ENVIRONMENT, PRIVATE, private_size
from runner.sandbox import Command, Mount

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Plan:
    """What `arguments` needs to know beyond the command.

    Attributes:
        program: bubblewrap itself.
        etc: the made-up /etc.
        inside: the folder of process 1.
        links: the root's links into /usr (name, target), as the host has them.
        interpreter: the Python inside, and `interpreter_prefix` where it is not below /usr.
        masked: files of /proc that tell of the machine, shown empty.
        filter: the compiled list of refused system calls; empty where this machine has none.
        seccomp: the descriptor that it is handed over by.
        info: the descriptor that bubblewrap tells the id of process 1 to.
        disable_userns: whether bubblewrap can forbid further user namespaces here.
    """

    program: Path
    etc: Path
    inside: Path
    interpreter: PurePosixPath
    interpreter_prefix: PurePosixPath | None = None
    links: tuple[tuple[str, str], ...] = (
        ("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64"),
    )  # fmt: skip
    masked: tuple[str, ...] = ()
    filter: bytes = b""
    seccomp: int | None = None
    info: int | None = None
    disable_userns: bool = True


def mounts_of(command: Command, plan: Plan) -> tuple[Mount, ...]:
    """Every host path shown inside but /usr, parents before what lies in them."""
    shown = [Mount(plan.etc, PurePosixPath("/etc")), Mount(plan.inside, PurePosixPath(INSIDE))]
    if plan.interpreter_prefix is not None:
        shown.append(Mount(Path(plan.interpreter_prefix), plan.interpreter_prefix))
    if command.egress_socket is not None:
        shown.append(Mount(command.egress_socket, PurePosixPath(EGRESS_INSIDE)))
    shown += command.mounts
    return tuple(sorted(shown, key=lambda mount: len(mount.target.parts)))


def arguments(command: Command, plan: Plan, sources: tuple[tuple[str, Mount], ...]) -> tuple[str, ...]:
    """Bubblewrap's options and process 1, in order. `sources` says where each mount is to be found."""
    size = str(private_size(command.limits.disk))
    options = [
        "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", HOSTNAME,
        "--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1", "--clearenv",
    ]  # fmt: skip
    if plan.disable_userns:
        options.append("--disable-userns")
    for name, value in OWN_ENVIRONMENT.items():
        options += ["--setenv", name, value]
    options += ["--ro-bind", "/usr", "/usr"]
    for name, target in plan.links:
        options += ["--symlink", target, f"/{name}"]
    options += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    for path in plan.masked:
        options += ["--ro-bind", "/dev/null", path]
    for path in PRIVATE:
        mode = "0700" if path.startswith("/home/") else "1777"
        options += ["--perms", mode, "--size", size, "--tmpfs", path]
    for source, mount in sources:
        options += ["--bind" if mount.writable else "--ro-bind", source, str(mount.target)]
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    if plan.seccomp is not None:
        options += ["--add-seccomp-fd", str(plan.seccomp)]
    if plan.info is not None:
        options += ["--json-status-fd", str(plan.info)]
    return (*options, "--", str(plan.interpreter), "-I", "-S", "-B", f"{INSIDE}/init.py")
