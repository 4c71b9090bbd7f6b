"""`hold:`: nothing of a change is executed before a person releases it."""

import pytest

from app.store import Store, events, runs
from tests.e2e.conftest import FIX, Pull, Town

pytestmark = [pytest.mark.registry, pytest.mark.xdist_group("e2e")]


def _steps(town: Town, pull: Pull) -> set[str]:
    store = Store.open(town.servers.database, pool_size=1)
    try:
        with store.reading() as connection:
            run = runs.latest(connection, pull.repository, pull.number, pull.head)
            return {event.step for event in events.steps(connection, run.id)} if run else set()
    finally:
        store.close()


@pytest.mark.parametrize(
    ("hold", "files", "held"),
    [
        pytest.param("everything", FIX, True, id="everything"),
        pytest.param("workflow-changes", FIX | {".github/workflows/x.yml": "on: push\n"}, True, id="workflow"),
        pytest.param("new-dependencies", FIX | {"requirements.txt": "idna\n"}, True, id="dependency"),
        pytest.param("workflow-changes", FIX, False, id="nothing-that-is-held"),
    ],
)
def test_a_held_change_is_executed_only_after_a_person_released_it(
    town: Town, hold: str, files: dict[str, str], held: bool, request: pytest.FixtureRequest
) -> None:
    policy = {".github/mergelock.yml": f"version: 1\nhold: [{hold}]\n"}
    name = "hold-" + str(request.node.name).partition("[")[2].rstrip("]")
    pull = town.pull(town.repository(name, policy), files)
    town.await_check(pull, "action_required", "executed yet" if held else "nobody has reviewed")
    assert ("tests:head" in _steps(town, pull)) is not held
    town.label(pull, "maintainer")
    town.await_check(pull, "success", "maintainer")
    assert "tests:head" in _steps(town, pull), "released, it was run before it could pass"
