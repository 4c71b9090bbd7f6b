"""One HTTP exchange with GitHub's API, and lists over several pages. PyGithub's `Requester` carries them.

Only its plain exchange is used: it neither retries nor waits here, since a run's steps do that where it can be seen and
called off.
"""

import json
import logging
import threading
import urllib.parse
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus as Http
from typing import Any, Protocol

import requests
from github.Requester import Requester

from app.github.errors import TooLarge, Transient, UnexpectedAnswer
from app.github.faults import fault

# At DEBUG it writes whole answers, and one of them is an installation's token.
logging.getLogger("github.Requester").setLevel(logging.INFO)

_REMEMBERED = 512
_PER_PAGE = 100
_API_VERSION = "2022-11-28"


class Identity(Protocol):
    """Who is asking: the App itself, or an installation of it."""

    @property
    def key(self) -> str:
        """Tells identities apart in the cache; no secret."""
        ...

    def authorization(self) -> str:
        """The value of the Authorization header, made or renewed where needed."""
        ...

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Tells it that GitHub answered 401, with the answer's headers; says whether trying once more can help."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: below 400. `headers` have lower-case names; `data` is parsed JSON, None for an empty body."""

    status: int
    headers: Mapping[str, str]
    data: Any


class Transport:
    """Exchanges with one GitHub. Safe to use from several threads."""

    def __init__(self, api_url: str, *, timeout: int = 15, user_agent: str = "mergelock", pool: int = 8) -> None:
        """Prepares; connects to nothing yet.

        Args:
            api_url: where the API is, with its path where it has one.
            timeout: seconds for connecting and between two reads.
            user_agent: how we call ourselves.
            pool: connections kept open.
        """
        self._requester = Requester(
            auth=None,
            base_url=api_url,
            timeout=timeout,
            user_agent=user_agent,
            per_page=_PER_PAGE,
            verify=True,
            retry=0,
            pool_size=pool,
            api_version=_API_VERSION,
        )
        self._known: OrderedDict[tuple[str, str], tuple[str, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes what is open."""
        self._requester.close()

    def call(
        self,
        identity: Identity,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> Answer:
        """Sends one request; with a remembered ETag where there is one, which costs nothing of the rate limit.

        Raises:
            GitHubError: one of its kinds, for anything but an answer below 400.
        """
        request = f"{method} {path}"
        url = path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        known = self._recall(identity, url) if method == "GET" else None
        status, headers, text = self._exchange(identity, method, url, body, known[0] if known else "", request)
        if status == Http.UNAUTHORIZED and identity.refused(headers):
            status, headers, text = self._exchange(identity, method, url, body, known[0] if known else "", request)
        if status == Http.NOT_MODIFIED and known:
            return known[1]
        data = _parse(text, status, request)
        if status >= Http.BAD_REQUEST:
            token_call = path.endswith("/access_tokens")
            raise fault(status, headers, data, request=request, now=datetime.now(UTC), token_call=token_call)
        if status >= Http.MULTIPLE_CHOICES:
            raise UnexpectedAnswer(
                f"GitHub answered {status}, a redirect we do not follow", status=status, request=request
            )
        answer = Answer(status, headers, data)
        if method == "GET" and (etag := headers.get("etag")):
            self._remember(identity, url, etag, answer)
        return answer

    def pages(
        self,
        identity: Identity,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        key: str = "",
        limit: int = 10,
    ) -> Iterator[Any]:
        """The items of a list over its pages, 100 at a time.

        Args:
            identity: who asks.
            path: of the list.
            query: besides `per_page`.
            key: where the list is inside of the answer; "" where the answer is the list.
            limit: pages to read at most.

        Raises:
            TooLarge: there are more pages. The items until then were given.
        """
        now: Mapping[str, str | int] | None = {"per_page": _PER_PAGE, **(query or {})}
        for _ in range(limit):
            answer = self.call(identity, "GET", path, query=now)
            items = answer.data.get(key) if key and isinstance(answer.data, dict) else answer.data
            if not isinstance(items, list):
                raise UnexpectedAnswer("GitHub's answer holds no list where it must", request=f"GET {path}")
            yield from items
            now = _next_query(answer.headers.get("link", ""))
            if now is None:
                return
        raise TooLarge(f"more than {limit * _PER_PAGE} entries, we read no further", request=f"GET {path}")

    def _exchange(
        self, identity: Identity, method: str, url: str, body: Any, etag: str, request: str
    ) -> tuple[int, Mapping[str, str], str]:
        headers = {"Accept": "application/vnd.github+json", "Authorization": identity.authorization()}
        if etag:
            headers["If-None-Match"] = etag
        try:
            return self._requester.requestJson(method, url, headers=headers, input=body)
        except requests.exceptions.Timeout as error:
            raise Transient("GitHub did not answer in time, try again", request=request) from error
        except requests.exceptions.RequestException as error:
            raise Transient(
                f"GitHub could not be reached ({type(error).__name__}), try again", request=request
            ) from error
        except RuntimeError as error:  # the Requester's word for a redirect to somewhere else
            raise UnexpectedAnswer(
                "GitHub redirected to another host; check the API's address", request=request
            ) from error

    def _recall(self, identity: Identity, url: str) -> tuple[str, Answer] | None:
        with self._lock:
            known = self._known.get((identity.key, url))
            if known:
                self._known.move_to_end((identity.key, url))
            return known

    def _remember(self, identity: Identity, url: str, etag: str, answer: Answer) -> None:
        with self._lock:
            self._known[identity.key, url] = (etag, answer)
            self._known.move_to_end((identity.key, url))
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


class Calls:
    """Exchanges in one identity's name: the base of what the App and its installations can do."""

    def __init__(self, transport: Transport, identity: Identity) -> None:
        self._transport = transport
        self._identity = identity

    def _get(self, path: str, **query: str | int) -> Any:
        return self._transport.call(self._identity, "GET", path, query=query).data

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        return self._transport.call(self._identity, method, path, body=body).data

    def _list(self, path: str, *, key: str = "", limit: int = 10, **query: str | int) -> Iterator[Any]:
        return self._transport.pages(self._identity, path, key=key, limit=limit, query=query)


def route(template: str, *values: str | int) -> str:
    """A path with each `{}` filled by a value, quoted whole: no value can add a step or a query to the path.

    Raises:
        ValueError: a value is empty, "." or "..", which would lead to another path however it is quoted.
    """
    if wrong := {"", ".", ".."}.intersection(map(str, values)):
        raise ValueError(f"{wrong.pop()!r} can be no part of a path")
    return template.format(*(urllib.parse.quote(str(value), safe="") for value in values))


def repository_path(repository: str) -> str:
    """`/repos/owner/name` for a repository's full name.

    Raises:
        ValueError: it is no full name.
    """
    owner, slash, name = repository.partition("/")
    if not slash or "/" in name:
        raise ValueError(f"{repository!r} is no repository's full name, owner/name")
    return route("/repos/{}/{}", owner, name)


def _parse(text: str, status: int, request: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if status >= Http.BAD_REQUEST:
            return None
        # A proxy's page, or an answer cut short: what it would have said is unknown, so it is asked for again.
        raise Transient("GitHub's answer is no JSON, try again", status=status, request=request) from error


def _next_query(link: str) -> dict[str, str | int] | None:
    for part in requests.utils.parse_header_links(link):
        if part.get("rel") == "next":
            query = urllib.parse.urlsplit(part.get("url", "")).query
            return dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    return None
