"""Signed webhooks: queued, sent in order by one thread, and kept in the App's delivery log."""

import json
import queue
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

from app.github.signature import sign
from tests.github.render import Renderer
from tests.github.render_accounts import Json
from tests.github.world import Delivery, Pull, Repository, User, World, now


class Hooks:
    """Sends what happened to the App's webhook address. `observers` are told each event and payload before."""

    def __init__(self, world: World, renderer: Renderer) -> None:
        self._world = world
        self._render = renderer
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._waiting = 0
        self.observers: list[Callable[[str, Json], None]] = []
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops sending; what is queued is sent first."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def settle(self, timeout: float = 30) -> bool:
        """Waits until everything queued was sent; False where that took too long."""
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting == 0, timeout)

    def emit(self, event: str, payload: Json, repository: Repository | None = None, *, sender: User) -> Delivery:
        """Queues an event about a repository."""
        installation = self._world.installation_for(repository) if repository else None
        if repository:
            payload = payload | {"repository": self._render.repository(repository, push=event == "push")}
        if installation:
            payload = payload | {"installation": {"id": installation.id, "node_id": f"installation-{installation.id}"}}
        payload = payload | {"sender": self._render.user(sender)}
        known = installation.id if installation else payload.get("installation", {}).get("id")
        delivery = Delivery(
            self._world.id(), str(uuid.uuid4()), event, payload, known, repository.id if repository else None
        )
        for observer in self.observers:
            observer(event, payload)
        self._put(delivery)
        return delivery

    def pull_request(self, action: str, repository: Repository, pull: Pull, sender: User, **more: Any) -> Delivery:
        """Queues a pull_request event."""
        body = {
            "action": action,
            "number": pull.number,
            "pull_request": self._render.pull(repository, pull, webhook=True),
        }
        return self.emit("pull_request", body | more, repository, sender=sender)

    def again(self, delivery: Delivery) -> Delivery:
        """Queues a delivery anew: same GUID, new number."""
        copy = Delivery(
            self._world.id(),
            delivery.guid,
            delivery.event,
            delivery.payload,
            delivery.installation,
            delivery.repository,
            redelivery=True,
        )
        self._put(copy)
        return copy

    def _put(self, delivery: Delivery) -> None:
        with self._idle:
            self._waiting += 1
        self._queue.put(delivery)

    def _work(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while (delivery := self._queue.get()) is not None:
            self._send(session, delivery)
            with self._world.lock:
                self._world.deliveries.append(delivery)
            with self._idle:
                self._waiting -= 1
                self._idle.notify_all()
        session.close()

    def _send(self, session: requests.Session, delivery: Delivery) -> None:
        app = self._world.app
        body = json.dumps(delivery.payload).encode()
        delivery.at = now()
        delivery.headers = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0000000",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": sign(body, app.secret),
        }
        started = time.monotonic()
        try:
            if not app.hook_url:
                raise requests.ConnectionError("the App has no webhook address")
            answer = session.post(app.hook_url, data=body, headers=delivery.headers, timeout=10, allow_redirects=False)
            delivery.status, delivery.answer = answer.status_code, answer.text[:1000]
        except requests.Timeout:
            delivery.status, delivery.answer = 504, "timed out"
        except requests.RequestException as error:
            delivery.status, delivery.answer = 502, f"failed to connect to host: {type(error).__name__}"
        delivery.duration = time.monotonic() - started
