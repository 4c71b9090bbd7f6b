"""What a person on GitHub sees of the gate, through real processes: one story a test."""

import pytest

from tests.e2e.conftest import AGENT, FIX, PERSON, Town, write
from tests.processes import descendants
from tests.waiting import until

pytestmark = [pytest.mark.registry, pytest.mark.xdist_group("e2e")]


def test_an_agents_change_waits_for_a_person_and_a_push_takes_the_review_away(town: Town) -> None:
    pull = town.pull(town.repository("story"), FIX)
    report = town.await_check(pull, "action_required", "review")
    assert "1 failing without the change and passing with it" in report["summary"]
    assert "agent-authored" in town.state(pull)["labels"]
    assert not town.state(pull)["gate_open"]
    town.label(pull, "maintainer")
    town.await_check(pull, "success", "maintainer")
    assert town.state(pull)["gate_open"]
    old = pull.head
    town.push(pull, {"README.md": "words\n"})
    town.await_check(pull, "action_required", "review")
    state = town.await_state(pull, labels=["agent-authored"])  # taken off after the check is posted
    assert not state["gate_open"]
    assert old != pull.head


def test_an_approving_review_of_this_commit_has_the_label_set(town: Town) -> None:
    pull = town.pull(town.repository("approved"), FIX)
    town.await_check(pull, "action_required")
    town.github.do("review", login="maintainer", full_name=pull.repository, number=pull.number)
    town.await_check(pull, "success", "maintainer")
    town.await_state(pull, gate_open=True, labels=["agent-authored", "human-reviewed"])


@pytest.mark.parametrize(
    ("login", "why"),
    [
        pytest.param("developer", "wrote", id="the-author"),
        pytest.param("visitor", "write", id="without-permission"),
        pytest.param("some-helper[bot]", "person", id="a-bot"),
    ],
)
def test_a_label_from_the_wrong_hand_is_taken_off_with_a_word_why(town: Town, login: str, why: str) -> None:
    name = "wrong-" + login.partition("[")[0]
    pull = town.pull(town.repository(name), FIX, author=PERSON, login="developer")
    town.await_check(pull, "action_required")
    town.label(pull, login)
    state = town.await_state(pull, labels=["agent-authored"])
    assert any("human-reviewed" in comment for comment in state["comments"])
    assert not state["gate_open"]
    assert town.check(pull)["conclusion"] == "action_required"  # type: ignore[index]


def test_a_change_that_breaks_tests_fails_and_names_them(town: Town) -> None:
    broken = {"arith/__init__.py": "def add(a, b):\n    return 0\n"}
    pull = town.pull(town.repository("broken"), broken)
    report = town.await_check(pull, "failure", "test_add")
    assert not town.state(pull)["gate_open"]
    town.label(pull, "maintainer")
    town.await_check(pull, "failure")
    assert "test_add" in report["summary"]


def test_a_persons_change_is_green_without_being_run(town: Town) -> None:
    pull = town.pull(town.repository("person"), FIX, branch="mine", author=PERSON, login="developer")
    report = town.await_check(pull, "success", "not agent-authored")
    assert town.state(pull)["gate_open"]
    assert town.state(pull)["labels"] == []
    assert len(report["posts"]) == 1


def test_the_mark_by_hand_gates_a_change_and_taking_it_off_ungates_nothing(town: Town) -> None:
    pull = town.pull(town.repository("marked"), FIX, branch="mine", author=PERSON, login="developer")
    town.await_check(pull, "success")
    town.label(pull, "developer", "agent-authored")
    town.await_check(pull, "action_required", "review")
    town.github.do("unlabel", login="developer", full_name=pull.repository, number=pull.number, name="agent-authored")
    town.push(pull, {"README.md": "again\n"}, PERSON)
    town.await_check(pull, "action_required", "review")


def test_an_invalid_policy_on_base_holds_everyone_and_says_where(town: Town) -> None:
    policy = {".github/mergelock.yml": "version: 1\nreview:\n  labell: ok\n"}
    pull = town.pull(town.repository("invalid", policy), FIX, branch="mine", author=PERSON, login="developer")
    report = town.await_check(pull, "action_required", "policy")
    assert ":3:" in report["summary"]
    assert "label" in report["summary"]
    assert not town.state(pull)["gate_open"]


def test_the_heads_own_policy_is_not_used(town: Town) -> None:
    loose = {".github/mergelock.yml": "version: 1\ntests: {required: false}\nchecks: {semgrep: off, bandit: off}\n"}
    danger = {"arith/run.py": "import sys\n\n\ndef run():\n    return eval(sys.argv[1])\n"}
    pull = town.pull(town.repository("own-policy"), FIX | loose | danger)
    report = town.await_check(pull, "failure", "run.py")
    assert "policy" in report["summary"].lower()


def test_a_symlink_out_of_the_tree_is_refused(town: Town) -> None:
    pull = town.pull(town.repository("symlink"), {"notes": "-> /etc/passwd"})
    town.await_check(pull, "failure", "notes")


def test_while_github_fails_nobodys_patch_is_blamed(town: Town) -> None:
    full_name = town.repository("outage")
    town.github.do("fault", path=f".*/repos/{full_name}/commits.*", status=502, times=2)
    town.github.do("fault", path=f".*/repos/{full_name}/pulls/.*", status=500, times=2)
    pull = town.pull(full_name, FIX)
    town.await_check(pull, "action_required", "review")
    assert all(post.get("conclusion") != "failure" for post in town.posts(pull))


def test_the_button_runs_it_again(town: Town) -> None:
    pull = town.pull(town.repository("again"), FIX)
    first = town.await_check(pull, "action_required")
    town.github.do("rerun", login="developer", check_run=first["id"])
    second = town.await_another(pull, first["id"])
    assert second["external_id"] != first["external_id"]
    town.await_check(pull, "action_required", "review")


def test_a_newer_head_takes_an_older_ones_place(town: Town) -> None:
    slow = {"tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(60)\n"}
    worker = town.servers.processes.pid("worker")
    idle = descendants(worker)
    pull = town.pull(town.repository("newer"), slow)
    old = pull.head
    town.await_running(pull, "tests:head")
    sandboxes = until(lambda: descendants(worker) - idle, what="the old head's tests run")
    pull.checkout.git("rm", "--quiet", "tests/test_slow.py")
    town.push(pull, FIX)
    town.await_run(pull)
    until(
        lambda: not [process.command for process in sandboxes if process.alive],
        seconds=2,
        what="the old head's sandbox is dead",
    )
    town.await_check(pull, "action_required", "review")
    assert {post.get("conclusion") for post in town.posts(pull, old)} == {None}


def test_a_change_from_a_fork_is_judged_like_any_other(town: Town) -> None:
    full_name = town.repository("forked")
    fork = town.github.do("fork", full_name=full_name, owner="outsider")
    base = town.pull(full_name, {"x.txt": "x\n"}, branch="unused", author=PERSON, login="developer")
    base.checkout.git("checkout", "--quiet", "-b", "codex/fix", "origin/main")
    write(base.checkout.folder, FIX)
    head = base.checkout.commit("fix", AGENT)
    town.github.do("push", login="outsider", full_name=fork, branch="codex/fix", source=str(base.checkout.folder))
    number = town.github.do(
        "open_pull_request", login="outsider", full_name=full_name, head="codex/fix", head_repository=fork
    )
    base.number, base.head = number, head
    town.await_check(base, "action_required", "review")
    town.label(base, "maintainer")
    town.await_check(base, "success")
