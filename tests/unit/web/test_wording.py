"""Values in words."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.store.runs import Run, RunStatus
from app.web import wording
from runner.progress import StepState

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KNOWN: dict[str, Any] = {"status": RunStatus.QUEUED, "created_at": NOW}
RUN = Run(**{**dict.fromkeys(field.name for field in fields(Run)), **KNOWN})


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (10, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"),
     (7440, "2 h 4 min")],
)  # fmt: skip
def test_seconds(value: float, said: str) -> None:
    assert wording.seconds(value) == said


@pytest.mark.parametrize(
    ("past", "said"),
    [(0, "just now"), (-5, "just now"), (60, "1 min ago"), (3600, "1 h ago"), (86_400, "yesterday"),
     (200_000, "2 days ago")],
)  # fmt: skip
def test_ago(past: float, said: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=past), NOW) == said


@pytest.mark.parametrize("status", list(RunStatus))
@pytest.mark.parametrize("verdict", [None, "passed", "failed", "needs-review", "error", "unheard-of"])
def test_only_a_finished_run_that_passed_looks_good(status: RunStatus, verdict: str | None) -> None:
    words, tone = wording.badge(replace(RUN, status=status, verdict=verdict))
    assert words
    assert (tone == "good") is (status is RunStatus.DONE and verdict == "passed")


@pytest.mark.parametrize("state", ["", *StepState, "unheard-of"])
def test_only_a_step_that_is_done_looks_good(state: str) -> None:
    assert (wording.step_state(state)[1] == "good") is (state == StepState.DONE)


def test_how_long_a_run_took() -> None:
    assert wording.lasted(RUN, NOW) == ""
    begun = replace(RUN, started_at=NOW - timedelta(seconds=70))
    assert wording.lasted(begun, NOW) == "1 min 10 s"
    assert wording.lasted(replace(begun, finished_at=NOW - timedelta(seconds=68)), NOW) == "2.0 s"
    assert wording.lasted(replace(begun, finished_at=NOW - timedelta(seconds=99)), NOW) == "0.0 s"  # clocks differ


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("memory", 4 * 2**30, "4 GiB"),
        ("output", 10 * 2**20, "10 MiB"),
        ("disk", 1536, "1.5 KiB"),
        ("disk", 12, "12 B"),
        ("disk", 2**42, "4096 GiB"),
        ("time", 1200, "20 min 0 s"),
        ("processes", 512, "512"),
        ("cpus", 2.0, "2"),
    ],
)
def test_limits(name: str, value: float, said: str) -> None:
    assert wording.limit(name, value) == said


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("put `a` on", "put <code>a</code> on", id="code"),
        pytest.param("<b> `<i>`", "&lt;b&gt; <code>&lt;i&gt;</code>", id="escaped-inside-and-out"),
        pytest.param("one ` only <", "one ` only &lt;", id="half-a-pair"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_backticks_show_code_and_nothing_else(text: str, html: str) -> None:
    assert str(wording.with_code(text)) == html


@pytest.mark.parametrize(
    ("code", "tone"),
    [
        ("findings", "bad"),
        ("review-missing", "wait"),
        ("all-clear", "idle"),
        ("could-not-judge", "trouble"),
        ("no-such-code", "trouble"),
    ],
)
def test_a_reason_is_toned_by_its_weight(code: str, tone: str) -> None:
    assert wording.reason_tone(code) == tone
