"""Check runs sent so that sending again changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from app.github.payload import check_payload
from app.github.transport import Calls, Identity, Transport, repository_path, route
from app.github.types import AppInfo, CheckRun, CheckRunLike
from app.github.wire import WireAnnotation, WireCheckRun
from app.github.wire_base import read, read_all

_BATCH = 50  # annotations that GitHub takes in one request


class CheckCalls(Calls):
    """Posting and finding check runs. Only this App's are ever looked at or changed."""

    def __init__(self, transport: Transport, identity: Identity, app: Callable[[], AppInfo]) -> None:
        super().__init__(transport, identity)
        self._app = app

    def check_runs(self, repository: str, head: str, name: str) -> tuple[CheckRun, ...]:
        """This App's check runs of that name on that commit, oldest first."""
        app = self._app().id
        path = repository_path(repository) + route("/commits/{}/check-runs", head)
        items = self._list(path, key="check_runs", check_name=name, app_id=app, filter="all")
        runs = (read(WireCheckRun, item) for item in items)
        mine = (run.value() for run in runs if run.app is not None and run.app.id == app and run.name == name)
        return tuple(sorted(mine, key=lambda run: run.id))

    def publish(self, repository: str, post: CheckRunLike) -> int:
        """Posts a check run, or brings the one with its external id to that state. Safe to repeat.

        GitHub counts the newest check run of a name on a commit. So one that is not the newest any more (another pull
        request has the same head), and a completed one that goes to work again, are posted as new ones.

        Returns:
            GitHub's number for it.

        Raises:
            PayloadRefused: see `check_payload`.
        """
        payload = check_payload(post)
        found = self.check_runs(repository, post.head_sha, post.name)
        known = found[-1] if found and found[-1].external_id == post.external_id else None
        path = repository_path(repository) + "/check-runs"
        if known is None or (known.status == "completed" and post.status != "completed"):
            first = _with_annotations(payload.fields, payload.annotations[:_BATCH])
            run = read(WireCheckRun, self._send("POST", path, first | {"head_sha": post.head_sha})).id
            rest = payload.annotations[_BATCH:]
        else:
            run = known.id
            rest = self._missing(path, known, payload.annotations)
            first = _with_annotations(payload.fields, rest[:_BATCH])
            self._send("PATCH", path + route("/{}", run), first)
            rest = rest[_BATCH:]
        for start in range(0, len(rest), _BATCH):
            batch = _with_annotations({"output": payload.fields["output"]}, rest[start : start + _BATCH])
            self._send("PATCH", path + route("/{}", run), batch)
        return run

    def _missing(self, path: str, run: CheckRun, wanted: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        """GitHub adds annotations and never takes any away, so only those that are not there yet may be sent."""
        if not wanted or not run.annotations:
            return wanted
        items = self._list(path + route("/{}/annotations", run.id), limit=30)
        there = Counter(read_all(WireAnnotation, items, _wire_key))
        missing = []
        for annotation in wanted:
            key = _key(annotation)
            if there[key]:
                there[key] -= 1
            else:
                missing.append(annotation)
        return tuple(missing)


def _with_annotations(fields: dict[str, Any], annotations: Iterable[dict[str, Any]]) -> dict[str, Any]:
    batch = list(annotations)
    return fields | {"output": fields["output"] | {"annotations": batch}} if batch else fields


def _key(annotation: dict[str, Any]) -> tuple[Any, ...]:
    names = ("path", "start_line", "end_line", "annotation_level", "message")
    return (*(annotation[name] for name in names), annotation.get("title", ""))


def _wire_key(item: WireAnnotation) -> tuple[Any, ...]:
    return (item.path, item.start_line, item.end_line, item.annotation_level, item.message, item.title or "")
