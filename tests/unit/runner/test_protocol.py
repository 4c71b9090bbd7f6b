"""The header going in and the mark coming out."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import SandboxFault
from runner.protocol import EGRESS_INSIDE, Ending, MarkFilter, header
from runner.sandbox import Command, EndedBy

NONCE = "0123456789abcdef0123456789abcdef"
MARK = b"\0" + NONCE.encode()


def read(command: Command) -> dict[str, object]:
    """The header as process 1 reads it."""
    data = header(command, nonce=NONCE, rlimits={"RLIMIT_CORE": 0}, watched={"memory": 5}, program=b"\x01\x02")
    size = int.from_bytes(data[:4], "big")
    assert size == len(data) - 4
    found: dict[str, object] = json.loads(data[4:])
    return found


def test_header() -> None:
    """Says what to run, and how."""
    found = read(Command(("echo", "ü"), environment={"LANG": "C", "A": "1"}))
    assert found["argv"] == ["echo", "ü"]
    environment = found["environment"]
    assert isinstance(environment, dict)
    assert environment.keys() == {"PATH", "HOME", "TMPDIR", "LANG", "A"}
    assert environment["LANG"] == "C"
    assert (found["nonce"], found["filter"], found["watched"]) == (NONCE, "0102", {"memory": 5})


@pytest.mark.parametrize(("socket", "expected"), [(None, ""), (Path("/x/y.sock"), EGRESS_INSIDE)], ids=["none", "one"])
def test_header_names_the_way_out(socket: Path | None, expected: str) -> None:
    """By its place inside."""
    assert read(replace(Command(("x",)), egress_socket=socket))["egress"] == expected


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Data in pieces."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


NEARLY = st.lists(st.sampled_from([b"\0", MARK[:5], MARK[:-1], b"text", b"\n"]), max_size=6).map(b"".join)


@given(NEARLY, st.lists(st.integers(0, 300), max_size=8), st.booleans())
def test_the_mark_is_taken_out_however_it_is_cut(text: bytes, places: list[int], marked: bool) -> None:
    """And nothing else is, even what begins like it."""
    mark = MarkFilter(NONCE)
    tail = MARK + json.dumps({"exit": 3, "met": ""}).encode() if marked else b""
    said = b"".join(mark.feed(piece) for piece in cut(text + tail, places)) + mark.rest()
    if MARK in text:
        return
    assert said == text
    assert mark.ending() == (Ending(3, None) if marked else None)


@pytest.mark.parametrize(
    ("text", "ending"),
    [('{"exit": -9, "met": ""}', Ending(-9, None)), ('{"exit": null, "met": "disk"}', Ending(None, EndedBy.DISK))],
    ids=["signal", "limit"],
)
def test_endings(text: str, ending: Ending) -> None:
    """As process 1 says them."""
    mark = MarkFilter(NONCE)
    assert mark.feed(b"said" + MARK + text.encode()) == b"said"
    assert mark.ending() == ending


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exit": 1}', '{"exit": 1, "met": "moon"}'])
def test_a_mark_without_sense_is_our_fault(text: str) -> None:
    """Never an outcome."""
    mark = MarkFilter(NONCE)
    mark.feed(MARK + text.encode())
    with pytest.raises(SandboxFault):
        mark.ending()


def test_another_nonce_is_the_commands_own_output() -> None:
    """A command cannot end itself well by writing a mark."""
    mark = MarkFilter(NONCE)
    forged = b"\0" + b"f" * 32 + b'{"exit": 0, "met": ""}'
    assert mark.feed(forged) + mark.rest() == forged
    assert mark.ending() is None
