"""Our list of refused system calls as a program for the kernel's classic packet filter machine. Pure.

Why an assembler of our own, and the same filter in both sandboxes: docs/decisions/0010-seccomp-filter.md.
"""

import itertools
import struct
from collections.abc import Iterable

from runner.syscalls import LAST_KNOWN, RULES, Argument, Refusal, Rule, Test

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
ERRNO = 0x00050000

LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
GREATER = 0x25  # BPF_JMP | BPF_JGT | BPF_K
BITS = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K

NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Machines (as `uname -m` says) that this list has numbers for, and what the kernel calls them. Both little-endian."""

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, value."""


def compile_filter(machine: str, rules: Iterable[Rule] = RULES) -> bytes:
    """The filter for this machine: an array of struct sock_filter.

    Raises:
        KeyError: the list has no numbers for this machine (see `ARCHITECTURES`).
    """
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        (GREATER, 0, 1, LAST_KNOWN),
        (RETURN, 0, 0, ERRNO | Refusal.ENOSYS),
    ]
    numbered = [(number, rule) for rule in rules if (number := getattr(rule, machine)) is not None]
    for number, group in itertools.groupby(numbered, key=lambda pair: pair[0]):
        program += _for_call(number, [rule for _, rule in group])
    program.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _for_call(number: int, rules: list[Rule]) -> list[Instruction]:
    """What is done for one call: its rules in turn; the first that holds answers."""
    if not rules[0].when:
        return [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | rules[0].refusal)]
    # Jumps reach 255 instructions: each rule asks for the number again, so none has to go further than its own end.
    return [instruction for rule in rules for instruction in _for_rule(number, rule)]


def _for_rule(number: int, rule: Rule) -> list[Instruction]:
    body: list[Instruction] = []
    tests = list(rule.when)
    for place, argument in enumerate(tests):
        # Two instructions for each test still to come, one for the answer.
        past = 2 * (len(tests) - place - 1) + 1
        body += [(LOAD, 0, 0, ARGUMENTS + 8 * argument.index), _test(argument, past)]
    body.append((RETURN, 0, 0, ERRNO | rule.refusal))
    return [(EQUAL, 0, len(body), number), *body, (LOAD, 0, 0, NUMBER)]


def _test(argument: Argument, past: int) -> Instruction:
    """Go on where the test holds, else jump past the rule's end."""
    if argument.test is Test.EQUAL:
        return EQUAL, 0, past, argument.value
    if argument.test is Test.OTHER_THAN:
        return EQUAL, past, 0, argument.value
    return BITS, 0, past, argument.value
