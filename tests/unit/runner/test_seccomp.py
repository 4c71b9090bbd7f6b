"""The filter as the kernel's machine would run it: an interpreter of a few lines, and every rule asked."""

import ctypes
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import seccomp, syscalls
from runner.seccomp import ALLOW, ARCHITECTURES, ERRNO, KILL_PROCESS, compile_filter
from runner.syscalls import LAST_KNOWN, Refusal, Rule, Test

MACHINES = sorted(ARCHITECTURES)
MOST_INSTRUCTIONS = 4096  # the kernel's


def answer(program: bytes, machine_word: int, number: int, *arguments: int) -> int:
    """What the filter says of a call."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, machine_word, 0, *(value & (2**64 - 1) for value in padded))
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if code == seccomp.RETURN:
            return int(value)
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        else:
            holds = {
                seccomp.EQUAL: accumulator == value,
                seccomp.GREATER: accumulator > value,
                seccomp.BITS: bool(accumulator & value),
            }[code]
            at += if_true if holds else if_false


def ask(machine: str, number: int, *arguments: int) -> int:
    """The answer for a call in the machine's own way."""
    return answer(compile_filter(machine), ARCHITECTURES[machine], number, *arguments)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("rule", syscalls.ALWAYS, ids=lambda rule: rule.name)
def test_refused_always(machine: str, rule: Rule) -> None:
    """Whatever the arguments."""
    number = getattr(rule, machine)
    if number is None:
        assert machine != "x86_64"
    else:
        assert ask(machine, number, 1, 2, 3) == ERRNO | rule.refusal


def sometimes(name: str, machine: str) -> int:
    """The number of a call that is refused for some arguments."""
    return int(next(getattr(rule, machine) for rule in syscalls.SOMETIMES if rule.name == name))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        pytest.param("clone", (0x003D0F00,), ALLOW, id="thread"),
        pytest.param("clone", (0x01200011,), ALLOW, id="fork"),
        pytest.param("clone", (0x10000011,), ERRNO | 1, id="clone-user-namespace"),
        pytest.param("clone", (0x00020011,), ERRNO | 1, id="clone-mount-namespace"),
        pytest.param("clone", (0x40000011,), ERRNO | 1, id="clone-net-namespace"),
        pytest.param("clone", (0x02000011,), ERRNO | 1, id="clone-cgroup-namespace"),
        pytest.param("unshare", (0x400,), ALLOW, id="unshare-files"),
        pytest.param("unshare", (0x10000000,), ERRNO | 1, id="unshare-user"),
        pytest.param("unshare", (0x80,), ERRNO | 1, id="unshare-time"),
        pytest.param("personality", (0xFFFFFFFF,), ALLOW, id="personality-asked"),
        pytest.param("personality", (0,), ALLOW, id="personality-usual"),
        pytest.param("personality", (0x40000,), ERRNO | 1, id="no-randomisation"),
        pytest.param("ioctl", (0, 0x5401), ALLOW, id="is-a-terminal"),
        pytest.param("ioctl", (0, 0x5412), ERRNO | 1, id="type-into-terminal"),
        pytest.param("ioctl", (0, 0x1_0000_5412), ERRNO | 1, id="type-into-terminal-high-bits"),
        pytest.param("ioctl", (0, 0x541C), ERRNO | 1, id="console-selection"),
        pytest.param("socket", (1, 1, 0), ALLOW, id="unix"),
        pytest.param("socket", (2, 1, 6), ALLOW, id="tcp"),
        pytest.param("socket", (10, 2, 17), ALLOW, id="udp-6"),
        pytest.param("socket", (16, 3, 0), ALLOW, id="routes"),
        pytest.param("socket", (16, 3, 9), ERRNO | 93, id="audit"),
        pytest.param("socket", (2, 1, 132), ERRNO | 93, id="sctp"),
        pytest.param("socket", (10, 6, 33), ERRNO | 93, id="dccp"),
        pytest.param("socket", (17, 3, 0), ERRNO | 97, id="packet"),
        pytest.param("socket", (38, 5, 0), ERRNO | 97, id="kernel-crypto"),
        pytest.param("socket", (40, 1, 0), ERRNO | 97, id="vsock"),
        pytest.param("socket", (0x1_0000_0001, 1, 0), ALLOW, id="unix-high-bits"),
        pytest.param("socket", (0x1_0000_0028, 1, 0), ERRNO | 97, id="vsock-high-bits"),
        pytest.param("socketpair", (1, 1, 0), ALLOW, id="pair"),
        pytest.param("socketpair", (40, 1, 0), ERRNO | 97, id="vsock-pair"),
    ],
)
def test_refused_for_some_arguments(machine: str, name: str, arguments: tuple[int, ...], expected: int) -> None:
    """What suites need goes through, what is next to it does not."""
    assert ask(machine, sometimes(name, machine), *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_other_architectures_are_killed(machine: str) -> None:
    """Their numbers mean other calls: 0x40000003 is 32-bit x86."""
    others = {0x40000003, 0xC000003E, 0xC00000B7, 0x40000028} - {ARCHITECTURES[machine]}
    assert {answer(compile_filter(machine), other, 0) for other in others} == {KILL_PROCESS}


@given(number=st.integers(0, 2**32 - 1), arguments=st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_calls_are_allowed_unless_listed(number: int, arguments: list[int]) -> None:
    """And what is newer than the list, or x32, is unknown."""
    found = ask("x86_64", number, *arguments)
    if number > LAST_KNOWN:
        assert found == ERRNO | Refusal.ENOSYS
    elif number not in {rule.x86_64 for rule in syscalls.RULES}:
        assert found == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_every_jump_stays_inside(machine: str) -> None:
    """And the program is one that the kernel takes: not too long, ending with an answer."""
    program = compile_filter(machine)
    length = len(program) // 8
    assert length <= MOST_INSTRUCTIONS
    for at, (code, if_true, if_false, _) in enumerate(struct.iter_unpack("=HBBI", program)):
        if code not in (seccomp.LOAD, seccomp.RETURN):
            assert at + 1 + max(if_true, if_false) < length
    assert struct.unpack_from("=HBBI", program, 8 * (length - 1))[0] == seccomp.RETURN


def test_rules_of_one_call_stand_together() -> None:
    """So that one refused always needs no second look."""
    names = [rule.name for rule in syscalls.RULES]
    runs = [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
    assert len(runs) == len(set(runs))
    assert {argument.test for rule in syscalls.SOMETIMES for argument in rule.when} == set(Test)


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_the_systems(machine: str) -> None:
    """As libseccomp knows them, where it is there to ask."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed")
    for rule in syscalls.RULES:
        number = library.seccomp_syscall_resolve_name_arch(ARCHITECTURES[machine], rule.name.encode())
        assert (number if number >= 0 else None) == getattr(rule, machine), rule.name
