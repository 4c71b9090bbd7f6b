"""How files are cut into runs."""

from hypothesis import given
from hypothesis import strategies as st

from checks.staging import Language
from checks.targets import SHOWN, Target, bases, batches, heads, languages, named, share, size
from tests.unit.checks.staged import staged_file


def target(size: int, path: str = "a.py") -> Target:
    return Target(path, path, size)


def test_heads_and_bases() -> None:
    files = (staged_file("ab\nc", added={2}, base="x"), staged_file("z", index=1))
    assert heads(files) == (
        Target("h/00000.py", "app/x.py", 5, frozenset({2})),
        Target("h/00001.py", "app/x.py", 2),
    )
    assert bases(files) == (Target("b/00000.py", "app/x.py", 2, base=True),)
    assert size(heads(files)) == 7
    assert languages(files) == {Language.PYTHON}


def test_what_fits_is_one_run() -> None:
    assert batches([target(3), target(2), target(5)], 10) == ((target(2), target(3), target(5)),)


def test_a_huge_file_is_last_and_alone() -> None:
    assert batches([target(99), target(2), target(5)], 10) == ((target(2), target(5)), (target(99),))


def test_nothing_is_no_run() -> None:
    assert batches([], 10) == ()


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 20))
def test_every_file_is_in_one_run_and_runs_keep_to_the_limit(sizes: list[int], limit: int) -> None:
    targets = [target(size, f"{index}.py") for index, size in enumerate(sizes)]
    cut = batches(targets, limit)
    assert sorted((t for run in cut for t in run), key=repr) == sorted(targets, key=repr)
    assert all(size(run) <= limit or len(run) == 1 for run in cut)


def test_no_run_may_take_the_time_of_those_after_it() -> None:
    assert share(180, 1) == 180
    assert share(180, 2) == 90


def test_names_are_cut_short() -> None:
    many = [target(1, f"{index}.py") for index in range(SHOWN + 2)]
    assert named(many[:2]) == "0.py, 1.py"
    assert named(many).endswith("9.py and 2 more")
