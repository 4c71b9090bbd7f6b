"""Where symlinks lead, against the kernel's own answer."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.repository.links import leaves_tree


@pytest.mark.parametrize(
    ("links", "leaves"),
    [
        pytest.param({b"a": b"b"}, False, id="neighbour"),
        pytest.param({b"a": b"."}, False, id="the root itself"),
        pytest.param({b"a": b".."}, True, id="above the root"),
        pytest.param({b"a": b"/etc/passwd"}, True, id="absolute"),
        pytest.param({b"d/a": b"../b"}, False, id="up within the tree"),
        pytest.param({b"d/a": b"../../b"}, True, id="one up too many"),
        pytest.param({b"d/e/a": b"../../x/../y"}, False, id="wanders inside"),
        pytest.param({b"a": b"../tree/b"}, True, id="out and in again"),
        pytest.param({b"a": b"a"}, True, id="loop of one"),
        pytest.param({b"a": b"b", b"b": b"a"}, True, id="loop of two"),
        pytest.param({b"l": b"d/e/f", b"a": b"l/../../../.."}, True, id="through a link that goes deep"),
        pytest.param({b"d/up": b"..", b"d/a": b"up/../x"}, True, id="through a link that goes up"),
        pytest.param({b"a": b"b/c", b"b": b"/"}, True, id="through an absolute link"),
        pytest.param({b"a": b"x/" * 3000}, True, id="too long to follow"),
    ],
)
def test_table(links: dict[bytes, bytes], leaves: bool) -> None:
    assert any(leaves_tree(link, links) for link in links) is leaves


_PART = st.sampled_from(["a", "b", "d", "..", "."])
_TARGET = st.lists(_PART, min_size=1, max_size=5).map("/".join)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "d/a", "d/b", "d/d/a"]), _TARGET, max_size=5))
def test_no_link_that_stays_reaches_outside_on_a_real_disk(links: dict[str, str]) -> None:
    """What we let through resolves to a place inside."""
    as_bytes = {name.encode(): target.encode() for name, target in links.items()}
    if any(leaves_tree(link, as_bytes) for link in as_bytes):
        return
    with tempfile.TemporaryDirectory() as outer:
        root = Path(outer).resolve() / "tree"
        (root / "d" / "d").mkdir(parents=True)
        for name, target in links.items():
            (root / name).symlink_to(target)
        for name in links:
            assert (os.path.realpath(root / name) + "/").startswith(f"{root}/")
