"""What comparing runs shows: a table of single tests, and what holds for every pair of runs."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.evidence import Evidence, TestOutcome, TestRun, TestStatus, Uncollectable, compare

P, F, E, S = TestStatus.PASSED, TestStatus.FAILED, TestStatus.ERROR, TestStatus.SKIPPED
FIELDS = ("fail_to_pass", "pass_to_pass", "pass_to_fail", "failing_on_both", "new_failing", "removed", "newly_skipped")


def run(name: str, outcomes: dict[str, TestStatus], *, complete: bool = True, broken: tuple[str, ...] = ()) -> TestRun:
    made = tuple(TestOutcome(id=i, status=s, file=f"tests/{i.split('::')[0]}.py") for i, s in outcomes.items())
    return TestRun(name=name, outcomes=made, complete=complete, exit=0, seconds=0.1, uncollectable=broken)


def one(status: TestStatus | None) -> dict[str, TestStatus]:
    return {} if status is None else {"a::t": status}


@pytest.mark.parametrize(
    ("base", "head", "without", "where"),
    [
        pytest.param(P, P, P, {"pass_to_pass"}, id="works-as-before"),
        pytest.param(P, P, F, {"pass_to_pass", "fail_to_pass"}, id="edited-test-proves-the-change"),
        pytest.param(None, P, F, {"fail_to_pass"}, id="new-test-fails-without-the-change"),
        pytest.param(None, P, E, {"fail_to_pass"}, id="new-test-errors-without-the-change"),
        pytest.param(None, P, None, {"fail_to_pass"}, id="new-test-cannot-be-collected-without-the-change"),
        pytest.param(None, P, P, set(), id="new-test-proves-nothing"),
        pytest.param(None, P, S, set(), id="new-test-skipped-without-the-change-proves-nothing"),
        pytest.param(F, P, F, {"fail_to_pass"}, id="mended"),
        pytest.param(P, F, F, {"pass_to_fail"}, id="broken"),
        pytest.param(P, E, F, {"pass_to_fail"}, id="broken-in-set-up"),
        pytest.param(F, F, F, {"failing_on_both"}, id="failing-before-and-after"),
        pytest.param(E, F, F, {"failing_on_both"}, id="error-before-failure-after"),
        pytest.param(None, F, F, {"new_failing"}, id="new-and-failing"),
        pytest.param(S, F, F, {"new_failing"}, id="skipped-before-failing-now"),
        pytest.param(P, None, None, {"removed"}, id="removed"),
        pytest.param(F, None, None, set(), id="a-failing-test-removed-is-no-loss"),
        pytest.param(P, S, S, {"newly_skipped"}, id="newly-skipped"),
        pytest.param(S, S, S, set(), id="skipped-all-along"),
    ],
)
def test_one_test(
    base: TestStatus | None, head: TestStatus | None, without: TestStatus | None, where: set[str]
) -> None:
    evidence = compare(run("base", one(base)), run("head", one(head)), run("base-with-head-tests", one(without)))
    assert {name for name in FIELDS if getattr(evidence, name)} == where
    assert all(getattr(evidence, name) == ("a::t",) for name in where)


def test_a_file_the_head_cannot_collect_fails_its_tests() -> None:
    head = run("head", {"b::t": P}, broken=("tests/a.py",))
    evidence = compare(run("base", {"a::t": P, "b::t": P, "c::t": P}), head)
    assert evidence.pass_to_fail == ("a::t",)
    assert evidence.removed == ("c::t",)
    assert evidence.new_failing == ()


def test_a_new_file_that_cannot_be_collected_is_named() -> None:
    evidence = compare(run("base", {"a::t": P}), run("head", {"a::t": P}, broken=("tests/new.py",)))
    assert evidence.new_failing == ("tests/new.py",)


def test_a_file_that_base_could_not_collect_is_not_held_against_the_change() -> None:
    evidence = compare(run("base", {}, broken=("tests/a.py",)), run("head", {"a::t": F}))
    assert evidence.failing_on_both == ("a::t",)
    assert evidence.new_failing == ()


@pytest.mark.parametrize(
    ("broken", "file", "covered"),
    [
        pytest.param("tests/a.py", "tests/a.py", True, id="the-file"),
        pytest.param("tests/a.py", "tests/b.py", False, id="its-neighbour"),
        pytest.param("tests/conftest.py", "tests/sub/b.py", True, id="below-a-conftest"),
        pytest.param("tests/sub/conftest.py", "tests/b.py", False, id="above-a-conftest"),
        pytest.param("conftest.py", "tests/b.py", True, id="below-the-root-conftest"),
        pytest.param("tests/sub/__init__.py", "tests/sub/b.py", True, id="in-a-package"),
    ],
)
def test_uncollectable_covers(broken: str, file: str, covered: bool) -> None:
    assert Uncollectable((broken,)).covers(file) is covered


def test_namesakes_count_as_the_worst_of_them() -> None:
    outcomes = (TestOutcome("a::t", P), TestOutcome("a::t", F), TestOutcome("a::t", S))
    head = dataclasses.replace(run("head", {}), outcomes=outcomes)
    assert compare(run("base", {"a::t": P}), head).pass_to_fail == ("a::t",)


def test_flaky_tests_of_both_runs_are_listed_once() -> None:
    base = dataclasses.replace(run("base", {}), flaky=("x", "y"))
    head = dataclasses.replace(run("head", {}), flaky=("y", "z"))
    assert compare(base, head).flaky == ("x", "y", "z")


statuses = st.dictionaries(st.sampled_from([f"m{i}::t{i}" for i in range(8)]), st.sampled_from(list(TestStatus)))


@given(statuses, statuses, statuses)
def test_every_test_of_the_head_is_in_one_place_at_most(
    base: dict[str, TestStatus], head: dict[str, TestStatus], without: dict[str, TestStatus]
) -> None:
    evidence = compare(run("base", base), run("head", head), run("base-with-head-tests", without))
    groups = [set(getattr(evidence, name)) for name in FIELDS if name != "fail_to_pass"]
    assert sum(len(group) for group in groups) == len(set().union(*groups))
    assert {name for name, s in head.items() if s in {F, E}} == {
        *(evidence.pass_to_fail), *evidence.failing_on_both, *evidence.new_failing,
    }  # fmt: skip
    assert {name for name, s in base.items() if s is P} == {
        *evidence.pass_to_pass, *evidence.pass_to_fail, *evidence.removed, *evidence.newly_skipped,
    }  # fmt: skip
    assert set(evidence.fail_to_pass) <= {name for name, s in head.items() if s is P}


@given(statuses, statuses)
def test_a_change_that_changes_nothing_shows_nothing(base: dict[str, TestStatus], other: dict[str, TestStatus]) -> None:
    evidence = compare(run("base", base), run("head", base), run("base-with-head-tests", base))
    shown = {name for name in FIELDS if getattr(evidence, name)}
    assert shown <= {"pass_to_pass", "failing_on_both"}


@given(statuses, statuses, st.sampled_from(["base", "head", "base-with-head-tests"]))
def test_an_incomplete_run_proves_nothing(
    base: dict[str, TestStatus], head: dict[str, TestStatus], broken: str
) -> None:
    runs = [run(n, o, complete=n != broken) for n, o in (("base", base), ("head", head), ("base-with-head-tests", {}))]
    evidence = compare(*runs)
    if broken == "base":
        assert not any(getattr(evidence, name) for name in FIELDS if name != "fail_to_pass")
    elif broken == "head":
        assert not any(getattr(evidence, name) for name in FIELDS)
    else:
        assert evidence.fail_to_pass == ()


def test_runs_are_found_by_name() -> None:
    base = run("base", {})
    evidence = Evidence(runs=(base,))
    assert evidence.run("base") is base
    assert evidence.run("head") is None
