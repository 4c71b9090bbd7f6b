"""A finding: something a check saw at a line. A leaf: standard library only."""

import enum
import hashlib
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How bad it is if it is true. Ordered: LOW < MEDIUM < HIGH < CRITICAL (see `rank`)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check saw. Lines count from 1, in the head's file; `file` is relative to the repository's root.

    `fingerprint` tells it from what was there before and survives moved lines: made from the rule, the file's path and
    the code at that place without its white space, not from the line's number.
    """

    check: str
    rule: str
    level: Level
    file: str
    line: int
    end_line: int
    text: str
    fix: str = ""
    fingerprint: str = ""
    cwe: str = ""


def fingerprint(rule: str, file: str, code: str, occurrence: int = 0) -> str:
    """A stable name for a finding: 16 bytes in hexadecimal.

    Args:
        rule: the rule's id.
        file: path relative to the repository's root.
        code: the source text at that place; white space does not count.
        occurrence: which of several same places in that file, from 0.
    """
    material = "\0".join((rule, file, "".join(code.split()), str(occurrence)))
    return hashlib.sha256(material.encode("utf-8", "surrogateescape")).hexdigest()[:32]
