"""Workers killed, paused, outdated: nothing is lost, nothing outward is done twice that must be done once."""

import signal
import subprocess
from collections import Counter

import pytest
import sqlalchemy as sa

from app.pipeline import handover
from app.store import deliveries, runs, workers
from app.store.runs import RunStatus
from tests.integration.pipeline.fleet import Fleet
from tests.integration.pipeline.scripted import NAMES, TAKINGS
from tests.waiting import until


def counted(fleet: Fleet, kind: str) -> Counter[str]:
    return Counter(line.name for line in fleet.log(kind))


@pytest.mark.parametrize("step", NAMES)
def test_killed_within_a_step(fleet: Fleet, step: str) -> None:
    """The step runs twice, the others once, and the verdict is published once."""
    fleet.hold(step)
    first = fleet.worker()
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", step)
    fleet.kill(first)
    fleet.release(step)
    fleet.worker()
    fleet.ended("h1")
    fleet.reached("effect", "decided")
    assert counted(fleet, "begin") == {name: 2 if name == step else 1 for name in NAMES}
    assert counted(fleet, "effect") == {"published": 1, "decided": 1}


@pytest.mark.parametrize("step", NAMES)
def test_killed_right_after_a_step(fleet: Fleet, step: str) -> None:
    """At the boundary the step's own effect may repeat (it is idempotent), and no other step's."""
    first = fleet.worker()
    fleet.deliver("judge", head="h1")
    fleet.reached("end", step)
    fleet.kill(first)
    fleet.worker()
    fleet.ended("h1")
    fleet.reached("effect", "decided")
    begun = counted(fleet, "begin")
    place = NAMES.index(step)
    for name in NAMES[:place]:
        assert begun[name] == 1
    assert begun[step] in {1, 2}
    # The kill may come a moment later, within the next step or the one after.
    assert sum(begun.values()) <= len(NAMES) + 1
    assert 1 <= counted(fleet, "effect")["published"] <= begun["publish"]


def test_killed_before_any_worker_saw_it(fleet: Fleet) -> None:
    for number in range(5):
        fleet.deliver("judge", number=number + 1, head=f"h{number}")
    first = fleet.worker(wait=False)
    fleet.kill(first)
    fleet.worker()
    for number in range(5):
        fleet.ended(f"h{number}", number=number + 1)
    fleet.reached("effect", "published", 5)
    assert counted(fleet, "effect")["published"] == 5


@pytest.mark.slow
def test_killed_again_and_again(fleet: Fleet) -> None:
    fleet.deliver("judge", head="h1")
    fleet.hold(*NAMES)
    for number, name in enumerate(NAMES):
        worker = fleet.worker()
        fleet.reached("begin", name, 1 if number == 0 else 2)
        fleet.release(name)
        following = NAMES[number + 1 : number + 2]
        for next_one in following:
            fleet.reached("begin", next_one)
        if following:
            fleet.kill(worker)
    fleet.ended("h1")
    fleet.reached("effect", "published")
    assert counted(fleet, "effect")["published"] == 1


def test_a_worker_that_ends_in_order_gives_its_runs_back(fleet: Fleet) -> None:
    fleet.hold("tests")
    first = fleet.worker()
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 0, fleet.output()
    assert len(fleet.log("left", "place")) == 1
    fleet.release("tests")
    fleet.worker("another")
    fleet.ended("h1")
    fleet.reached("effect", "published")
    assert counted(fleet, "begin")["fetch"] == 1


def test_a_second_worker_on_sqlite_is_refused(tmp_path: object, fleet: Fleet) -> None:
    if not fleet.database.startswith("sqlite"):
        first, second = fleet.worker("one"), fleet.worker("two")
        assert (first.poll(), second.poll()) == (None, None)
        return
    fleet.worker("one")
    second = fleet.worker("two", wait=False)
    assert second.wait(30) != 0
    assert "another worker already runs on this SQLite database" in fleet.output()


