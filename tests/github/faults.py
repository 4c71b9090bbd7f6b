"""Faults on demand: the next requests to some path fail in the way asked for."""

import json
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, request

KINDS = ("answer", "reset", "lost", "hang", "garbage")


@dataclass
class Fault:
    """What goes wrong. `path` and `method` say for which requests, `times` how often.

    `kind` is "answer" (with that status, headers and message, nothing is done), "reset" (the connection breaks, nothing
    is done), "lost" (it is done, then the connection breaks before the answer), "hang" (no answer until
    `Faults.release`, or for 30 s), "garbage" (it is done, and the answer is cut in the middle).
    """

    kind: str = "answer"
    path: str = ".*"
    method: str = ""
    times: int = 1
    status: int = 500
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)
    seen: int = 0


class Faults:
    """The faults that are waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._released = threading.Event()

    def add(self, fault: Fault) -> Fault:
        """Has a fault wait for its requests. Its `seen` counts those that it met."""
        if fault.kind not in KINDS:
            raise ValueError(f"no fault is called {fault.kind!r}; there are {', '.join(KINDS)}")
        re.compile(fault.path)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Takes all faults away."""
        with self._lock:
            self._waiting.clear()

    def release(self) -> None:
        """Lets hanging requests go on, to a broken connection."""
        self._released.set()

    def before(self) -> Response | None:
        """Meets a request before it is done."""
        fault = self._next()
        g.fault = fault
        if fault is None or fault.kind in {"lost", "garbage"}:
            return None
        if fault.kind == "answer":
            body = json.dumps({"message": fault.message, "documentation_url": "https://docs.github.com/rest"})
            return Response(body, fault.status, fault.headers, mimetype="application/json")
        if fault.kind == "hang":
            self._released.wait(timeout=30)
        return _broken()

    def after(self, response: Response) -> Response:
        """Meets an answer before it goes out."""
        fault: Fault | None = g.get("fault")
        if fault is not None and fault.kind == "lost":
            return _broken()
        if fault is not None and fault.kind == "garbage":
            return Response(response.get_data()[:-10] + b"<html>", response.status_code, mimetype="application/json")
        return response

    def _next(self) -> Fault | None:
        if request.path.startswith("/_control"):
            return None
        with self._lock:
            for fault in self._waiting:
                if fault.method in {"", request.method} and re.search(fault.path, request.path):
                    fault.seen += 1
                    if fault.seen == fault.times:
                        self._waiting.remove(fault)
                    return fault
        return None


def _broken() -> Response:
    connection: Any = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response("", 500)
