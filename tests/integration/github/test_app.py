"""The App itself: installations, tokens for cloning, the delivery log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.github.client import App
from app.github.errors import CredentialsRefused, Gone, Refused
from app.github.events import event_from
from tests.github.fixtures import Project
from tests.github.git import GitFailed, clone, tip
from tests.github.receiver import receiver
from tests.github.server import StandIn

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_info(github: StandIn, app: App) -> None:
    info = app.info()
    assert (info.id, info.slug) == (github.app_id, "mergelock")
    assert info.permissions["checks"] == "write"
    assert "pull_request" in info.events


def test_installations(project: Project, app: App) -> None:
    (account,) = app.installations()
    assert (account.installation, account.account.login) == (project.installation.number, "octo")
    assert not account.suspended
    project.github.people.suspend("octo")
    assert app.installations()[0].suspended


def test_installation_of_a_repository(project: Project, app: App) -> None:
    project.github.people.create_repository("somebody/else")
    assert app.installation_of(project.name) == project.installation.number
    assert app.installation_of("somebody/else") is None


def test_installation_is_the_same_object_each_time(project: Project, app: App) -> None:
    assert app.installation(project.installation.number) is project.installation


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_key_that_cannot_be_read(github: StandIn, key: str) -> None:
    with pytest.raises(CredentialsRefused, match="PEM"):
        App(github.api_url, github.app_id, key)


def test_clone_token_reads_one_repository_and_nothing_else(project: Project, tmp_path: Path) -> None:
    people = project.github.people
    people.create_repository("octo/private", private=True)
    people.push("octo", "octo/private", "main", project.source.directory, project.base)
    token = project.installation.clone_token("octo/private")
    url = f"{project.github.web_url}/octo/private.git"
    clone(url, tmp_path / "clone", token=token)
    assert tip(tmp_path / "clone" / ".git", "HEAD") == project.base
    assert project.github.world.tokens[token].permissions == {"contents": "read"}
    other = project.installation.clone_token(project.name)
    with pytest.raises(GitFailed):
        clone(url, tmp_path / "second", token=other)
    with pytest.raises(GitFailed):
        clone(url, tmp_path / "third")


def test_clone_token_of_an_installation_that_is_not_there(app: App) -> None:
    with pytest.raises(Gone):
        app.installation(99).clone_token("octo/lib")


def test_clone_token_of_a_repository_that_is_not_covered(project: Project) -> None:
    with pytest.raises(Refused):
        project.installation.clone_token("octo/other")


def test_delivery_log_newest_first(project: Project, app: App) -> None:
    project.github.people.label("mia", project.name, project.number, "agent-authored")
    assert project.github.hooks.settle()
    deliveries = app.deliveries(LONG_AGO)
    assert (deliveries[0].event, deliveries[0].action) == ("pull_request", "labeled")
    assert deliveries[-1].event == "installation"
    assert {delivery.status_code for delivery in deliveries} == {502}
    assert len({delivery.guid for delivery in deliveries}) == len(deliveries)


def test_delivery_log_stops_where_it_was_read_before(project: Project, app: App) -> None:
    assert project.github.hooks.settle()
    assert app.deliveries(datetime.now(UTC) + timedelta(minutes=1)) == ()


def test_delivery_log_over_several_pages(project: Project, app: App) -> None:
    for _ in range(70):
        project.github.people.label("mia", project.name, project.number, "busy")
        project.github.people.unlabel("mia", project.name, project.number, "busy")
    assert project.github.hooks.settle()
    found = app.deliveries(LONG_AGO)
    assert len(found) == len(project.github.world.deliveries) > 140
    assert len(app.deliveries(LONG_AGO, limit=120)) == 120


def test_missed_delivery_is_read_and_sent_again(project: Project, app: App) -> None:
    assert project.github.hooks.settle()
    missed = next(item for item in app.deliveries(LONG_AGO) if item.action == "opened")
    event = event_from(missed.event, missed.guid, app.delivery(missed.id).payload)
    assert (event.number, event.head, event.repository) == (project.number, project.head, project.name)
    with receiver() as received:
        project.github.set_webhook_url(received.url)
        app.redeliver(missed.id)
        assert project.github.hooks.settle()
    newest = app.deliveries(LONG_AGO)[0]
    assert (newest.guid, newest.redelivery, newest.status_code) == (missed.guid, True, 202)
    assert newest.id != missed.id
    assert len(received.requests) == 1


def test_delivery_that_is_not_there(app: App) -> None:
    with pytest.raises(Gone):
        app.delivery(5)
