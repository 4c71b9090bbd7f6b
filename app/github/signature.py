"""Whether a webhook's bytes came from GitHub: an HMAC over the raw body with a secret that only we two know. Pure."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from app.github.errors import BadSignature, GitHubError

_HEADER = re.compile(r"sha256=([0-9a-f]{64})")
_SHORTEST = 16


class NoSecret(GitHubError):  # noqa: N818 - a state of the settings
    """There is no webhook secret, or one too short to be one: the server must not start."""


def usable_secrets(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """The secrets as bytes; several while one is being replaced.

    Raises:
        NoSecret: there is none, or one is shorter than 16 bytes.
    """
    keys = tuple(secret.encode() for secret in secrets)
    if not keys:
        raise NoSecret("there is no webhook secret: set MERGELOCK_WEBHOOK_SECRETS to the one in the App's settings")
    if any(len(key) < _SHORTEST for key in keys):
        raise NoSecret("a webhook secret has fewer than 16 bytes: make one with `openssl rand -hex 32`")
    return keys


def check_signature(header: str | None, body: bytes, secrets: Iterable[str]) -> None:
    """Holds a body against its `X-Hub-Signature-256`.

    Each secret is tried, whichever fits, so that the time taken says nothing of which did.

    Raises:
        BadSignature: no secret fits, or the header is not as GitHub writes it.
        NoSecret: there is no secret to check with.
    """
    keys = usable_secrets(secrets)
    given = _HEADER.fullmatch(header or "")
    if not given:
        raise BadSignature("the header X-Hub-Signature-256 is missing or not as GitHub writes it")
    fits = [hmac.compare_digest(hmac.new(key, body, hashlib.sha256).hexdigest(), given[1]) for key in keys]
    if not any(fits):
        raise BadSignature("the body was not signed with a webhook secret of ours")


def sign(body: bytes, secret: str) -> str:
    """The header's value for a body, as GitHub makes it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
