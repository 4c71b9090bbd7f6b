"""A check run as it is posted to GitHub: plain values, within its limits. Made here, posted by `app.github`. A leaf."""

import enum
from dataclasses import dataclass
from datetime import datetime

TITLE_LIMIT = 255
TEXT_LIMIT = 65_535  # GitHub's, for `summary` and for `text`; counted here in bytes, which is never less than it counts
MESSAGE_LIMIT = 64 * 1024
ANNOTATION_TITLE_LIMIT = 255
ANNOTATIONS_A_REQUEST = 50
ACTIONS = 3

REQUIRED = "mergelock"
TESTS = "mergelock / tests"
SCANS = "mergelock / scans"
REVIEW = "mergelock / review"


class Status(enum.StrEnum):
    """Where a check run is."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(enum.StrEnum):
    """How a check run ended. `neutral`, `skipped` and `stale` are left out: GitHub counts the first two as passed."""

    SUCCESS = "success"
    FAILURE = "failure"
    ACTION_REQUIRED = "action_required"


class AnnotationLevel(enum.StrEnum):
    """How an annotation is shown."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark at lines of a file of the head, counted from 1."""

    path: str
    start_line: int
    end_line: int
    level: AnnotationLevel
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Action:
    """A button under the check run. GitHub sends `identifier` back when somebody presses it."""

    label: str
    description: str
    identifier: str


RERUN = Action("Run again", "Judge this commit once more", "rerun")


@dataclass(frozen=True, slots=True)
class CheckRunPayload:
    """One check run. `conclusion` is there exactly when it is completed."""

    name: str
    head_sha: str
    external_id: str
    status: Status
    conclusion: Conclusion | None
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[Action, ...] = ()
    details_url: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Hold what GitHub holds, so that a wrong payload is found where it is made."""
        if (self.status is Status.COMPLETED) != (self.conclusion is not None):
            raise ValueError("a check run has a conclusion exactly when it is completed")
        if len(self.actions) > ACTIONS:
            raise ValueError("a check run has at most three actions")

    @property
    def batches(self) -> tuple[tuple[Annotation, ...], ...]:
        """The annotations as they are sent, one batch a request."""
        step = ANNOTATIONS_A_REQUEST
        return tuple(self.annotations[start : start + step] for start in range(0, len(self.annotations), step))
