"""For machines: whether the process lives, whether it can do its work, and metrics."""

import hmac
import ipaddress

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import SecretStr

from app.store import Store, schema, workers
from app.telemetry.metrics import exposition

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def blueprint(store: Store, metrics_token: SecretStr | None) -> Blueprint:
    """/healthz, /readyz and /metrics."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @routes.get("/readyz")
    def readyz() -> Response:
        problems = _problems(store)
        answer = jsonify({"ready": not problems, "problems": problems})
        answer.status_code = 503 if problems else 200
        return answer

    @routes.get("/metrics")
    def metrics() -> Response:
        if not _may_read(metrics_token):
            return Response(
                "Metrics are for this machine, or for who sends the token of MERGELOCK_METRICS_TOKEN as a bearer.\n",
                403,
                mimetype="text/plain",
            )
        return Response(exposition(store), content_type=CONTENT_TYPE_LATEST)

    return routes


def _problems(store: Store) -> list[str]:
    """What keeps deliveries from being judged, in words that give nothing away to a stranger."""
    try:
        if not schema.current(store.engine):
            return ["the database's tables are not of this version: start the server again to migrate them"]
        with store.reading() as connection:
            alive = workers.alive(connection)
    except sa.exc.SQLAlchemyError:
        return ["the database does not answer"]
    return [] if alive else ["no worker has been heard of lately: start `mergelock worker`"]


def _may_read(token: SecretStr | None) -> bool:
    if token is not None:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
    # Behind a proxy on this machine everyone would look like this machine.
    if any(name in request.headers for name in FORWARDED):
        return False
    return ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - compared, not bound
