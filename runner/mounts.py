"""Where a command's mounts may be: nowhere that the sandbox itself is made of. Pure."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from runner.errors import SandboxFault
from runner.protocol import INSIDE
from runner.sandbox import Mount

RESERVED = ("/", "/proc", "/dev", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/sys", "/tmp", INSIDE)  # noqa: S108


def check_mounts(mounts: Iterable[Mount]) -> None:
    """Refuse a mount that would cover what the sandbox itself is made of.

    Raises:
        SandboxFault: the target is relative, has `..`, or lies at or above something reserved.
    """
    for mount in mounts:
        target = mount.target
        if not target.is_absolute() or ".." in target.parts:
            raise SandboxFault(f"a mount's target must be absolute and without ..: {target}")
        if str(target) in RESERVED or any(PurePosixPath(path).is_relative_to(target) for path in RESERVED[1:]):
            raise SandboxFault(f"a mount at {target} would cover a part of the sandbox; choose another place")
        if any(target.is_relative_to(path) for path in ("/proc", "/dev", "/etc", "/sys", INSIDE)):
            raise SandboxFault(f"nothing can be mounted inside {target.parent}; choose another place")