@pytest.mark.slow
def test_the_dead_one_s_runs_are_taken_over_once(postgres_fleet: Fleet) -> None:
    """In several rounds, because once was seen to work and proves little."""
    fleet = postgres_fleet
    for number in range(3):
        fleet.worker(f"other-{number}", concurrency=8)
    for turn in range(3):
        fleet.hold("tests")
        began = len(fleet.log("begin", "tests"))
        for number in range(6):
            fleet.deliver("judge", number=100 * turn + number + 1, head=f"h{turn}-{number}")
        lines = fleet.reached("begin", "tests", began + 6)[began:]
        dead = next(worker for worker in fleet.workers if worker.pid == lines[-1].pid)
        theirs = {line.run for line in lines if line.pid == dead.pid}
        assert theirs
        fleet.kill(dead)
        again = fleet.reached("begin", "tests", began + 6 + len(theirs))[began + 6 :]
        fleet.release("tests")
        for number in range(6):
            fleet.ended(f"h{turn}-{number}", number=100 * turn + number + 1)
        assert sorted(line.run for line in again) == sorted(theirs)
        assert max(line.at for line in again) - max(line.at for line in lines) < 10
        fleet.worker(f"replacement-{turn}", concurrency=8)
    fleet.reached("effect", "published", 18)
    assert len(fleet.log("effect", "published")) == 18
    assert len({line.run for line in fleet.log("effect", "published")}) == 18


def test_a_paused_worker_does_nothing_outward_when_it_wakes(postgres_fleet: Fleet) -> None:
    fleet = postgres_fleet
    fleet.hold("publish")
    paused = fleet.worker("one")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "publish")
    paused.send_signal(signal.SIGSTOP)
    fleet.worker("two")
    taken = fleet.reached("begin", "publish", 2)[1]
    assert taken.pid != paused.pid
    fleet.release("publish")
    fleet.reached("effect", "decided")
    paused.send_signal(signal.SIGCONT)
    fleet.reached("left", "place", 2)
    published = fleet.log("effect", "published")
    assert [line.pid for line in published] == [taken.pid]
    # Back, it works on as a worker like any other.
    fleet.deliver("judge", number=2, head="h2")
    fleet.ended("h2", number=2)
    assert paused.poll() is None


def test_a_late_sweep_leaves_a_running_workflow_alone(postgres_fleet: Fleet) -> None:
    """Taken over once, a run is the new worker's, whatever is said of the old one again."""
    fleet = postgres_fleet
    fleet.hold("tests")
    first = fleet.worker("one")
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    dead = fleet.log("worker")[0].name
    fleet.kill(first)
    fleet.worker("two")
    fleet.reached("begin", "tests", 2)
    with fleet.store.writing() as connection:
        asked = sa.text("SELECT DISTINCT application_version FROM dbos.workflow_status WHERE status = 'PENDING'")
        version = connection.execute(asked)
        assert handover.hand_over(connection, [dead], version.scalar_one()) == []
    fleet.release("tests")
    fleet.ended("h1")
    fleet.reached("effect", "published")
    assert counted(fleet, "begin")["tests"] == 2


def test_sweeps_at_once_take_each_workflow_once(postgres_fleet: Fleet) -> None:
    fleet = postgres_fleet
    fleet.hold("tests")
    dead = fleet.worker("one", concurrency=8)
    for number in range(8):
        fleet.deliver("judge", number=number + 1, head=f"h{number}")
    fleet.reached("begin", "tests", 8)
    fleet.kill(dead)
    for number in range(3):
        fleet.worker(f"other-{number}", concurrency=8, wait=False)
    fleet.reached("begin", "tests", 16)
    fleet.release("tests")
    fleet.reached("effect", "published", 8)
    assert set(Counter(line.run for line in fleet.log("begin", "tests")).values()) == {2}


@pytest.mark.slow
@pytest.mark.parametrize("kill", [pytest.param(True, id="killed"), pytest.param(False, id="ended in order")])
def test_an_upgrade_starts_unfinished_runs_again(fleet: Fleet, kill: bool) -> None:
    """Other steps, so the old checkpoints would not fit; and back again, after a roll-back."""
    newer = ("fetch", "more", "prepare", "tests", "decide", "publish")
    fleet.hold("tests")
    old = fleet.worker()
    fleet.deliver("judge", head="h1")
    fleet.reached("begin", "tests")
    fleet.deliver("judge", number=2, head="waiting")
    end(fleet, old, kill=kill)
    new = fleet.worker(names=newer)
    fleet.reached("begin", "more")
    fleet.deliver("judge", number=3, head="h3")
    end(fleet, new, kill=kill)
    fleet.release("tests")
    fleet.worker()
    for number, head in enumerate(("h1", "waiting", "h3"), start=1):
        fleet.ended(head, number=number)
    fleet.reached("effect", "published", 3)
    assert len(fleet.log("effect", "published")) == 3


