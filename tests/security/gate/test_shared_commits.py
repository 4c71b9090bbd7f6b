"""A check run belongs to a commit. What is said of one pull request must open no other that has the same head."""

import time
from dataclasses import replace

import pytest

from app.demo.library import Checkout
from app.store import Store, runs
from app.store.runs import RunStatus
from tests.e2e.conftest import AGENT, FIX, PATIENCE_SECONDS, PERSON, Pull, Town, ticks, write

pytestmark = [pytest.mark.registry, pytest.mark.xdist_group("e2e")]

QUICK = {".github/mergelock.yml": "version: 1\nchecks: {semgrep: off, bandit: off, secrets: off, hidden-text: off}\n"}
LOOSE = {
    ".github/mergelock.yml": "version: 1\nchecks: {semgrep: off, bandit: off, secrets: off, hidden-text: off}\n"
    "tests: {required: false}\nreview: {permission: read, requester-may-approve: true}\n"
}


def again(town: Town, pull: Pull, branch: str, *, login: str, base: str = "", fork: str = "") -> Pull:
    """The same commit in another pull request."""
    source, where = str(pull.checkout.folder), fork or pull.repository
    town.github.do("push", login=login, full_name=where, branch=branch, source=source, revision=pull.head)
    number = town.github.do(
        "open_pull_request", login=login, full_name=pull.repository, head=branch, base=base, head_repository=fork
    )
    return replace(pull, number=number, branch=branch, login=login)


def other_base(town: Town, pull: Pull, branch: str, files: dict[str, str]) -> None:
    """Somebody who may push makes a branch to merge into: the pull request's own head, with these files."""
    copy = Checkout(pull.checkout.folder.parent / f"base-{branch}")
    pull.checkout.git("clone", "--quiet", "--local", str(pull.checkout.folder), str(copy.folder))
    copy.git("checkout", "--quiet", "-b", branch)
    write(copy.folder, files)
    copy.commit("a base", PERSON)
    town.github.do("push", login="developer", full_name=pull.repository, branch=branch, source=str(copy.folder))


def retarget(town: Town, pull: Pull, base: str) -> None:
    """Its author chooses another branch to merge into."""
    town.github.do("edit", login="developer", full_name=pull.repository, number=pull.number, base=base)
    pull.pushed = int(time.time())


def judged(town: Town, pull: Pull, base_ref: str = "main") -> None:
    """Wait until its head has been judged for that base, and the outcome has been posted."""
    store = Store.open(town.servers.database, pool_size=1)
    try:
        for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
            with store.reading() as connection:
                run = runs.latest(connection, pull.repository, pull.number, pull.head, base_ref)
            if run is not None and run.status is RunStatus.DONE:
                mine = [post for post in town.posts(pull) if post["external_id"].startswith(run.key)]
                if any(post["status"] != "in_progress" for post in mine):
                    return
    finally:
        store.close()
    raise AssertionError(f"{pull.repository}#{pull.number} was never judged for {base_ref}")


def green(town: Town, pull: Pull) -> list[object]:
    """Every green post on its head."""
    return [post for post in town.posts(pull) if post.get("conclusion") == "success"]


def test_the_same_commit_from_a_persons_branch_is_still_an_agents(town: Town) -> None:
    agents = town.pull(town.repository("same-branch", QUICK), FIX, author=PERSON, login="developer")
    town.await_check(agents, "action_required", "review")
    persons = again(town, agents, "mine", login="developer")
    judged(town, persons)
    town.await_check(persons, "action_required")
    assert not town.state(agents)["gate_open"]
    assert not town.state(persons)["gate_open"]
    assert not green(town, agents)


def test_the_same_commit_from_a_strangers_fork_opens_nothing(town: Town) -> None:
    full_name = town.repository("same-fork", QUICK)
    agents = town.pull(full_name, FIX, author=PERSON, login="developer")
    town.await_check(agents, "action_required", "review")
    fork = town.github.do("fork", full_name=full_name, owner="stranger")
    strangers = again(town, agents, "typo", login="stranger", fork=fork)
    judged(town, strangers)
    assert not town.state(agents)["gate_open"]
    assert not green(town, agents)


