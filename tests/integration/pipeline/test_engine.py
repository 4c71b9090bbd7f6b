"""Deliveries become judgings, once each, with a real worker process on a real database."""

import pytest

from app.store import deliveries, events
from app.store.deliveries import DeliveryState
from app.store.runs import RunStatus
from tests.integration.pipeline.fleet import Fleet
from tests.integration.pipeline.scripted import NAMES
from tests.waiting import until


def test_a_delivery_becomes_a_verdict(fleet: Fleet) -> None:
    fleet.worker()
    identity = fleet.deliver("judge", head="h1")
    run = fleet.ended("h1")
    fleet.reached("effect", "decided")
    assert [line.name for line in fleet.log("end")] == list(NAMES)
    assert len(fleet.log("effect", "published")) == 1
    assert (len(fleet.log("made")), len(fleet.log("left"))) == (1, 1)
    with fleet.store.reading() as connection:
        assert identity is not None
        delivery = deliveries.get(connection, identity)
        steps = [event.step for event in events.steps(connection, run.id)]
        told = events.after(connection, run.id)
    assert delivery is not None
    assert delivery.state is DeliveryState.HANDLED
    assert steps == [name for name in NAMES for _ in range(2)]
    assert [event.text for event in told if event.kind == "output"] == [f"output of {name}" for name in NAMES]


def test_one_head_is_judged_once(fleet: Fleet) -> None:
    fleet.worker()
    assert fleet.deliver("judge", guid="same", head="h1")
    assert fleet.deliver("judge", guid="same", head="h1") is None
    for _ in range(5):
        fleet.deliver("judge", head="h1")
    fleet.deliver("judge", number=2, head="h9")
    fleet.ended("h1")
    fleet.ended("h9", number=2)
    fleet.reached("effect", "published", 2)
    assert len({line.run for line in fleet.log("begin")}) == 2
    assert len(fleet.log("begin", "fetch")) == 2


def test_a_rerun_is_another_attempt(fleet: Fleet) -> None:
    fleet.worker()
    fleet.deliver("judge", head="h1")
    first = fleet.ended("h1")
    fleet.deliver("judge", head="h1", attempt=2)
    fleet.reached("effect", "published", 2)
    second = fleet.ended("h1")
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.id != second.id


def test_a_newer_head_takes_the_place(fleet: Fleet) -> None:
    fleet.worker()
    fleet.hold("tests")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    fleet.deliver("judge", head="h2")
    old = fleet.ended("h1", RunStatus.SUPERSEDED)
    (stopped,) = fleet.reached("cancelled", "tests")
    assert old.finished_at is not None
    fleet.release("tests")
    new = fleet.ended("h2")
    fleet.reached("effect", "published")
    assert {line.run for line in fleet.log("effect")} == {new.id}
    assert old.superseded_by == new.id
    begun = next(line for line in fleet.log("begin", "fetch") if line.run == new.id)
    assert abs(stopped.at - begun.at) < 2


def test_a_closed_pull_request_is_called_off(fleet: Fleet) -> None:
    fleet.worker()
    fleet.hold("prepare")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "prepare")
    fleet.deliver("close")
    fleet.reached("cancelled", "prepare")
    fleet.ended("h1", RunStatus.CANCELLED)
    fleet.deliver("judge", number=2, head="h2")
    fleet.release("prepare")
    fleet.ended("h2", number=2)
    assert len({line.run for line in fleet.log("effect", "published")}) <= 1


def test_faults_that_pass_are_tried_again_and_said(fleet: Fleet) -> None:
    fleet.worker()
    fleet.fail("tests", 2)
    fleet.deliver("judge", head="h1")
    fleet.ended("h1")
    fleet.reached("effect", "published")
    assert [line.kind for line in fleet.log() if line.kind in {"failed", "waiting"}] == ["failed", "waiting"] * 2
    assert len(fleet.log("begin", "fetch")) == 1


def test_faults_that_stay_end_in_a_word_to_people(fleet: Fleet) -> None:
    fleet.worker()
    fleet.fail("tests", 1000)
    fleet.deliver("judge", head="h1")
    run = fleet.ended("h1", RunStatus.ERROR)
    assert run.verdict == "error"
    assert "502" in run.note
    assert len(fleet.reached("effect", "gave-up:tests")) == 1
    assert not fleet.log("effect", "published")


def test_a_decision_that_cannot_be_made_leaves_no_old_word_standing(fleet: Fleet) -> None:
    fleet.worker()
    fleet.deliver("judge", head="h1")
    run = fleet.ended("h1")
    fleet.reached("effect", "decided")
    fleet.fail("deciding", 1000)
    fleet.deliver("decide", run=run.id)
    assert [line.run for line in fleet.reached("effect", "gave-up:decide")] == [run.id]


