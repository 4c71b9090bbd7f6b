"""Webhooks: what the stand-in sends is read by us, and so is every example that GitHub gives."""

from collections import Counter

import pytest

from app.github.errors import Malformed, UnknownEvent
from app.github.events import HANDLED, Event, event_from, verify
from tests.github.description import webhook_examples, webhooks
from tests.github.fixtures import Project
from tests.github.receiver import Receiver, receiver

GUID = "11111111-2222-3333-4444-555555555555"


def read(project: Project, received: Receiver) -> list[Event]:
    """The events that came, those we do not handle left out."""
    assert project.github.hooks.settle()
    events = []
    for headers, body in received.requests:
        try:
            events.append(verify(headers, body, [project.github.webhook_secret]))
        except UnknownEvent:
            continue
    return events


def test_the_way_of_a_pull_request(project: Project) -> None:
    people, name, number = project.github.people, project.name, project.number
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        people.label("mia", name, number, "human-reviewed")
        head = project.push({"a.py": "1\n"})
        people.unlabel("mia", name, number, "human-reviewed")
        people.review("mia", name, number)
        people.close("mia", name, number)
        people.reopen("mia", name, number)
        events = read(project, received)
    assert [(event.name, event.action) for event in events] == [
        ("pull_request", "labeled"),
        ("push", ""),
        ("check_suite", "requested"),
        ("pull_request", "synchronize"),
        ("pull_request", "unlabeled"),
        ("pull_request_review", "submitted"),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
    ]
    labeled, push, suite, synchronize, _, review, *_ = events
    assert (labeled.number, labeled.head, labeled.label) == (number, project.head, "human-reviewed")
    assert labeled.sender is not None
    assert labeled.sender.login == "mia"
    assert (push.base_ref, push.before, push.head) == ("codex/change", project.head, head)
    assert (suite.head, suite.app) == (head, project.github.app_id)
    assert (synchronize.number, synchronize.head, synchronize.before) == (number, head, project.head)
    assert (review.review_state, review.review_commit) == ("APPROVED", head)
    assert {event.installation for event in events} == {project.installation.number}
    assert {event.repository for event in events} == {name}
    assert len({event.delivery for event in events}) == len(events)


def test_buttons_on_a_check_run(project: Project) -> None:
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        body = {
            "name": "mergelock",
            "head_sha": project.head,
            "external_id": "key",
            "actions": [{"label": "Run again", "description": "Judge once more", "identifier": "rerun"}],
        }
        run = project.installation._send("POST", f"/repos/{project.name}/check-runs", body)["id"]
        project.github.people.rerun("mia", run)
        project.github.people.press("mia", run, "rerun")
        again, pressed = read(project, received)
    assert (again.action, again.numbers, again.head) == ("rerequested", (project.number,), project.head)
    assert (again.check_name, again.external_id, again.app) == ("mergelock", "key", project.github.app_id)
    assert (pressed.action, pressed.requested_action) == ("requested_action", "rerun")


def test_re_run_of_all_checks(project: Project) -> None:
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        project.github.people.rerun_all("mia", project.name, project.head)
        (event,) = read(project, received)
    assert (event.name, event.action, event.head) == ("check_suite", "rerequested", project.head)
    assert (event.numbers, event.app) == ((project.number,), project.github.app_id)


def test_edits_and_drafts(project: Project) -> None:
    people = project.github.people
    people.push("octo", project.name, "next", project.source.directory, project.base)
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        people.set_draft("ann", project.name, project.number, draft=True)
        people.set_draft("ann", project.name, project.number, draft=False)
        people.edit("ann", project.name, project.number, title="Better", body="Anew")
        people.edit("ann", project.name, project.number, base="next")
        events = read(project, received)
    assert [event.action for event in events] == ["converted_to_draft", "ready_for_review", "edited", "edited"]
    assert [event.base_changed for event in events] == [False, False, False, True]
    assert events[-1].base_ref == "next"
    pull = project.installation.pull_request(project.name, project.number)
    assert (pull.title, pull.body, pull.base_ref) == ("Better", "Anew", "next")


def test_merge_queue(project: Project) -> None:
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        project.github.people.enter_merge_queue("mia", project.name, project.head)
        (event,) = read(project, received)
    assert (event.name, event.action) == ("merge_group", "checks_requested")
    assert (event.head, event.base_ref) == (project.head, "main")


def test_installations_come_and_go(project: Project) -> None:
    with receiver() as received:
        assert project.github.hooks.settle()
        project.github.set_webhook_url(received.url)
        project.github.people.suspend("octo")
        project.github.people.suspend("octo", suspended=False)
        project.github.people.uninstall("octo")
        events = read(project, received)
    assert [event.action for event in events] == ["suspend", "unsuspend", "deleted"]
    assert {event.installation for event in events} == {project.installation.number}
    assert events[-1].repositories == (project.name,)


def test_what_the_receiver_answers_is_in_the_log(project: Project) -> None:
    with receiver() as received:
        assert project.github.hooks.settle()
        received.status = 500
        project.github.set_webhook_url(received.url)
        project.github.people.label("mia", project.name, project.number, "x")
        assert project.github.hooks.settle()
    assert project.github.world.deliveries[-1].status == 500


def test_every_example_of_github_is_read_or_passed_over() -> None:
    seen: Counter[str] = Counter()
    for name, payload in webhook_examples():
        try:
            event = event_from(name, GUID, payload)
        except UnknownEvent:
            assert name not in HANDLED or payload.get("action", "") not in HANDLED[name]
            continue
        seen[name] += 1
        assert (event.name, event.action) == (name, payload.get("action", ""))
        if "pull_request" in payload:
            assert event.number == payload["pull_request"]["number"]
            assert event.head == payload["pull_request"]["head"]["sha"]
    assert set(seen) == set(HANDLED)


@pytest.mark.parametrize("name", sorted(HANDLED))
def test_github_knows_every_event_and_action_that_we_handle(name: str) -> None:
    for action in HANDLED[name]:
        problems = webhooks().problems(name, {"action": action} if action else {})
        assert not [text for text in problems if "no event" in text]


def test_examples_without_a_field_we_need_are_malformed() -> None:
    tried = 0
    for name, payload in webhook_examples():
        if name not in HANDLED or payload.get("action", "") not in HANDLED[name] or name == "ping":
            continue
        for field in ("repository", "pull_request", "check_run", "check_suite", "review", "merge_group"):
            if field in payload and not name.startswith("installation"):
                with pytest.raises(Malformed, match=f"has no {field}"):
                    event_from(name, GUID, {key: value for key, value in payload.items() if key != field})
                tried += 1
    assert tried > 50