def test_a_review_of_one_pull_request_opens_no_other_with_the_same_commit(town: Town) -> None:
    first = town.pull(town.repository("one-review", QUICK), FIX)
    town.await_check(first, "action_required", "review")
    second = again(town, first, "copilot/same", login=first.login)
    judged(town, second)
    town.label(second, "maintainer")
    town.await_check(second, "action_required", f"waits in #{first.number}")
    assert not town.state(first)["gate_open"]
    assert not town.state(second)["gate_open"]
    town.label(first, "maintainer")
    town.await_check(first, "success")
    town.github.do(
        "unlabel", login="maintainer", full_name=first.repository, number=first.number, name="human-reviewed"
    )
    town.await_check(first, "action_required")
    assert not town.state(second)["gate_open"]
    town.github.do("close", login="developer", full_name=first.repository, number=first.number)
    town.await_check(second, "success", "maintainer")


def test_a_branch_of_ones_own_with_a_policy_of_ones_own_gives_no_green_commit(town: Town) -> None:
    pull = town.pull(town.repository("own-base", QUICK), FIX)
    town.await_check(pull, "action_required", "review")
    other_base(town, pull, "cosy", LOOSE)
    retarget(town, pull, "cosy")
    judged(town, pull, "cosy")
    town.label(pull, "visitor")
    for _ in ticks(time.monotonic() + PATIENCE_SECONDS):
        newest = town.check(pull)
        if newest and newest["title"] == "Judged, but nothing here requires it":
            break
    else:
        raise AssertionError("the visitor's review was not taken by the branch's own policy")
    assert not green(town, pull)
    retarget(town, pull, "main")
    town.await_check(pull, "action_required", "review")
    assert not green(town, pull)
    assert not town.state(pull)["gate_open"]


def test_what_was_said_of_another_base_says_nothing_of_this_one(town: Town) -> None:
    full_name = town.repository("retargeted", QUICK)
    pull = town.pull(full_name, FIX)
    town.await_check(pull, "action_required", "review")
    other_base(town, pull, "release", LOOSE)
    town.github.do("require_check", full_name=full_name, branch="release")
    retarget(town, pull, "release")
    judged(town, pull, "release")
    town.label(pull, "maintainer")
    town.github.do("review", login="maintainer", full_name=full_name, number=pull.number)
    town.await_check(pull, "success")
    retarget(town, pull, "main")
    town.await_check(pull, "action_required", "another branch")
    state = town.await_state(pull, labels=["agent-authored"])
    assert not state["gate_open"]


def test_a_review_of_what_a_fork_showed_meanwhile_is_not_one_of_what_it_shows_now(town: Town) -> None:
    full_name = town.repository("fork-back", QUICK)
    local = town.pull(full_name, FIX)
    fork = town.github.do("fork", full_name=full_name, owner="stranger")
    town.github.do("close", login=local.login, full_name=full_name, number=local.number)
    pull = again(town, local, "codex/fix", login="stranger", fork=fork)
    town.await_check(pull, "action_required", "review")
    shown, source = pull.head, str(pull.checkout.folder)
    write(pull.checkout.folder, {"README.md": "harmless\n"})
    pull.head = pull.checkout.commit("harmless", AGENT)
    pull.pushed = int(time.time())
    town.github.do("push", login="stranger", full_name=fork, branch="codex/fix", source=source)
    town.await_check(pull, "action_required", "review")
    town.label(pull, "maintainer")
    town.await_check(pull, "success")
    town.github.do("push", login="stranger", full_name=fork, branch="codex/fix", source=source, revision=shown)
    pull.head = shown
    town.await_state(pull, labels=["agent-authored"])
    town.await_check(pull, "action_required", "review")
    assert not town.state(pull)["gate_open"]
