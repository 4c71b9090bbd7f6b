"""A check run as it is sent, held against GitHub's limits. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.github.errors import PayloadRefused
from app.github.types import ActionLike, AnnotationLike, CheckRunLike

CONCLUSIONS = frozenset({"success", "failure", "action_required", "cancelled", "timed_out"})
"""What a check run of ours may end with. GitHub counts `neutral` and `skipped` as passed: they are not among them."""

_NAME = 255
_TEXT = 65_535
_MESSAGE = 64 * 1024
_ACTIONS = 3
_ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}
_LEVELS = frozenset({"notice", "warning", "failure"})


@dataclass(frozen=True, slots=True)
class CheckPayload:
    """A check run as it is sent: `fields` without annotations, and these in their order."""

    fields: dict[str, Any]
    annotations: tuple[dict[str, Any], ...]


def check_payload(post: CheckRunLike) -> CheckPayload:
    """Builds what is sent and holds it against GitHub's limits.

    Raises:
        PayloadRefused: GitHub would refuse it, or would read it as passed although it did not.
    """
    _require_length("the name", post.name, _NAME)
    _require_length("the external id", post.external_id, _NAME)
    _require_length("the title", post.title, _NAME)
    _require_bytes("the summary", post.summary, _TEXT)
    _require_bytes("the text", post.text or " ", _TEXT)
    _require(len(post.actions) <= _ACTIONS, "there can be three actions at most")
    _require(post.status in {"queued", "in_progress", "completed"}, f"no status is called {post.status!r}")
    if post.status == "completed":
        _require(post.conclusion in CONCLUSIONS, f"a check run of ours never ends with {post.conclusion!r}")
    else:
        _require(post.conclusion is None, "only a completed check run has a conclusion")
    fields: dict[str, Any] = {
        "name": post.name,
        "external_id": post.external_id,
        "status": post.status,
        "output": {"title": post.title, "summary": post.summary} | ({"text": post.text} if post.text else {}),
        "actions": [_action(action) for action in post.actions],
    }
    optional = {
        "conclusion": post.conclusion,
        "details_url": post.details_url or None,
        "started_at": _time(post.started_at),
        "completed_at": _time(post.completed_at) if post.status == "completed" else None,
    }
    fields |= {key: value for key, value in optional.items() if value is not None}
    return CheckPayload(fields, tuple(_annotation(item) for item in post.annotations))


def _annotation(item: AnnotationLike) -> dict[str, Any]:
    _require(item.level in _LEVELS, f"no annotation has the level {item.level!r}")
    _require(1 <= item.start_line <= item.end_line, "an annotation's lines count from 1 and do not run backwards")
    _require(
        bool(item.path) and not item.path.startswith("/"), "an annotation names a file by its path in the repository"
    )
    _require_bytes("an annotation's message", item.message, _MESSAGE)
    _require_length("an annotation's title", item.title or " ", _NAME)
    annotation: dict[str, Any] = {
        "path": item.path,
        "start_line": item.start_line,
        "end_line": item.end_line,
        "annotation_level": item.level,
        "message": item.message,
    }
    return annotation | ({"title": item.title} if item.title else {})


def _action(action: ActionLike) -> dict[str, str]:
    fields = {"label": action.label, "description": action.description, "identifier": action.identifier}
    for name, value in fields.items():
        _require_length(f"an action's {name}", value, _ACTION_LIMITS[name])
    return fields


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _require_length(what: str, value: str, most: int) -> None:
    _require(0 < len(value) <= most, f"{what} must have 1 to {most} characters")


def _require_bytes(what: str, value: str, most: int) -> None:
    _require(0 < len(value.encode("utf-8", "surrogatepass")) <= most, f"{what} must have 1 to {most} bytes in UTF-8")


def _require(good: bool, otherwise: str) -> None:
    if not good:
        raise PayloadRefused(f"this check run is not posted: {otherwise}")
