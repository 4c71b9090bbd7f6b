"""The stand-in itself: that it is as strict as GitHub, and that what goes wrong on the wire is seen."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from app.github.client import App
from tests.github.description import description
from tests.github.fixtures import REPOSITORY, Project
from tests.github.git import clone, tip
from tests.github.server import StandIn
from tests.github.watching import Watcher
from tests.repositories import Source
from tests.waiting import until

CHECK_RUN = {"name": "mergelock", "status": "completed", "conclusion": "success"}


def post(project: Project, path: str, body: object, *, token: str = "") -> requests.Response:
    """A request past our client."""
    headers = {"Authorization": f"token {token or next(iter(project.github.world.tokens))}"}
    return requests.post(f"{project.github.api_url}/repos/{REPOSITORY}{path}", json=body, headers=headers, timeout=5)


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        pytest.param(("GET", "/no/such", {}, None, 200, {}), "no such route", id="route"),
        pytest.param(("DELETE", "/app", {}, None, 200, {}), "no such route", id="method"),
        pytest.param(("GET", "/app/installations", {"color": "red"}, None, 200, []), "query color", id="query"),
        pytest.param(
            ("GET", "/app/installations", {"per_page": "many"}, None, 200, []), "query per_page", id="query's type"
        ),
        pytest.param(
            ("POST", "/repos/o/r/check-runs", {}, None, 500, {"message": "x"}), "must be a body", id="no body"
        ),
        pytest.param(("GET", "/app", {}, {}, 500, {"message": "x"}), "must be no body", id="body"),
        pytest.param(
            ("POST", "/repos/o/r/check-runs", {}, {"name": "x"}, 500, {"message": "x"}), "head_sha", id="body's field"
        ),
        pytest.param(
            ("POST", "/repos/o/r/issues/1/comments", {}, {"body": "x", "colour": "red"}, 500, {"message": "x"}),
            "colour is not declared",
            id="undeclared field",
        ),
        pytest.param(("GET", "/repos/o/r/pulls/1", {}, None, 200, {}), "required property", id="answer"),
        pytest.param(("GET", "/repos/o/r/pulls/1", {}, None, 418, {"message": "x"}), "status", id="status"),
        pytest.param(("GET", "/repos/o/r/pulls/1", {}, None, 502, {}), "has a message", id="error"),
    ],
)
def test_exchange_that_github_does_not_know_is_seen(
    exchange: tuple[str, str, dict[str, str], object, int, object], problem: str
) -> None:
    assert any(problem in text for text in description().problems(*exchange))


def test_watcher_sees_what_goes_over_the_wire(tmp_path: Path) -> None:
    github = StandIn(tmp_path / "github")
    watcher = Watcher(github)
    with github:
        requests.get(f"{github.api_url}/no/such", timeout=5)
        github.people.create_repository(REPOSITORY)
        with github.world.lock:
            github.world.repositories[REPOSITORY].default_branch = None  # type: ignore[assignment]
        github.people.install("octo")
        app = App(github.api_url, github.app_id, github.private_key)
        app.installation(next(iter(github.world.installations))).repositories()
        app.close()
    assert [text for text in watcher.problems if "/no/such" in text]
    assert [text for text in watcher.problems if "default_branch" in text]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"head_sha": "1" * 40}, id="unknown commit"),
        pytest.param({"status": "completed", "conclusion": None}, id="no conclusion"),
        pytest.param({"conclusion": "splendid"}, id="unknown conclusion"),
        pytest.param({"output": {"title": "x", "summary": "x" * 65_536}}, id="long summary"),
        pytest.param({"output": {"title": "x", "summary": "x", "annotations": [{}] * 51}}, id="51 annotations"),
        pytest.param({"actions": [{"label": "a", "description": "a", "identifier": "a"}] * 4}, id="four actions"),
    ],
)
def test_check_run_that_github_refuses(tmp_path: Path, change: dict[str, object]) -> None:
    with StandIn(tmp_path / "github") as github:
        github.people.create_repository(REPOSITORY)
        github.people.install("octo")
        source = Source(tmp_path / "source")
        head = source.commit({"a.py": "1\n"})
        github.people.push("octo", REPOSITORY, "main", source.directory, head)
        installation = next(iter(github.world.installations.values()))
        token = github.world.new_token(installation, {"checks": "write"}, None)
        answer = requests.post(
            f"{github.api_url}/repos/{REPOSITORY}/check-runs",
            json={**CHECK_RUN, "head_sha": head, **change},
            headers={"Authorization": f"token {token}"},
            timeout=5,
        )
        assert answer.status_code == 422
        assert github.world.check_runs == {}


@pytest.mark.parametrize("conclusion", ["neutral", "skipped"])
def test_gate_takes_neutral_and_skipped_for_passed_as_github_does(project: Project, conclusion: str) -> None:
    project.github.people.require_check(project.name)
    project.installation.repositories()
    answer = post(project, "/check-runs", {**CHECK_RUN, "conclusion": conclusion, "head_sha": project.head})
    assert answer.status_code == 201
    assert project.github.people.gate_open(project.name, project.number)


def test_merging_past_a_closed_gate_is_refused(project: Project) -> None:
    project.github.people.require_check(project.name)
    with pytest.raises(PermissionError):
        project.github.people.close("octo", project.name, project.number, merge=True)
    assert project.github.people.pull(project.name, project.number).state == "open"


def test_token_of_nobody(project: Project) -> None:
    answer = post(project, "/check-runs", {**CHECK_RUN, "head_sha": project.head}, token="ghs_nonsense")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_lists_lead_to_their_next_page(project: Project) -> None:
    project.installation.repositories()
    token = next(iter(project.github.world.tokens))
    for number in range(5):
        project.github.people.label("mia", project.name, project.number, f"l{number}")
    url: str | None = f"{project.github.api_url}/repos/{REPOSITORY}/issues/1/events?per_page=2"
    sizes = []
    while url:
        answer = requests.get(url, headers={"Authorization": f"token {token}"}, timeout=5)
        sizes.append(len(answer.json()))
        url = answer.links.get("next", {}).get("url")
    assert sizes == [2, 2, 1]


def test_anybody_clones_what_is_public(project: Project, tmp_path: Path) -> None:
    clone(f"{project.github.web_url}/{project.name}.git", tmp_path / "clone")
    assert tip(tmp_path / "clone" / ".git", "origin/codex/change") == project.head


def test_head_of_a_forks_pull_request_is_in_the_base_repository(project: Project) -> None:
    people = project.github.people
    people.fork(project.name, "eve")
    head = project.source.commit({"evil.py": "1\n"})
    people.push("eve", "eve/lib", "patch", project.source.directory, head)
    number = people.open_pull_request("eve", project.name, "patch", head_repository="eve/lib")
    path = project.github.world.repository(project.name).path
    assert tip(path, f"refs/pull/{number}/head") == head


def test_by_itself_with_its_back_door(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.github.server", "--folder", str(tmp_path / "github"), "--state", str(state)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.DEVNULL,
    )
    try:
        until(state.exists, seconds=20, what="the stand-in has written its state")
        told = json.loads(state.read_text())
        assert state.stat().st_mode & 0o077 == 0
        source = Source(tmp_path / "source")
        source.commit({"a.py": "1\n"})

        def act(action: str, token: str = told["control_token"], **arguments: object) -> requests.Response:
            url = f"{told['url']}/_control/{action}"
            return requests.post(url, json=arguments, headers={"X-Control": token}, timeout=10)

        assert act("install", owner="octo", token="wrong").status_code == 403
        assert act("no_such_action").status_code == 404
        assert act("label", login="mia", full_name="no/such", number=1, name="x").status_code == 400
        act("create_repository", full_name=REPOSITORY)
        installation = act("install", owner="octo").json()["result"]
        for branch in ("main", "codex/x"):
            act("push", login="ann", full_name=REPOSITORY, branch=branch, source=str(source.directory))
            source.commit({"a.py": "2\n"})
        number = act("open_pull_request", login="ann", full_name=REPOSITORY, head="codex/x").json()["result"]
        app = App(told["api_url"], told["app_id"], told["private_key"])
        pull = app.installation(installation).pull_request(REPOSITORY, number)
        app.close()
        assert act("pull", full_name=REPOSITORY, number=number).json()["result"]["head"] == pull.head
        assert act("check_runs", full_name=REPOSITORY, head=pull.head).json()["result"] == []
        assert act("settle").json()["result"] is True
        assert {item["status"] for item in act("deliveries").json()["result"]} == {502}
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
