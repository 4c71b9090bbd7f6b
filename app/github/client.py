"""The App and its installations: the one way to GitHub's API for the rest of the project."""

import threading
from datetime import datetime

from app.github.errors import Gone
from app.github.identity import AppIdentity, InstallationIdentity, read_token
from app.github.marks import MarkCalls
from app.github.pulls import PullCalls
from app.github.rules import RuleCalls
from app.github.transport import Calls, Transport, route
from app.github.types import Account, AppInfo, Delivery, DeliveryDetail
from app.github.wire_app import WireDelivery, WireDeliveryDetail, WireInstallation
from app.github.wire_base import WireApp, read, read_all

PERMISSIONS = {
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
"""What an installation must grant: check runs; code and policy; labels and comments on pull requests (GitHub holds both
under issues as well); names and permissions of who did what."""

EVENTS = (
    "check_run",
    "check_suite",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
)
"""What the App subscribes to; installation events come by themselves."""


class Installation(PullCalls, MarkCalls, RuleCalls):
    """All that we do in an installation's name. Safe to use from several threads.

    Every call raises `GitHubError`'s kinds: `Transient` (and `RateLimited`) to be tried again after `retry_after`, the
    others not.
    """

    def __init__(self, app: "App", number: int) -> None:
        self._number = number
        self._of = app
        super().__init__(app.transport, InstallationIdentity(number, lambda: app.request_token(number)), app.info)

    @property
    def number(self) -> int:
        """GitHub's number for the installation."""
        return self._number

    def clone_token(self, repository: str) -> str:
        """A token that reads this repository's content and can do nothing else; it lives for an hour at most.

        It is a secret: hand it to git by its environment, never in a URL or an argument.
        """
        name = repository.partition("/")[2]
        data = self._of.request_token(self._number, repositories=(name,), permissions={"contents": "read"})
        return read_token(data)[0]


class App(Calls):
    """The App, by its private key. One for a process; safe to use from several threads."""

    def __init__(self, api_url: str, app_id: int | str, private_key: str, *, timeout: int = 15) -> None:
        """Reads the key; connects to nothing yet.

        Args:
            api_url: where GitHub's API is.
            app_id: the App's number or client id.
            private_key: its key, PEM.
            timeout: seconds for connecting and between two reads.

        Raises:
            CredentialsRefused: the key cannot be read.
        """
        self.transport = Transport(api_url, timeout=timeout)
        super().__init__(self.transport, AppIdentity(str(app_id), private_key))
        self._installations: dict[int, Installation] = {}
        self._info: AppInfo | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the connections."""
        self.transport.close()

    def info(self) -> AppInfo:
        """The App as GitHub knows it; asked once and kept."""
        if self._info is None:
            self._info = read(WireApp, self._get("/app")).value()
        return self._info

    def installation(self, number: int) -> Installation:
        """Acts as that installation; the same object each time, so that its token is shared."""
        with self._lock:
            if number not in self._installations:
                self._installations[number] = Installation(self, number)
            return self._installations[number]

    def installations(self) -> tuple[Account, ...]:
        """Where the App is installed."""
        return read_all(WireInstallation, self._list("/app/installations", limit=100), lambda item: item.value())

    def installation_of(self, repository: str) -> int | None:
        """The number of the installation that covers a repository, or None."""
        owner, _, name = repository.partition("/")
        try:
            return read(WireInstallation, self._get(route("/repos/{}/{}/installation", owner, name))).id
        except Gone:
            return None

    def request_token(
        self, number: int, *, repositories: tuple[str, ...] = (), permissions: dict[str, str] | None = None
    ) -> object:
        """Asks for an installation's token; `Gone` after an uninstall or while it is suspended."""
        body: dict[str, object] = {}
        if repositories:
            body["repositories"] = list(repositories)
        if permissions:
            body["permissions"] = permissions
        return self._send("POST", route("/app/installations/{}/access_tokens", number), body or None)

    def deliveries(self, since: datetime, *, limit: int = 2000) -> tuple[Delivery, ...]:
        """The App's delivery log back to `since`, newest first, `limit` entries at most (GitHub keeps three days)."""
        found: list[Delivery] = []
        for item in self._list("/app/hook/deliveries", limit=-(-limit // 100) + 1):
            delivery = read(WireDelivery, item).value()
            if delivery.at < since or len(found) >= limit:
                break
            found.append(delivery)
        return tuple(found)

    def delivery(self, number: int) -> DeliveryDetail:
        """One delivery with what was sent."""
        return read(WireDeliveryDetail, self._get(route("/app/hook/deliveries/{}", number))).detail()

    def redeliver(self, number: int) -> None:
        """Asks GitHub to send a delivery again."""
        self._send("POST", route("/app/hook/deliveries/{}/attempts", number))
