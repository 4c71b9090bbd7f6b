"""Webhooks in: checked, stored and their work enqueued in one transaction before the answer."""

import time
from collections.abc import Mapping
from typing import Protocol

import sqlalchemy as sa
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from app.github.errors import BadSignature, UnknownEvent, WebhookRefused
from app.github.events import HANDLED, LARGEST, Event, verify
from app.store.deliveries import NewDelivery
from app.telemetry.logs import logger
from app.telemetry.metrics import DELIVERIES, INTAKE_SECONDS

log = logger(__name__)


class Intake(Protocol):
    """Takes in what was verified."""

    def accept(self, new: NewDelivery) -> int | None:
        """Store it and enqueue its work, both or neither; its id, or None when that delivery is here already."""
        ...


def blueprint(intake: Intake, secrets: tuple[str, ...]) -> Blueprint:
    """The route that GitHub posts to."""
    routes = Blueprint("intake", __name__)

    @routes.post("/webhooks/github")
    def webhook() -> Response:
        began = time.perf_counter()
        answer, status, text = _answer(intake, secrets)
        # The event's name is the sender's word until the signature held: only names we know become a label.
        named = request.headers.get("X-GitHub-Event", "")
        DELIVERIES.labels(named if named in HANDLED else "other", answer).inc()
        INTAKE_SECONDS.observe(time.perf_counter() - began)
        return Response(text + "\n" if text else "", status, mimetype="text/plain")

    return routes


def _answer(intake: Intake, secrets: tuple[str, ...]) -> tuple[str, int, str]:
    """A short name for the answer, its status and its text. Nothing of a refused body is stored or logged."""
    headers = dict(request.headers)
    try:
        body = _body()
        event = verify(headers, body, secrets)
    except (RequestEntityTooLarge, ClientDisconnected, WebhookRefused) as fault:
        return _refusal(fault)
    try:
        new = intake.accept(_delivery(event, headers, body)) is not None
    except sa.exc.SQLAlchemyError as fault:
        # Not stored, so not accepted: GitHub's log keeps it, and reconciliation asks for it again. A traceback would
        # show the statement with the payload in it.
        reason = str(fault.orig)[:300] if isinstance(fault, sa.exc.OperationalError) else ""
        log.error("webhook not stored", delivery=event.delivery, fault=type(fault).__name__, reason=reason)  # noqa: TRY400
        return "not-stored", 503, "The database did not answer: deliver it again."
    log.info("webhook", delivery=event.delivery, event_name=event.name, action=event.action, new=new)
    return ("accepted", 202, "Accepted.") if new else ("repeated", 202, "Accepted: already have it.")


def _delivery(event: Event, headers: Mapping[str, str], body: bytes) -> NewDelivery:
    return NewDelivery(
        guid=event.delivery,
        event=event.name,
        action=event.action,
        repository=event.repository,
        number=event.number,
        installation=event.installation,
        headers=headers,
        payload=body,
    )


def _refusal(fault: Exception) -> tuple[str, int, str]:
    match fault:
        case RequestEntityTooLarge():
            return "too-large", 413, f"A webhook's body has at most {LARGEST} bytes."
        case BadSignature():
            log.warning("webhook refused", reason=str(fault), sender=request.remote_addr)
            return "bad-signature", 401, str(fault)
        case UnknownEvent():
            return "unknown", 204, ""
        case ClientDisconnected():
            return "cut-off", 400, "The body ended early."
        case _:
            log.warning("webhook malformed", reason=str(fault))
            return "malformed", 400, str(fault)


def _body() -> bytes:
    """The raw body. Its stated length is looked at before a byte is read; one without (chunked) is cut off."""
    stated = request.content_length is not None
    request.max_content_length = LARGEST if stated else LARGEST + 1
    body = request.get_data(cache=False)
    if len(body) > LARGEST:
        raise RequestEntityTooLarge
    return body
