"""Bounded output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.output import BoundedOutput

PIECES = st.lists(st.binary(max_size=40), max_size=30)


@given(PIECES, st.integers(1, 200))
def test_head_and_tail_are_kept_however_it_is_cut(pieces: list[bytes], limit: int) -> None:
    """Never more than the limit and one line; whole if it fits."""
    output = BoundedOutput(limit)
    for piece in pieces:
        output.feed(piece)
    whole = b"".join(pieces)
    assert output.total == len(whole)
    assert output.truncated == (len(whole) > limit)
    if not output.truncated:
        assert output.kept == whole
        return
    head, tail = limit - limit // 2, limit // 2
    line = f"\n[... {len(whole) - limit} bytes of output left out ...]\n".encode()
    assert output.kept == whole[:head] + line + whole[len(whole) - tail :]


@pytest.mark.parametrize("size", [1, 7, 4096], ids=["bytes", "odd", "pages"])
def test_memory_stays_bounded(size: int) -> None:
    """However small the pieces are."""
    output = BoundedOutput(1000)
    for _ in range(5000):
        output.feed(b"x" * size)
    assert output.total == 5000 * size
    assert len(output.kept) < 1100
