"""Runs: made once, moved only forward."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.store import Store, runs
from app.store.errors import TooLarge
from app.store.runs import NewRun, RunStatus

RESULT = {"schema": "mergelock.result/1", "odd": "a\x00b\udcff"}


def new(key: str = "k1", number: int = 7, head: str = "a" * 40) -> NewRun:
    return NewRun(key=key, repository="octo/hello", number=number, head=head, title="Fix\x00 it " + "x" * 400)


def finish(connection: sa.Connection, identity: int) -> bool:
    return runs.finish(connection, identity, verdict="passed", reasons=[{"code": "ok"}], result=RESULT, agent={"a": 1})


def test_the_same_key_is_the_same_run(store: Store) -> None:
    with store.writing() as connection:
        first, made = runs.create(connection, new())
        again, made_again = runs.create(connection, new())
    assert (made, made_again) == (True, False)
    assert first == again
    assert first.status is RunStatus.QUEUED
    assert first.title.startswith("Fix␀ it xxx")
    assert len(first.title) == 300


def test_a_run_goes_its_way_and_its_result_comes_back_exactly(store: Store) -> None:
    with store.writing() as connection:
        run, _ = runs.create(connection, new())
        assert runs.start(connection, run.id, "worker-1")
        begun = runs.get(connection, run.id)
        assert begun is not None
        assert begun.started_at is not None
        assert runs.start(connection, run.id, "worker-2")  # the first one died
        assert finish(connection, run.id)
        done = runs.get(connection, run.id)
    assert done is not None
    assert (done.status, done.verdict, done.worker) == (RunStatus.DONE, "passed", "worker-2")
    assert done.started_at == begun.started_at
    assert done.finished_at is not None
    assert (done.result, done.reasons, done.agent) == (RESULT, [{"code": "ok"}], {"a": 1})


ENDS: list[tuple[str, Callable[[sa.Connection, int], object], RunStatus]] = [
    ("done", finish, RunStatus.DONE),
    ("error", lambda c, i: runs.fail(c, i, "gone"), RunStatus.ERROR),
    ("cancelled", lambda c, _: runs.cancel(c, "octo/hello", 7), RunStatus.CANCELLED),
]


@pytest.mark.parametrize(("end", "status"), [pytest.param(end, status, id=name) for name, end, status in ENDS])
def test_nothing_leaves_an_ended_state(
    store: Store, end: Callable[[sa.Connection, int], object], status: RunStatus
) -> None:
    with store.writing() as connection:
        run, _ = runs.create(connection, new())
        end(connection, run.id)
        before = runs.get(connection, run.id)
        newer, _ = runs.create(connection, new("k2", head="b" * 40))
        assert not runs.start(connection, run.id, "w")
        assert not finish(connection, run.id)
        assert not runs.fail(connection, run.id, "no")
        assert runs.supersede(connection, newer) == []
        runs.cancel(connection, "octo/hello", 7)
        assert runs.get(connection, run.id) == before
        assert runs.status(connection, run.id) is status
        assert runs.active_ids(connection) == []


def test_a_newer_head_supersedes_only_older_runs_of_its_pull_request(store: Store) -> None:
    with store.writing() as connection:
        old, _ = runs.create(connection, new("k1"))
        other, _ = runs.create(connection, new("k2", number=8))
        newer, _ = runs.create(connection, new("k3", head="b" * 40))
        runs.start(connection, old.id, "w")
        assert runs.supersede(connection, newer) == [old.id]
        assert runs.supersede(connection, newer) == []
        ended = runs.get(connection, old.id)
        assert runs.active_ids(connection) == [other.id, newer.id]
    assert ended is not None
    assert (ended.status, ended.superseded_by, ended.active) == (RunStatus.SUPERSEDED, newer.id, False)


def test_a_review_decides_again_only_what_has_been_judged(store: Store) -> None:
    with store.writing() as connection:
        run, _ = runs.create(connection, new())
        assert not runs.redecide(connection, run.id, verdict="passed", reasons=[], result=None)
        runs.finish(connection, run.id, verdict="needs-review", reasons=[], result=RESULT)
        assert runs.redecide(connection, run.id, verdict="passed", reasons=[{"code": "r"}], result=RESULT)
        found = runs.get(connection, run.id)
    assert found is not None
    assert found.verdict == "passed"


def test_look_ups(store: Store) -> None:
    with store.writing() as connection:
        made = [runs.create(connection, new(f"k{n}", number=n % 2, head=f"{n:040x}"))[0] for n in range(6)]
        finish(connection, made[0].id)
        runs.describe(connection, made[1].id, base="c" * 40, agent={"authored": True})
        assert [run.id for run in runs.recent(connection, limit=2)] == [made[5].id, made[4].id]
        assert [run.id for run in runs.recent(connection, limit=2, before=made[4].id)] == [made[3].id, made[2].id]
        assert runs.recent(connection, limit=6)[-1].result is None  # lists do not carry results
        assert runs.latest(connection, "octo/hello", 1) == made[5]
        assert runs.latest(connection, "octo/hello", 1, made[3].head) == made[3]
        assert runs.latest(connection, "octo/none", 1) is None
        assert runs.counts(connection) == {(RunStatus.QUEUED, ""): 5, (RunStatus.DONE, "passed"): 1}
        described = runs.by_key(connection, "k1")
        assert runs.get(connection, 999) is None
        assert runs.status(connection, 999) is None
    assert described is not None
    assert (described.base, described.agent, described.policy) == ("c" * 40, {"authored": True}, "")


def test_a_result_over_its_bound_is_refused_not_cut(store: Store) -> None:
    with store.writing() as connection:
        run, _ = runs.create(connection, new())
    with store.writing() as connection, pytest.raises(sa.exc.StatementError) as caught:
        runs.finish(connection, run.id, verdict="passed", reasons=[{"text": "x" * 2**21}], result=None)
    assert isinstance(caught.value.orig, TooLarge)


def test_a_head_is_seen_since_it_came_last(store: Store) -> None:
    with store.writing() as connection:
        first, _ = runs.create(connection, new("k1", head="a" * 40))
        assert runs.seen_since(connection, "octo/hello", 7, "a" * 40) == first.created_at
        runs.create(connection, new("k2", head="b" * 40))
        assert runs.seen_since(connection, "octo/hello", 7, "a" * 40) is None
        back, _ = runs.create(connection, new("k3", head="a" * 40))
        runs.create(connection, new("k4", head="a" * 40))
        runs.create(connection, new("k5", number=8, head="b" * 40))
        assert runs.seen_since(connection, "octo/hello", 7, "a" * 40) == back.created_at


def test_pull_requests_that_share_a_head_know_of_each_other(store: Store) -> None:
    with store.writing() as connection:
        for key, number, agent in (("k1", 7, False), ("k2", 8, True), ("k3", 9, True), ("k4", 9, False)):
            run, _ = runs.create(connection, new(key, number))
            runs.describe(connection, run.id, agent={"authored": agent})
        runs.create(connection, new("k5", number=10, head="b" * 40))
        others = runs.others_with(connection, "octo/hello", 7, "a" * 40, limit=5)
        assert [(run.number, run.key) for run in others] == [(9, "k4"), (8, "k2")]
        assert [run.number for run in runs.others_with(connection, "octo/hello", 7, "a" * 40, limit=1)] == [9]
        assert runs.an_agents_elsewhere(connection, "octo/hello", 7, "a" * 40)
        assert not runs.an_agents_elsewhere(connection, "octo/hello", 8, "a" * 40)  # 9 was, and is no longer
        assert not runs.an_agents_elsewhere(connection, "octo/hello", 7, "b" * 40)


def test_runs_are_found_by_the_branch_they_are_to_be_merged_into(store: Store) -> None:
    with store.writing() as connection:
        for key, base_ref in (("k1", "main"), ("k2", "cosy")):
            runs.create(connection, NewRun(key=key, repository="o/h", number=1, head="a" * 40, base_ref=base_ref))
        found = [runs.latest(connection, "o/h", 1, "a" * 40, base_ref) for base_ref in ("main", "cosy", "other")]
    assert [run and run.key for run in found] == ["k1", "k2", None]
