"""Who we are to GitHub: the App by its private key, an installation by a token that lives an hour."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.github.errors import CredentialsRefused, UnexpectedAnswer
from app.github.faults import server_time

_BACKDATED = timedelta(seconds=60)  # GitHub's own advice against clocks that run apart
_LIFETIME = timedelta(minutes=8)  # with the backdating under the ten minutes that it allows
_EARLY = timedelta(minutes=5)  # a token is renewed before a long step would outlive it
_PAST = datetime(2000, 1, 1, tzinfo=UTC)
_DRIFT = timedelta(seconds=30)


def _now() -> datetime:
    return datetime.now(UTC)


class AppIdentity:
    """The App: a token signed with its key, made anew every few minutes. Learns GitHub's clock when ours is off."""

    def __init__(self, app_id: str, private_key: str, *, now: Callable[[], datetime] = _now) -> None:
        """Reads the key.

        Args:
            app_id: the App's number (or client id).
            private_key: its key, PEM.
            now: the clock.

        Raises:
            CredentialsRefused: the key cannot be read, or is no RSA key.
        """
        try:
            key = load_pem_private_key(private_key.encode(), password=None)
        except (ValueError, TypeError) as error:
            raise CredentialsRefused(
                "the App's private key cannot be read: it must be a PEM file as GitHub gave it"
            ) from error
        if not isinstance(key, RSAPrivateKey):
            raise CredentialsRefused("the App's private key is no RSA key: use the PEM file as GitHub gave it")
        self._app_id = app_id
        self._private_key = key
        self._now = now
        self._skew = timedelta(0)
        self._token = ""
        self._until = _PAST
        self._lock = threading.Lock()

    @property
    def key(self) -> str:
        """Tells identities apart in the cache."""
        return f"app:{self._app_id}"

    def authorization(self) -> str:
        """The Authorization header's value."""
        with self._lock:
            now = self._now() + self._skew
            if now >= self._until - timedelta(minutes=1):
                self._until = now + _LIFETIME
                claims = {"iat": now - _BACKDATED, "exp": self._until, "iss": self._app_id}
                self._token = jwt.encode(claims, self._private_key, algorithm="RS256")
            return f"Bearer {self._token}"

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Takes over GitHub's clock; trying again helps only if ours was off by more than it allows for."""
        theirs = server_time(headers)
        if theirs is None:
            return False
        with self._lock:
            skew = theirs - self._now()
            moved = abs(skew - self._skew) > _DRIFT
            if moved:
                self._skew = skew
                self._until = _PAST
            return moved


class InstallationIdentity:
    """An installation: a token asked for in the App's name, kept until shortly before it ends."""

    def __init__(
        self, installation: int, request_token: Callable[[], Any], *, now: Callable[[], datetime] = _now
    ) -> None:
        """Keeps how to ask.

        Args:
            installation: its number.
            request_token: asks GitHub for a token and gives its answer's data.
            now: the clock.
        """
        self._installation = installation
        self._request_token = request_token
        self._now = now
        self._token = ""
        self._until = _PAST
        self._lock = threading.Lock()

    @property
    def key(self) -> str:
        """Tells identities apart in the cache."""
        return f"installation:{self._installation}"

    def authorization(self) -> str:
        """The Authorization header's value. Threads that come together share one new token."""
        with self._lock:
            if self._now() >= self._until - _EARLY:
                self._token, self._until = read_token(self._request_token())
            return f"token {self._token}"

    def refused(self, headers: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's; an expired token says no more
        """Forgets the token; one new one is worth a try."""
        with self._lock:
            had = bool(self._token)
            self._token, self._until = "", _PAST
            return had


def read_token(data: Any) -> tuple[str, datetime]:
    """Token and end from GitHub's answer.

    Raises:
        UnexpectedAnswer: it holds neither.
    """
    try:
        token, until = data["token"], datetime.fromisoformat(data["expires_at"])
    except (KeyError, TypeError, ValueError):
        raise UnexpectedAnswer("GitHub's answer holds no token", request="POST access_tokens") from None
    if not isinstance(token, str) or not token or until.tzinfo is None:
        raise UnexpectedAnswer("GitHub's answer holds no token", request="POST access_tokens")
    return token, until
