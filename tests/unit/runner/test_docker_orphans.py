"""Whose container it is, and whether that process still lives."""

import pytest

from runner.docker_orphans import is_orphan, owner_name


def changed(part: int, value: str) -> str:
    """This process's name with one of its parts replaced."""
    parts = owner_name().split(":")
    parts[part] = value
    return ":".join(parts)


def test_our_own_are_no_orphans() -> None:
    """While we live."""
    assert not is_orphan(owner_name())


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param(changed(1, "4194303"), True, id="process-gone"),
        pytest.param(changed(2, "1"), True, id="its-number-used-again"),
        pytest.param(changed(0, "another-boot/pid-1"), True, id="machine-started-anew"),
        pytest.param(changed(0, owner_name().split("/")[0] + "/pid-[1]"), False, id="worker-in-a-container"),
        pytest.param("", False, id="no-owner"),
        pytest.param("somebody's", False, id="not-ours"),
        pytest.param("a/b:c:d", False, id="no-number"),
    ],
)
def test_orphans(owner: str, expected: bool) -> None:
    """What cannot be told is left alone."""
    assert is_orphan(owner) is expected
