"""Trailers of commit messages: lines such as `Co-authored-by: Name <address>`. A leaf."""

import re
from collections.abc import Iterator

MAX_MESSAGE = 64 * 1024
MAX_LINES = 2_000
_LINE = re.compile(r"[ \t>*_-]{0,8}([A-Za-z][A-Za-z0-9-]{1,40})[ \t]{0,4}:[ \t*_]{0,8}(\S.{0,500})")
_ADDRESS = re.compile(r"(.{0,300}?)[ \t]*<([^<>\s]{1,254})>")


def trailers(message: str) -> Iterator[tuple[str, str]]:
    """Key and value of every line that looks like a trailer, wherever it stands: squashing moves them about.

    Bounded in lines and characters, and linear in time.
    """
    for line in message[:MAX_MESSAGE].splitlines()[:MAX_LINES]:
        if match := _LINE.match(line):
            yield match[1], match[2].rstrip(" \t*_")


def name_and_address(value: str) -> tuple[str, str]:
    """The parts of `Name <address>`; the address is empty where there is none."""
    match = _ADDRESS.match(value)
    return (match[1].strip(), match[2].strip()) if match else (value.strip(), "")
