"""Bubblewrap's argument vector, asserted without bubblewrap."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.bubblewrap_arguments import Plan, arguments, mounts_of
from runner.errors import SandboxFault
from runner.mounts import RESERVED, check_mounts
from runner.protocol import EGRESS_INSIDE, INSIDE
from runner.sandbox import GIB, Command, Limits, Mount

PLAN = Plan(
    program=Path("/opt/bwrap"), etc=Path("/data/etc"), inside=Path("/code/inside"),
    interpreter=PurePosixPath("/usr/bin/python3.11"),
)  # fmt: skip
TRUE = Command(("/bin/true",), limits=Limits(disk=3 * GIB))


def vector(command: Command = TRUE, plan: Plan = PLAN) -> tuple[str, ...]:
    """The arguments with every mount found where it is."""
    return arguments(command, plan, tuple((str(mount.source), mount) for mount in mounts_of(command, plan)))


def pairs(arguments: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    """What follows each occurrence of an option of two values."""
    return [(arguments[at + 1], arguments[at + 2]) for at, word in enumerate(arguments) if word == option]


@pytest.mark.parametrize(
    "option",
    [
        "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--new-session", "--die-with-parent", "--as-pid-1", "--clearenv", "--disable-userns",
    ],
)  # fmt: skip
def test_every_wall_is_up(option: str) -> None:
    """For every command."""
    assert vector().count(option) == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--uid", "65534"), ("--gid", "65534"), ("--cap-drop", "ALL"), ("--hostname", "sandbox")]
)
def test_who_it_is(option: str, value: str) -> None:
    """Nobody, on no machine, with nothing."""
    found = vector()
    assert found[found.index(option) + 1] == value


def test_only_what_is_named_is_shown() -> None:
    """No folder of the host's but /usr, and it read-only; the made-up /etc."""
    read_only = pairs(vector(), "--ro-bind")
    assert read_only == [
        ("/usr", "/usr"), ("/proc/sys", "/proc/sys"), ("/data/etc", "/etc"), ("/code/inside", INSIDE),
    ]  # fmt: skip
    assert pairs(vector(), "--bind") == []


def test_the_root_is_closed_after_everything_is_in_place() -> None:
    """A remount before the last mount would leave it open or fail."""
    found = vector(replace(TRUE, mounts=(Mount(Path("/w"), PurePosixPath("/workspace"), writable=True),)))
    closed = max(at for at, word in enumerate(found) if word == "--remount-ro" and found[at + 1] == "/")
    last = max(at for at, word in enumerate(found) if word in ("--bind", "--ro-bind", "--tmpfs", "--dev", "--symlink"))
    assert closed > last


def test_private_places_are_bounded() -> None:
    """Each of the size of the disk limit."""
    found = vector()
    sizes = [(found[at - 1], found[at + 1]) for at, word in enumerate(found) if word == "--tmpfs"]
    assert {size for size, _ in sizes} == {str(3 * GIB)}
    assert {path for _, path in sizes} == {"/tmp", "/home/nobody", "/dev/shm"}


def test_writable_only_where_said() -> None:
    """And parents before what lies in them."""
    command = replace(
        TRUE,
        mounts=(
            Mount(Path("/w/in"), PurePosixPath("/workspace/in/it")),
            Mount(Path("/w"), PurePosixPath("/workspace"), writable=True),
        ),
    )
    assert pairs(vector(command), "--bind") == [("/w", "/workspace")]
    found = vector(command)
    assert found.index("/workspace") < found.index("/workspace/in/it")


def test_the_way_out_is_shown_in_the_install_phase_only() -> None:
    """And read-only: a socket can be connected to all the same."""
    assert EGRESS_INSIDE not in vector()
    assert ("/e.sock", EGRESS_INSIDE) in pairs(vector(replace(TRUE, egress_socket=Path("/e.sock"))), "--ro-bind")


def test_an_interpreter_elsewhere_is_shown_where_it_is() -> None:
    """Its prefix, never the home that it lies in."""
    plan = replace(PLAN, interpreter_prefix=PurePosixPath("/home/me/.pyenv/versions/3.11.9"))
    shown = pairs(vector(plan=plan), "--ro-bind")
    assert ("/home/me/.pyenv/versions/3.11.9",) * 2 in shown
    assert not [source for source, _ in shown if source in ("/home", "/home/me", "/home/me/.pyenv")]


def test_the_command_is_not_among_the_arguments() -> None:
    """It goes to process 1 over standard input: no process list shows it, and it may be of any length."""
    command = replace(TRUE, argv=("/bin/echo", "word-of-the-command"), environment={"NAME": "value-of-it"})
    assert not [word for word in vector(command) if "of-the-command" in word or "of-it" in word]
    assert vector(command)[-4:] == ("-I", "-S", "-B", f"{INSIDE}/init.py")


def test_filter_and_report_are_handed_over_by_descriptor() -> None:
    """Where there are any."""
    found = vector(plan=replace(PLAN, seccomp=7, info=9))
    assert found[found.index("--add-seccomp-fd") + 1] == "7"
    assert found[found.index("--json-status-fd") + 1] == "9"
    assert "--add-seccomp-fd" not in vector()


SEGMENT = st.sampled_from(["usr", "etc", "proc", "sys", "dev", "tmp", "mergelock", "inside", "workspace", "a", ".."])


@given(st.lists(SEGMENT, max_size=4), st.booleans())
def test_no_mount_covers_the_sandbox(segments: list[str], absolute: bool) -> None:
    """Whatever is accepted lies apart from what the sandbox is made of."""
    target = PurePosixPath("/" if absolute else "", *segments)
    try:
        check_mounts((Mount(Path("/x"), target),))
    except SandboxFault:
        return
    assert target.is_absolute()
    assert ".." not in target.parts
    assert str(target) not in RESERVED
    assert not PurePosixPath(INSIDE).is_relative_to(target)
    assert not any(target.is_relative_to(path) for path in ("/etc", "/proc", "/sys", "/dev", INSIDE))
