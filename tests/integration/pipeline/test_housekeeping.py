"""Old payloads and checkpoints go; verdicts stay."""

from datetime import timedelta

import sqlalchemy as sa

from app.pipeline import housekeeping
from app.store import deliveries
from app.store.runs import RunStatus
from tests.integration.pipeline.fleet import Fleet
from tests.waiting import until


def rows(fleet: Fleet, table: str) -> int:
    schema = "" if fleet.database.startswith("sqlite") else "dbos."
    with fleet.store.reading() as connection:
        return int(connection.execute(sa.text(f"SELECT count(*) FROM {schema}{table}")).scalar_one())


def test_only_what_is_over_and_old_goes(fleet: Fleet) -> None:
    fleet.hold("tests")
    fleet.worker()
    fleet.deliver("judge", number=2, head="under way")
    fleet.reached("begin", "tests")
    identity = fleet.deliver("nothing", guid="over")
    assert identity is not None
    until(lambda: handled(fleet, identity), seconds=20, what="it is handled")
    before = rows(fleet, "workflow_status")
    assert housekeeping.tidy(fleet.store) == (0, 0)
    until(lambda: housekeeping.tidy(fleet.store, kept=timedelta(0)) and rows(fleet, "workflow_status") == 1)
    assert before == 3
    assert rows(fleet, "operation_outputs") == 2  # of the run under way: fetch and prepare
    with fleet.store.reading() as connection:
        delivery = deliveries.get(connection, identity)
    assert delivery is not None
    assert delivery.payload is None
    fleet.release("tests")
    fleet.ended("under way", RunStatus.DONE, number=2)
    fleet.reached("effect", "decided")
    assert fleet.log("begin", "fetch") == fleet.log("begin", "fetch")[:1]


def handled(fleet: Fleet, identity: int) -> bool:
    with fleet.store.reading() as connection:
        delivery = deliveries.get(connection, identity)
    return delivery is not None and delivery.handled_at is not None
