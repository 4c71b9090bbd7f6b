"""GitHub's error answers turned into our errors by kind. Pure: no I/O, no clock."""

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus as Http
from typing import Any

from app.github.errors import CredentialsRefused, Forbidden, GitHubError, Gone, RateLimited, Refused, Transient

_SECONDARY_WAIT = 60.0  # what GitHub's guide asks for where an answer names no time
_LONGEST_WAIT = 2 * 3600.0
_TEXT = 500
_PROBLEMS = 20
_GONE = frozenset({Http.NOT_FOUND, Http.GONE, Http.UNAVAILABLE_FOR_LEGAL_REASONS})
_LIMITED = frozenset({Http.FORBIDDEN, Http.TOO_MANY_REQUESTS})
_DIGITS = re.compile(r"[0-9]{1,12}")


def fault(
    status: int, headers: Mapping[str, str], data: object, *, request: str, now: datetime, token_call: bool = False
) -> GitHubError:
    """Says what an answer of 400 and above means for us.

    Args:
        status: the HTTP status.
        headers: the answer's headers, names in lower case.
        data: the parsed body, or None.
        request: "GET /path", for the error's text.
        now: this machine's time; GitHub's own `date` header goes before it.
        token_call: whether an installation token was being asked for: there a 403 means suspended.
    """
    message = _message(data)
    if status in _LIMITED and (limited := _limit(status, headers, message, request=request, now=now)):
        return limited
    if status >= Http.INTERNAL_SERVER_ERROR or status == Http.REQUEST_TIMEOUT:
        return Transient(
            f"GitHub answered {status}, try again",
            retry_after=_retry_after(headers, now),
            status=status,
            request=request,
        )
    if status == Http.UNAUTHORIZED:
        return CredentialsRefused(
            f"GitHub does not take our credentials: {message or 'no reason given'}; "
            "check the App's id, its private key and this machine's clock",
            status=status,
            request=request,
        )
    if status in _GONE or (status == Http.FORBIDDEN and ("suspended" in message.lower() or token_call)):
        return Gone(f"not there, or not for us: {message or status}", status=status, request=request)
    if status == Http.FORBIDDEN:
        return _forbidden(headers.get("x-accepted-github-permissions", "")[:_TEXT], message, request)
    return Refused(f"GitHub refused it: {message or status}", problems=_problems(data), status=status, request=request)


def _forbidden(needs: str, message: str, request: str) -> Forbidden:
    grant = f"; grant the App {needs}" if needs else ""
    text = f"the installation may not do this: {message or 'no reason given'}{grant}"
    return Forbidden(text, needs=needs, request=request)


def _limit(status: int, headers: Mapping[str, str], message: str, *, request: str, now: datetime) -> RateLimited | None:
    text = message.lower()
    wait = _retry_after(headers, now)
    if wait is None and headers.get("x-ratelimit-remaining") == "0":
        wait = _until_reset(headers, now)
        return RateLimited(
            "the hourly rate limit is used up", retry_after=wait, secondary=False, status=status, request=request
        )
    if (
        wait is not None
        or "secondary rate limit" in text
        or "abuse detection" in text
        or status == Http.TOO_MANY_REQUESTS
    ):
        return RateLimited(
            "GitHub asks for fewer requests at once",
            retry_after=_SECONDARY_WAIT if wait is None else wait,
            secondary=True,
            status=status,
            request=request,
        )
    if "rate limit exceeded" in text:
        wait = _until_reset(headers, now)
        return RateLimited(
            "the rate limit is used up", retry_after=wait, secondary=False, status=status, request=request
        )
    return None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The time by GitHub's clock, from an answer's headers, or None."""
    return _http_date(headers.get("date", ""))


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    value = headers.get("retry-after", "").strip()
    if _DIGITS.fullmatch(value):
        return _clamp(float(value))
    if (at := _http_date(value)) is not None:
        return _clamp((at - (server_time(headers) or now)).total_seconds())
    return None


def _until_reset(headers: Mapping[str, str], now: datetime) -> float:
    value = headers.get("x-ratelimit-reset", "")
    if not _DIGITS.fullmatch(value):
        return _SECONDARY_WAIT
    return _clamp(float(value) - (server_time(headers) or now).timestamp() + 1)


def _clamp(seconds: float) -> float:
    return min(max(seconds, 1.0), _LONGEST_WAIT)


def _http_date(value: str) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _message(data: object) -> str:
    if not isinstance(data, dict):
        return ""
    message = data.get("message")
    return message[:_TEXT] if isinstance(message, str) else ""


def _problems(data: object) -> tuple[str, ...]:
    errors: Any = data.get("errors") if isinstance(data, dict) else None
    if not isinstance(errors, list):
        return ()
    return tuple(_problem(error) for error in errors[:_PROBLEMS])


def _problem(error: object) -> str:
    if isinstance(error, dict):
        parts = (str(error[key]) for key in ("resource", "field", "code", "message") if error.get(key))
        return " ".join(parts)[:_TEXT]
    return str(error)[:_TEXT]