def end(fleet: Fleet, worker: "subprocess.Popen[bytes]", *, kill: bool) -> None:
    if kill:
        fleet.kill(worker)
    else:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, fleet.output()


def test_superseded_by_another_process(postgres_fleet: Fleet) -> None:
    """The process that runs the old head is told within two seconds, though another one handled the push."""
    fleet = postgres_fleet
    fleet.hold("tests")
    fleet.worker("one")
    fleet.worker("two")
    for number in range(3):
        fleet.deliver("judge", head=f"h{number}")
        fleet.reached("begin", "tests", number + 1)
    fleet.reached("cancelled", "tests", 2)
    for old, line in enumerate(sorted(fleet.log("cancelled", "tests"), key=lambda line: line.run)):
        following = [begun for begun in fleet.log("begin", "fetch") if begun.run > line.run]
        assert line.at - min(begun.at for begun in following) < 2
        fleet.ended(f"h{old}", RunStatus.SUPERSEDED)
    fleet.release("tests")
    newest = fleet.ended("h2")
    fleet.reached("effect", "published")
    assert {line.run for line in fleet.log("effect")} == {newest.id}


def test_an_intake_that_fails_leaves_nothing(fleet: Fleet) -> None:
    """Stored and enqueued, or neither."""
    new = deliveries.NewDelivery(
        guid="g", event="push", action="", repository="o/r", number=1, installation=1, headers={}, payload=b"{}"
    )
    with pytest.raises(ZeroDivisionError), fleet.store.writing() as connection:
        identity = deliveries.add(connection, new)
        assert identity is not None
        fleet.intake.enqueue(connection, identity, new)
        raise ZeroDivisionError
    table = "workflow_status" if fleet.database.startswith("sqlite") else "dbos.workflow_status"
    with fleet.store.reading() as connection:
        assert deliveries.by_guid(connection, "g") is None
        assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_the_worker_is_on_the_list(fleet: Fleet) -> None:
    worker = fleet.worker()
    with fleet.store.reading() as connection:
        (listed,) = workers.alive(connection)
    assert listed.pid == worker.pid
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)

    def gone() -> bool:
        with fleet.store.reading() as connection:
            return workers.alive(connection) == []

    until(gone, what="it is off the list")


@pytest.mark.slow
def test_a_run_that_takes_its_worker_down_ends(fleet: Fleet) -> None:
    """A patch that kills the process that judges it does so a bounded number of times, and is not green."""
    (fleet.folder / "die-tests").touch()
    fleet.deliver("judge", head="h1")
    fleet.deliver("judge", number=2, head="h2")
    for _ in range(TAKINGS + 6):
        if (worker := fleet.worker(wait=False)) and ended(fleet, worker):
            break
    for number, head in enumerate(("h1", "h2"), start=1):
        assert fleet.ended(head, RunStatus.ERROR, number=number).verdict == "error"
    assert len(fleet.reached("effect", "gave-up:judging", 2)) == 2
    assert len(fleet.log("begin", "tests")) <= 2 * (TAKINGS + 2)


def ended(fleet: Fleet, worker: "subprocess.Popen[bytes]") -> bool:
    """Wait until the worker is dead, or no run is left that could kill it."""

    def over() -> bool:
        with fleet.store.reading() as connection:
            return worker.poll() is not None or (bool(fleet.run("h2", 2)) and runs.active_ids(connection) == [])

    until(over, seconds=30, what="the worker died or the runs ended")
    return worker.poll() is None


def test_connections_that_break_lose_nothing(postgres_fleet: Fleet) -> None:
    """The database server drops every connection, again and again, while runs are under way."""
    fleet = postgres_fleet
    fleet.hold("prepare", "tests")
    fleet.worker()
    for number in range(2):
        fleet.deliver("judge", number=number + 1, head=f"h{number}")
    drop = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for step in ("prepare", "tests"):
        fleet.reached("begin", step, 2)
        with fleet.store.reading() as connection:
            assert connection.execute(drop).scalar_one() > 0
        fleet.release(step)
    for number in range(2):
        fleet.ended(f"h{number}", number=number + 1, seconds=40)
    fleet.reached("effect", "published", 2)
    fleet.reached("effect", "decided", 2)
    assert len(fleet.log("effect", "published")) == 2
