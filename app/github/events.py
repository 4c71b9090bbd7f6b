"""Webhook bytes become one verified, typed event, or raise. Pure: no I/O."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.github.errors import Malformed, UnknownEvent
from app.github.signature import check_signature, usable_secrets
from app.github.strict_json import read_object
from app.github.types import Person
from app.github.webhook import REQUIRED, CheckRun, CheckSuite, ListedPull, Payload

__all__ = ["HANDLED", "LARGEST", "Event", "event_from", "usable_secrets", "verify"]

LARGEST = 25 * 1024 * 1024
"""Bytes of the largest webhook that GitHub sends."""

HANDLED: Mapping[str, frozenset[str]] = {
    "ping": frozenset({""}),
    "push": frozenset({""}),
    "pull_request": frozenset(
        {
            "opened",
            "reopened",
            "synchronize",
            "ready_for_review",
            "converted_to_draft",
            "labeled",
            "unlabeled",
            "edited",
            "closed",
        }
    ),
    "pull_request_review": frozenset({"submitted", "dismissed", "edited"}),
    "check_run": frozenset({"rerequested", "requested_action"}),
    "check_suite": frozenset({"requested", "rerequested"}),
    "merge_group": frozenset({"checks_requested", "destroyed"}),
    "installation": frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"}),
    "installation_repositories": frozenset({"added", "removed"}),
}
"""The events that mean something to us, and their actions; all else is answered and forgotten."""

_EVENT = re.compile(r"[a-z_]{1,64}")
_ACTION = re.compile(r"[a-z_]{0,40}")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_JSON = re.compile(r"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on GitHub. A field is None, "" or empty where the event has none.

    `numbers` are the pull requests it is about: one for pull request events; for check events those that GitHub lists,
    of this repository only, and never forks': look for them by `head`. `head` is the commit in question, at the moment
    of the event. `base_changed` says that an edit changed the branch it is to be merged into. `app` is the App
    that a check run or suite belongs to, which need not be us.
    """

    delivery: str
    name: str
    action: str
    installation: int | None = None
    repository: str = ""
    repository_id: int | None = None
    sender: Person | None = None
    numbers: tuple[int, ...] = ()
    head: str = ""
    base_ref: str = ""
    before: str = ""
    label: str = ""
    base_changed: bool = False
    review_state: str = ""
    review_commit: str = ""
    app: int | None = None
    check_name: str = ""
    external_id: str = ""
    requested_action: str = ""
    repositories: tuple[str, ...] = ()
    repositories_removed: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        """The one pull request it is about, or None where there is none or several."""
        return self.numbers[0] if len(self.numbers) == 1 else None


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> Event:
    """Takes a webhook request for what it is.

    Args:
        headers: of the request; names in any case.
        body: the raw bytes, before anything decoded them.
        secrets: the webhook's secrets, several while one is being replaced.

    Raises:
        BadSignature: not from GitHub. Looked at before anything else.
        Malformed: signed, but not as GitHub writes it; its reason can be told to the sender.
        UnknownEvent: signed and well formed, and nothing to us.
        NoSecret: there is no secret to check with.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    check_signature(lower.get("x-hub-signature-256"), body, secrets)
    if len(body) > LARGEST:
        raise Malformed("the body is larger than GitHub sends")
    if not _JSON.fullmatch(lower.get("content-type", "").strip()):
        raise Malformed("the content type must be application/json: set it so in the webhook's settings")
    name, delivery = lower.get("x-github-event", ""), lower.get("x-github-delivery", "")
    if not _EVENT.fullmatch(name):
        raise Malformed("the header X-GitHub-Event is missing or not a plain name")
    if not _GUID.fullmatch(delivery):
        raise Malformed("the header X-GitHub-Delivery is missing or no GUID")
    return event_from(name, delivery.lower(), read_object(body))


def event_from(name: str, delivery: str, payload: Mapping[str, Any]) -> Event:
    """The event that a payload describes: for deliveries already verified, or asked of GitHub itself.

    Raises:
        Malformed: a value is missing, of the wrong type or out of bounds.
        UnknownEvent: it is not one we handle.
    """
    action = payload.get("action", "")
    if name not in HANDLED:
        raise UnknownEvent(name)
    if not isinstance(action, str) or not _ACTION.fullmatch(action):
        raise Malformed("the action is not a plain word")
    if action not in HANDLED[name]:
        raise UnknownEvent(name, action)
    try:
        read = Payload.model_validate(payload)
    except ValidationError as error:
        raise Malformed(f"in {name}, {_where(error)} is not as GitHub writes it") from None
    if missing := [field for field in REQUIRED[name] if not getattr(read, field)]:
        raise Malformed(f"{name} has no {missing[0]}")
    return _event(name, delivery, read)


def _event(name: str, delivery: str, payload: Payload) -> Event:
    pull, review, group = payload.pull_request, payload.review, payload.merge_group
    check: CheckRun | CheckSuite | None = payload.check_run if name == "check_run" else payload.check_suite
    repository = payload.repository
    return Event(
        delivery=delivery,
        name=name,
        action=payload.action,
        installation=payload.installation.id if payload.installation else None,
        repository=repository.full_name if repository else "",
        repository_id=repository.id if repository else None,
        sender=Person(payload.sender.login, payload.sender.type, payload.sender.id) if payload.sender else None,
        numbers=(pull.number,) if pull else _listed(check, repository.id if repository else 0),
        head=_head(payload, check),
        base_ref=pull.base.ref if pull else _branch(group.base_ref if group else payload.ref),
        before=payload.before or "",
        label=payload.label.name if payload.label else "",
        base_changed="base" in payload.changes,
        review_state=review.state.upper() if review else "",
        review_commit=(review.commit_id or "") if review else "",
        app=check.app.id if check and check.app else None,
        check_name=payload.check_run.name if payload.check_run else "",
        external_id=(payload.check_run.external_id or "") if payload.check_run else "",
        requested_action=payload.requested_action.identifier if payload.requested_action else "",
        repositories=tuple(item.full_name for item in payload.repositories or payload.repositories_added),
        repositories_removed=tuple(item.full_name for item in payload.repositories_removed),
    )


def _head(payload: Payload, check: CheckRun | CheckSuite | None) -> str:
    if payload.pull_request:
        return payload.pull_request.head.sha
    if check:
        return check.head_sha
    if payload.merge_group:
        return payload.merge_group.head_sha
    return payload.after or ""


def _listed(check: CheckRun | CheckSuite | None, repository: int) -> tuple[int, ...]:
    listed: tuple[ListedPull, ...] = check.pull_requests if check else ()
    return tuple(dict.fromkeys(pull.number for pull in listed if pull.base.repo.id == repository))


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def _where(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors()[0]["loc"]) or "the payload"
