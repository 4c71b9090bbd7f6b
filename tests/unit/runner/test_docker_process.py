"""The engine's framed stream."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runner.docker_process import FramedStreams

FRAMES = st.lists(st.tuples(st.booleans(), st.binary(max_size=50)), max_size=10)


@given(FRAMES, st.lists(st.integers(0, 1000), max_size=10))
def test_streams_are_told_apart_however_it_is_cut(frames: list[tuple[bool, bytes]], places: list[int]) -> None:
    """Each piece on its stream, in order."""
    data = b"".join(bytes([2 if error else 1, 0, 0, 0]) + len(text).to_bytes(4, "big") + text for error, text in frames)
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    streams = FramedStreams(0)
    pieces = [piece for start, end in itertools.pairwise(edges) for piece in streams.take(data[start:end])]
    for error in (False, True):
        said = b"".join(text for is_error, text in pieces if is_error is error)
        assert said == b"".join(text for is_error, text in frames if is_error is error)
