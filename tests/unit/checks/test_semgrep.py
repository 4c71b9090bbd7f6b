"""How semgrep is called: what steers it is ours."""

import pytest

from checks.semgrep import arguments
from checks.staging import CODE
from checks.targets import bases, heads
from tests.unit.checks.staged import staged, staged_file


def test_only_the_targets_are_named_and_in_their_order() -> None:
    files = staged(staged_file("x", added={1}, base="y"), staged_file("z", index=1)).of(CODE)
    given = arguments(heads(files) + bases(files))
    assert given[-3:] == ("h/00000.py", "h/00001.py", "b/00000.py")
    assert [argument for argument in given if argument.endswith(".py")] == list(given[-3:])


@pytest.mark.parametrize(
    "flag",
    [
        "--metrics=off",
        "--disable-version-check",
        "--disable-nosem",
        "--no-git-ignore",
        "--max-target-bytes=0",
        "--oss-only",
        "--jobs=1",
    ],
)
def test_it_calls_nobody_and_leaves_nothing_out(flag: str) -> None:
    assert flag in arguments(heads([staged_file("x", added={1})]))
