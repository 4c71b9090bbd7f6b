"""System calls that no command in a sandbox may make, each with its reason. Data only."""

import enum
from dataclasses import dataclass


class Refusal(enum.IntEnum):
    """What a refused call answers: the system's error numbers."""

    EPERM = 1
    ENOSYS = 38
    EPROTONOSUPPORT = 93
    EAFNOSUPPORT = 97


class Test(enum.StrEnum):
    """How the low 32 bits of an argument are looked at (the kernel itself reads no more of those listed here)."""

    __test__ = False
    EQUAL = "equal"
    OTHER_THAN = "other than"
    ANY_OF_BITS = "any of bits"


@dataclass(frozen=True, slots=True)
class Argument:
    """A condition on one argument, counted from 0."""

    index: int
    test: Test
    value: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One call refused, if all of `when` hold. Numbers are None where an architecture has no such call."""

    name: str
    x86_64: int | None
    aarch64: int | None
    refusal: Refusal = Refusal.EPERM
    when: tuple[Argument, ...] = ()


LAST_KNOWN = 462
"""The highest call looked at when this list was made (mseal); what came later answers ENOSYS, and so does x32."""

_NEW_NAMESPACES = 0x7E020000  # cgroup, uts, ipc, user, pid and net; and mount
_NEW_TIME_NAMESPACE = 0x80  # for unshare; in clone these bits are the signal
_INET, _INET6, _NETLINK = 2, 10, 16
_FAMILIES = (1, _INET, _INET6, _NETLINK)
_DCCP, _SCTP = 33, 132
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_PERSONALITY_QUERY = 0xFFFFFFFF

ALWAYS = (
    # changing what is mounted
    Rule("mount", 165, 40),
    Rule("umount2", 166, 39),
    Rule("pivot_root", 155, 41),
    Rule("chroot", 161, 51),
    Rule("open_tree", 428, 428),
    Rule("move_mount", 429, 429),
    Rule("fsopen", 430, 430),
    Rule("fsconfig", 431, 431),
    Rule("fsmount", 432, 432),
    Rule("fspick", 433, 433),
    Rule("mount_setattr", 442, 442),
    # looking into and steering other processes
    Rule("ptrace", 101, 117),
    Rule("process_vm_readv", 310, 270),
    Rule("process_vm_writev", 311, 271),
    Rule("process_madvise", 440, 440),
    Rule("process_mrelease", 448, 448),
    Rule("pidfd_getfd", 438, 438),
    Rule("kcmp", 312, 272),
    # the kernel's key rings, which no namespace keeps apart
    Rule("add_key", 248, 217),
    Rule("request_key", 249, 218),
    Rule("keyctl", 250, 219),
    # large parts of the kernel that tests do not need and that often had holes
    Rule("bpf", 321, 280),
    Rule("perf_event_open", 298, 241),
    Rule("userfaultfd", 323, 282),
    Rule("fanotify_init", 300, 262),
    Rule("memfd_secret", 447, 447),
    Rule("modify_ldt", 154, None),
    # the same, where programs fall back when it is not there
    Rule("io_uring_setup", 425, 425, Refusal.ENOSYS),
    Rule("io_uring_enter", 426, 426, Refusal.ENOSYS),
    Rule("io_uring_register", 427, 427, Refusal.ENOSYS),
    # other namespaces; a filter cannot see what clone3 points to, so programs are sent back to clone
    Rule("setns", 308, 268),
    Rule("clone3", 435, 435, Refusal.ENOSYS),
    # files by handle, past any mount
    Rule("open_by_handle_at", 304, 265),
    # the machine itself
    Rule("kexec_load", 246, 104),
    Rule("kexec_file_load", 320, 294),
    Rule("init_module", 175, 105),
    Rule("finit_module", 313, 273),
    Rule("delete_module", 176, 106),
    Rule("create_module", 174, None),
    Rule("get_kernel_syms", 177, None),
    Rule("query_module", 178, None),
    Rule("swapon", 167, 224),
    Rule("swapoff", 168, 225),
    Rule("reboot", 169, 142),
    Rule("syslog", 103, 116),
    Rule("acct", 163, 89),
    Rule("quotactl", 179, 60),
    Rule("quotactl_fd", 443, 443),
    Rule("settimeofday", 164, 170),
    Rule("clock_settime", 227, 112),
    Rule("sethostname", 170, 161),
    Rule("setdomainname", 171, 162),
    Rule("iopl", 172, None),
    Rule("ioperm", 173, None),
    Rule("vhangup", 153, 58),
    Rule("migrate_pages", 256, 238),
    # long gone, or for nobody
    Rule("uselib", 134, None),
    Rule("ustat", 136, None),
    Rule("sysfs", 139, None),
    Rule("_sysctl", 156, None),
    Rule("nfsservctl", 180, 42),
    Rule("lookup_dcookie", 212, 18),
    Rule("vserver", 236, None),
    Rule("afs_syscall", 183, None),
)
"""Refused whatever the arguments."""


def _numbered(name: str) -> tuple[int, int]:
    """The numbers of the calls that are refused for some arguments only: (x86_64, aarch64)."""
    return {
        "clone": (56, 220),
        "unshare": (272, 97),
        "personality": (135, 92),
        "ioctl": (16, 29),
        "socket": (41, 198),
        "socketpair": (53, 199),
    }[name]


def _rule(name: str, refusal: Refusal, *when: Argument) -> Rule:
    x86_64, aarch64 = _numbered(name)
    return Rule(name, x86_64, aarch64, refusal, when)


def _sockets(name: str) -> tuple[Rule, ...]:
    """Unix, IPv4, IPv6 and the routing part of netlink are what programs use; every other family is a part of the
    kernel of its own (vsock reaches the host of a virtual machine, ALG and packet sockets had their holes)."""
    families = _rule(name, Refusal.EAFNOSUPPORT, *(Argument(0, Test.OTHER_THAN, family) for family in _FAMILIES))
    netlink = _rule(name, Refusal.EPROTONOSUPPORT, Argument(0, Test.EQUAL, _NETLINK), Argument(2, Test.OTHER_THAN, 0))
    protocols = (
        _rule(name, Refusal.EPROTONOSUPPORT, Argument(0, Test.EQUAL, family), Argument(2, Test.EQUAL, protocol))
        for family in (_INET, _INET6)
        for protocol in (_DCCP, _SCTP)
    )
    return (families, netlink, *protocols)


SOMETIMES = (
    _rule("clone", Refusal.EPERM, Argument(0, Test.ANY_OF_BITS, _NEW_NAMESPACES)),
    _rule("unshare", Refusal.EPERM, Argument(0, Test.ANY_OF_BITS, _NEW_NAMESPACES | _NEW_TIME_NAMESPACE)),
    # Asking which it is stays possible; any other one turns protections off.
    _rule(
        "personality", Refusal.EPERM, Argument(0, Test.OTHER_THAN, 0), Argument(0, Test.OTHER_THAN, _PERSONALITY_QUERY)
    ),
    # Typing into a terminal that somebody else reads.
    _rule("ioctl", Refusal.EPERM, Argument(1, Test.EQUAL, _TIOCSTI)),
    _rule("ioctl", Refusal.EPERM, Argument(1, Test.EQUAL, _TIOCLINUX)),
    *_sockets("socket"),
    *_sockets("socketpair"),
)
"""Refused for some arguments."""

RULES = ALWAYS + SOMETIMES
