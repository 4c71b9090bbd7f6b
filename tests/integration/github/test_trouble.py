"""GitHub's faults, each as the kind of error that says what to do."""

import logging
import threading
from collections.abc import Callable

import pytest

from app.github.client import App
from app.github.errors import (
    CredentialsRefused,
    Forbidden,
    GitHubError,
    Gone,
    RateLimited,
    Refused,
    Transient,
)
from tests.github.faults import Fault
from tests.github.fixtures import Project
from tests.github.server import StandIn
from tests.github.world import new_key

PULL = "/pulls/1$"


def read(project: Project) -> None:
    project.installation.pull_request(project.name, project.number)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(Fault(status=500), Transient, id="500"),
        pytest.param(Fault(status=502), Transient, id="502"),
        pytest.param(Fault(status=503, headers={"Retry-After": "7"}), Transient, id="503"),
        pytest.param(Fault(kind="reset"), Transient, id="connection reset"),
        pytest.param(Fault(kind="lost"), Transient, id="answer lost"),
        pytest.param(Fault(kind="garbage"), Transient, id="answer cut short"),
        pytest.param(Fault(status=429), RateLimited, id="429"),
        pytest.param(Fault(status=404), Gone, id="404"),
        pytest.param(Fault(status=410), Gone, id="410"),
        pytest.param(Fault(status=451), Gone, id="451"),
        pytest.param(Fault(status=403, message="Resource not accessible"), Forbidden, id="403"),
        pytest.param(Fault(status=409, message="Git Repository is empty."), Refused, id="409"),
        pytest.param(Fault(status=422, message="Validation Failed"), Refused, id="422"),
    ],
)
def test_kind_of_fault(project: Project, fault: Fault, kind: type[GitHubError]) -> None:
    fault.path = PULL
    project.github.faults.add(fault)
    with pytest.raises(kind) as caught:
        read(project)
    assert caught.value.request == "GET /repos/octo/lib/pulls/1"
    read(project)


def test_what_passes_by_itself_is_not_tried_again_unseen(project: Project) -> None:
    fault = project.github.faults.add(Fault(path=PULL, status=502, times=5))
    with pytest.raises(Transient):
        read(project)
    assert fault.seen == 1


def test_retry_after_is_handed_on(project: Project) -> None:
    project.github.faults.add(
        Fault(
            path=PULL,
            status=403,
            message="You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            headers={"Retry-After": "33"},
        )
    )
    with pytest.raises(RateLimited) as caught:
        read(project)
    assert (caught.value.retry_after, caught.value.secondary) == (33.0, True)


def test_hourly_limit_says_when_it_ends(project: Project) -> None:
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    project.github.faults.add(Fault(path=PULL, status=403, message="API rate limit exceeded for x", headers=reset))
    with pytest.raises(RateLimited) as caught:
        read(project)
    assert not caught.value.secondary
    assert caught.value.retry_after == 7200.0  # longer waits are cut: it is worth a look every two hours


def test_server_that_does_not_answer(github: StandIn, project: Project) -> None:
    client = App(github.api_url, github.app_id, github.private_key, timeout=1)
    installation = client.installation(project.installation.number)
    installation.pull_request(project.name, project.number)
    github.faults.add(Fault(path=PULL, kind="hang"))
    with pytest.raises(Transient, match="in time"):
        installation.pull_request(project.name, project.number)
    github.faults.release()
    client.close()


def test_server_that_is_not_there(project: Project) -> None:
    client = App("http://127.0.0.1:9", 1, project.github.private_key, timeout=2)
    with pytest.raises(Transient):
        client.info()
    client.close()


def test_expired_token_is_renewed(project: Project) -> None:
    read(project)
    project.github.expire_tokens()
    read(project)
    project.github.expire_tokens()
    project.installation.add_label(project.name, project.number, "agent-authored")


def test_token_refused_again_and_again_ends(project: Project) -> None:
    read(project)
    fault = project.github.faults.add(Fault(path=PULL, status=401, message="Bad credentials", times=10))
    with pytest.raises(CredentialsRefused):
        read(project)
    assert fault.seen == 2


def test_tokens_are_shared_by_threads_that_come_together(project: Project) -> None:
    before = len(project.github.world.tokens)
    threads = [threading.Thread(target=read, args=(project,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(project.github.world.tokens) == before + 1


def test_replaced_key(github: StandIn, app: App) -> None:
    app.installations()
    github.replace_key()
    with pytest.raises(CredentialsRefused, match="private key"):
        app.installations()
    renewed = App(github.api_url, github.app_id, github.private_key)
    assert renewed.installations() == ()
    renewed.close()


def test_key_of_another_app(github: StandIn) -> None:
    client = App(github.api_url, github.app_id, new_key()[0])
    with pytest.raises(CredentialsRefused):
        client.info()
    client.close()


def test_uninstalled(project: Project) -> None:
    read(project)
    project.github.people.uninstall("octo")
    with pytest.raises(Gone):
        read(project)


def test_suspended_and_back(project: Project) -> None:
    read(project)
    project.github.people.suspend("octo")
    with pytest.raises(Gone, match="suspended"):
        read(project)
    project.github.people.suspend("octo", suspended=False)
    read(project)


def test_missing_permission_is_named(project: Project) -> None:
    with project.github.world.lock:
        for installation in project.github.world.installations.values():
            installation.permissions["issues"] = "read"
    with pytest.raises(Forbidden, match="issues=write") as caught:
        project.installation.add_label(project.name, project.number, "agent-authored")
    assert caught.value.needs == "issues=write"


def test_unchanged_answers_cost_nothing_of_the_limit(project: Project) -> None:
    read(project)
    left = project.github.world.rate_remaining
    for _ in range(5):
        read(project)
    assert project.github.world.rate_remaining == left
    project.github.people.label("mia", project.name, project.number, "new")
    assert project.installation.pull_request(project.name, project.number).labels == ("new",)
    assert project.github.world.rate_remaining == left - 1


def test_no_secret_is_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read(project)
        project.installation.clone_token(project.name)
    secrets: list[str] = [*project.github.world.tokens, project.github.webhook_secret]
    assert len(secrets) >= 3
    assert not [secret for secret in secrets if secret in caplog.text]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda p: p.installation.pull_request("octo/../..", 1), id="steps up"),
        pytest.param(lambda p: p.installation.pull_request("octo", 1), id="no name"),
        pytest.param(lambda p: p.installation.pull_request("octo/lib/pulls", 1), id="too long"),
        pytest.param(lambda p: p.installation.pull_request("octo/", 1), id="empty name"),
    ],
)
def test_what_is_no_repositorys_name_asks_nothing(project: Project, act: Callable[[Project], object]) -> None:
    left = project.github.world.rate_remaining
    with pytest.raises(ValueError, match=r"path|full name"):
        act(project)
    assert project.github.world.rate_remaining == left
