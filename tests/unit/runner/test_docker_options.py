"""A container's options, asserted without an engine."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from runner.docker_options import OWNER_LABEL, container, mounts_of
from runner.protocol import EGRESS_INSIDE, INSIDE
from runner.sandbox import GIB, WORKSPACE, Command, Limits, Mount

LIMITS = Limits(cpus=1.5, memory=2 * GIB, processes=100, disk=GIB)
COMMAND = Command(
    ("/bin/echo", "word-of-the-command"), environment={"NAME": "value-of-it"}, limits=LIMITS,
    mounts=(Mount(Path("/w"), WORKSPACE, writable=True), Mount(Path("/r"), PurePosixPath("/mergelock/r"))),
)  # fmt: skip


def body(command: Command = COMMAND, etc: Path = Path("/nowhere")) -> dict[str, object]:
    """The whole request."""
    mounts = mounts_of(command, inside=Path("/code/inside"), etc=etc)
    return container(command, image="image:tag", user="65534:65534", owner="me", mounts=mounts)


def host(command: Command = COMMAND) -> dict[str, object]:
    """What the host gives."""
    found = body(command)["HostConfig"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("NetworkMode", "none"), ("ReadonlyRootfs", True), ("CapDrop", ["ALL"]), ("Privileged", False),
        ("SecurityOpt", ["no-new-privileges:true"]), ("IpcMode", "private"), ("PidMode", ""), ("UTSMode", ""),
        ("CgroupnsMode", "private"), ("OomKillDisable", False), ("PidsLimit", 101), ("Memory", 2 * GIB),
        ("MemorySwap", 2 * GIB), ("NanoCpus", 1_500_000_000), ("ShmSize", GIB), ("LogConfig", {"Type": "none"}),
    ],
)  # fmt: skip
def test_what_the_host_gives(option: str, value: object) -> None:
    """The same walls for every command, and its own limits."""
    assert host()[option] == value


@pytest.mark.parametrize(
    "option", ["CapAdd", "Binds", "Devices", "Dns", "ExtraHosts", "GroupAdd", "VolumesFrom", "Links"]
)
def test_what_the_host_does_not_give(option: str) -> None:
    """Not even empty."""
    assert option not in host()


@pytest.mark.parametrize(
    ("option", "value"),
    [("User", "65534:65534"), ("Cmd", []), ("Tty", False), ("NetworkDisabled", True), ("Labels", {OWNER_LABEL: "me"})],
)
def test_who_it_is(option: str, value: object) -> None:
    """Nobody, with process 1 of ours and nothing of the image's."""
    assert body()[option] == value


def test_mounts() -> None:
    """Read-only unless said otherwise, and kept from spreading."""
    mounts = host()["Mounts"]
    assert isinstance(mounts, list)
    assert {mount["Target"]: mount["ReadOnly"] for mount in mounts} == {
        str(WORKSPACE): False, "/mergelock/r": True, INSIDE: True,
    }  # fmt: skip
    assert {(mount["Type"], mount["BindOptions"]["Propagation"]) for mount in mounts} == {("bind", "rprivate")}


def test_names_and_certificates_are_ours(tmp_path: Path) -> None:
    """Not the host's name servers, as the engine would have it."""
    (tmp_path / "ssl/certs").mkdir(parents=True)
    for name in ("hosts", "resolv.conf", "ssl/certs/ca-certificates.crt"):
        (tmp_path / name).touch()
    shown = {str(mount.target) for mount in mounts_of(COMMAND, inside=Path("/code/inside"), etc=tmp_path)}
    assert shown >= {"/etc/hosts", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"}


def test_private_places_are_bounded() -> None:
    """And the machine's devices are out of sight."""
    places = host()["Tmpfs"]
    assert isinstance(places, dict)
    assert places.keys() == {"/tmp", "/home/nobody", "/sys"}
    assert all(f"size={GIB}" in options for path, options in places.items() if path != "/sys")
    assert "ro" in places["/sys"].split(",")


def test_the_command_is_not_in_the_request() -> None:
    """It goes over standard input, so `docker inspect` does not show what may be secret in it."""
    assert "word-of-the-command" not in str(body())
    assert "value-of-it" not in str(body())


def test_the_way_out_is_shown_in_the_install_phase_only() -> None:
    """As a mount of the socket; the network stays none."""
    assert EGRESS_INSIDE not in str(body())
    with_egress = replace(COMMAND, egress_socket=Path("/e.sock"))
    assert EGRESS_INSIDE in str(body(with_egress))
    assert host(with_egress)["NetworkMode"] == "none"