def test_a_verdict_that_cannot_be_posted_is_told_of(fleet: Fleet) -> None:
    fleet.worker()
    fleet.fail("publish", 1000)
    fleet.deliver("judge", head="h1")
    fleet.ended("h1")
    assert len(fleet.reached("effect", "gave-up:publish")) == 1


def test_a_delivery_that_cannot_be_handled_is_noted(fleet: Fleet) -> None:
    fleet.worker()
    fleet.fail("handle", 1000)
    identity = fleet.deliver("judge", head="h1")
    assert identity is not None

    def failed() -> bool:
        with fleet.store.reading() as connection:
            delivery = deliveries.get(connection, identity)
        return delivery is not None and delivery.state is DeliveryState.FAILED

    until(failed, seconds=20, what="the delivery is noted as failed")


def test_a_label_while_judging_is_looked_at_afterwards(fleet: Fleet) -> None:
    fleet.worker()
    fleet.hold("tests")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    run = fleet.run("h1")
    assert run is not None
    fleet.deliver("decide", run=run.id)
    fleet.release("tests")
    fleet.reached("effect", "decided")
    order = [line.name for line in fleet.log("effect")]
    assert order == ["published", "decided"]


def test_deliveries_of_one_pull_request_are_handled_in_turn(fleet: Fleet) -> None:
    heads = [f"h{number}" for number in range(12)]
    for head in heads:
        fleet.deliver("judge", head=head)
    fleet.worker()
    fleet.ended(heads[-1])
    fleet.reached("effect", "decided")
    for head in heads[:-1]:
        run = fleet.run(head)
        assert run is not None
        assert run.status in {RunStatus.SUPERSEDED, RunStatus.DONE}
    ids = [run.id for head in heads if (run := fleet.run(head)) is not None]
    assert ids == sorted(ids)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_runs_at_once_than_allowed(fleet: Fleet, concurrency: int) -> None:
    fleet.hold("tests")
    for number in range(6):
        fleet.deliver("judge", number=number + 1, head=f"h{number}")
    fleet.worker(concurrency=concurrency)
    fleet.reached("begin", "tests", concurrency)
    until(lambda: fleet.run("h5", 6), seconds=20, what="all are asked for")
    fleet.release("tests")
    for number in range(6):
        fleet.ended(f"h{number}", number=number + 1, seconds=40)
    fleet.reached("effect", "published", 6)
    most = now = 0
    for line in fleet.log():
        now += {"made": 1, "left": -1}.get(line.kind, 0)
        most = max(most, now)
    assert most == concurrency


def test_a_head_that_comes_back_is_judged(fleet: Fleet) -> None:
    """Pushed over and back again: the first judging was called off, so it has no verdict yet."""
    fleet.worker()
    fleet.hold("tests")
    for turn, head in enumerate(("h1", "h2", "h1"), start=1):
        fleet.deliver("judge", head=head)
        fleet.reached("begin", "tests", turn)
    fleet.reached("cancelled", "tests", 2)
    fleet.release("tests")
    run = fleet.ended("h1")
    assert run.attempt == 2
    fleet.ended("h2", RunStatus.SUPERSEDED)
    fleet.reached("effect", "published")
    assert {line.run for line in fleet.log("effect")} == {run.id}


def test_a_judged_head_that_comes_back_keeps_its_verdict(fleet: Fleet) -> None:
    fleet.worker()
    fleet.deliver("judge", head="h1")
    first = fleet.ended("h1")
    fleet.reached("effect", "decided")
    fleet.hold("tests")
    fleet.deliver("judge", head="h2")
    fleet.reached("begin", "tests", 2)
    fleet.deliver("judge", head="h1")
    fleet.ended("h2", RunStatus.SUPERSEDED)
    fleet.reached("effect", "decided", 2)
    assert {line.run for line in fleet.log("effect", "decided")} == {first.id}
    assert len(fleet.log("effect", "published")) == 1


def test_closed_and_opened_again(fleet: Fleet) -> None:
    fleet.worker()
    fleet.hold("tests")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    fleet.deliver("close")
    fleet.reached("cancelled", "tests")
    fleet.release("tests")
    fleet.deliver("judge", head="h1")
    assert fleet.ended("h1").attempt == 2


def test_steps_without_a_verdict_are_an_error(fleet: Fleet) -> None:
    (fleet.folder / "leave-out-decide").touch()
    fleet.worker()
    fleet.deliver("judge", head="h1")
    assert fleet.ended("h1", RunStatus.ERROR).verdict == "error"
    fleet.reached("effect", "gave-up:end")
