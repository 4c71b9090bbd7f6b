"""Values in words for the pages. Pure but for the clock that is handed in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from app.gate.reasons import Code, Weight
from app.store.runs import Run, RunStatus

VERDICTS = {
    "passed": ("Passed", "good"),
    "failed": ("Failed", "bad"),
    "needs-review": ("Needs review", "wait"),
    "error": ("Could not judge", "trouble"),
}
STATUSES = {
    RunStatus.QUEUED: ("Queued", "idle"),
    RunStatus.RUNNING: ("Judging", "busy"),
    RunStatus.DONE: ("Done", "idle"),
    RunStatus.SUPERSEDED: ("Superseded", "idle"),
    RunStatus.CANCELLED: ("Cancelled", "idle"),
    RunStatus.ERROR: ("Could not judge", "trouble"),
}
STEP_STATES = {
    "": ("running", "busy"),
    "done": ("done", "good"),
    "failed": ("failed", "bad"),
    "trouble": ("could not tell", "trouble"),
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def badge(run: Run) -> tuple[str, str]:
    """What to call the state of a run, and its tone (good, bad, wait, trouble, busy, idle)."""
    if run.status is RunStatus.DONE and run.verdict in VERDICTS:
        return VERDICTS[run.verdict]
    return STATUSES[run.status]


def step_state(state: str) -> tuple[str, str]:
    """The same for a step; a state that we do not know is told as trouble, never as done."""
    return STEP_STATES.get(state, STEP_STATES["trouble"])


def seconds(value: float) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`."""
    if value < 10:  # noqa: PLR2004 - below it a tenth is worth telling
        return f"{value:.1f} s"
    whole = round(value)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    past = ((now or datetime.now(UTC)) - moment).total_seconds()
    if past < MINUTE:
        return "just now"
    if past < HOUR:
        return f"{int(past // MINUTE)} min ago"
    if past < DAY:
        return f"{int(past // HOUR)} h ago"
    days = int(past // DAY)
    return "yesterday" if days == 1 else f"{days} days ago"


def lasted(run: Run, now: datetime | None = None) -> str:
    """How long a run took, or has taken so far; "" before it starts."""
    if run.started_at is None:
        return ""
    end = run.finished_at or now or datetime.now(UTC)
    return seconds(max(0.0, (end - run.started_at).total_seconds()))


def size(value: float) -> str:
    """Bytes as `4 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":  # noqa: PLR2004 - the step between units
            return f"{value:g} {unit}" if value == int(value) else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("the last unit takes all")


def limit(name: str, value: Any) -> str:
    """A sandbox's limit: those that are sizes as sizes, times as times."""
    if name in {"memory", "disk", "output", "file_size"}:
        return size(float(value))
    return seconds(float(value)) if name in {"time", "seconds"} else f"{value:g}"


def short(commit: str) -> str:
    """A commit as people write it."""
    return commit[:10]


def reason_tone(code: str) -> str:
    """The tone of a reason by what it does to the verdict; a code that we do not know is told as trouble."""
    weight = next((known.weight for known in Code if known == code), Weight.TROUBLE)
    return {Weight.NOTE: "idle", Weight.ASKS: "wait", Weight.TROUBLE: "trouble", Weight.BLOCKS: "bad"}[weight]


def with_code(text: str) -> Markup:
    """Text whose parts between backticks are shown as code. Everything in it is escaped first."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)  # a backtick without its other half: nothing is certain
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "badge": badge,
    "step_state": step_state,
    "seconds": seconds,
    "ago": ago,
    "lasted": lasted,
    "limit": limit,
    "short": short,
    "reason_tone": reason_tone,
    "with_code": with_code,
}
