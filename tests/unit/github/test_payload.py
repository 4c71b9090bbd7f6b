"""Check runs as they are sent."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.errors import PayloadRefused
from app.github.payload import CONCLUSIONS, check_payload


@dataclass(frozen=True)
class Remark:
    path: str = "lib.py"
    start_line: int = 1
    end_line: int = 2
    level: str = "warning"
    message: str = "Look here"
    title: str = ""


@dataclass(frozen=True)
class Button:
    label: str = "Run again"
    description: str = "Judge once more"
    identifier: str = "rerun"


@dataclass(frozen=True)
class Post:
    name: str = "mergelock"
    external_id: str = "key"
    head_sha: str = "a" * 40
    status: str = "completed"
    conclusion: str | None = "success"
    title: str = "Passed"
    summary: str = "All is well."
    text: str = ""
    annotations: tuple[Remark, ...] = ()
    actions: tuple[Button, ...] = ()
    details_url: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None


def test_least() -> None:
    assert check_payload(Post()).fields == {
        "name": "mergelock",
        "external_id": "key",
        "status": "completed",
        "conclusion": "success",
        "output": {"title": "Passed", "summary": "All is well."},
        "actions": [],
    }


def test_most() -> None:
    at = datetime(2026, 5, 4, 14, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    post = Post(text="More", details_url="https://h/1", started_at=at, completed_at=at, actions=(Button(),))
    payload = check_payload(replace(post, annotations=(Remark(), Remark(title="Odd"))))
    assert payload.fields["output"] == {"title": "Passed", "summary": "All is well.", "text": "More"}
    assert payload.fields["details_url"] == "https://h/1"
    assert payload.fields["started_at"] == payload.fields["completed_at"] == "2026-05-04T12:00:00Z"
    assert payload.fields["actions"] == [
        {"label": "Run again", "description": "Judge once more", "identifier": "rerun"}
    ]
    assert [item.get("title") for item in payload.annotations] == [None, "Odd"]
    assert payload.annotations[0]["annotation_level"] == "warning"


def test_running_one_says_nothing_of_its_end() -> None:
    fields = check_payload(Post(status="in_progress", conclusion=None, completed_at=datetime.now(UTC))).fields
    assert "conclusion" not in fields
    assert "completed_at" not in fields


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"conclusion": "neutral"}, id="neutral counts as passed"),
        pytest.param({"conclusion": "skipped"}, id="skipped counts as passed"),
        pytest.param({"conclusion": "stale"}, id="stale is GitHub's own"),
        pytest.param({"conclusion": "SUCCESS"}, id="unknown conclusion"),
        pytest.param({"conclusion": None}, id="completed without one"),
        pytest.param({"status": "in_progress"}, id="running with one"),
        pytest.param({"status": "done"}, id="unknown status"),
        pytest.param({"name": ""}, id="no name"),
        pytest.param({"external_id": ""}, id="no external id"),
        pytest.param({"external_id": "x" * 256}, id="long external id"),
        pytest.param({"title": ""}, id="no title"),
        pytest.param({"title": "x" * 256}, id="long title"),
        pytest.param({"summary": ""}, id="no summary"),
        pytest.param({"summary": "x" * 65_536}, id="long summary"),
        pytest.param({"summary": "é" * 32_768}, id="long summary in bytes"),
        pytest.param({"text": "x" * 65_536}, id="long text"),
        pytest.param({"actions": (Button(),) * 4}, id="four actions"),
        pytest.param({"actions": (Button(label="x" * 21),)}, id="long label"),
        pytest.param({"actions": (Button(description="x" * 41),)}, id="long description"),
        pytest.param({"actions": (Button(identifier=""),)}, id="no identifier"),
        pytest.param({"annotations": (Remark(level="error"),)}, id="unknown level"),
        pytest.param({"annotations": (Remark(start_line=0),)}, id="line zero"),
        pytest.param({"annotations": (Remark(start_line=3),)}, id="lines backwards"),
        pytest.param({"annotations": (Remark(path=""),)}, id="no path"),
        pytest.param({"annotations": (Remark(path="/etc/passwd"),)}, id="absolute path"),
        pytest.param({"annotations": (Remark(message=""),)}, id="no message"),
        pytest.param({"annotations": (Remark(message="x" * 65_537),)}, id="long message"),
        pytest.param({"annotations": (Remark(title="x" * 256),)}, id="long remark's title"),
    ],
)
def test_what_is_never_posted(changed: dict[str, Any]) -> None:
    with pytest.raises(PayloadRefused):
        check_payload(replace(Post(), **changed))


def test_no_conclusion_of_ours_but_success_counts_as_passed() -> None:
    assert CONCLUSIONS & {"success", "neutral", "skipped"} == {"success"}


@given(
    status=st.text(max_size=12) | st.sampled_from(["queued", "in_progress", "completed"]),
    conclusion=st.none() | st.text(max_size=12) | st.sampled_from(["success", "neutral", "skipped", "failure"]),
)
def test_green_only_where_success_was_meant(status: str, conclusion: str | None) -> None:
    try:
        fields = check_payload(replace(Post(), status=status, conclusion=conclusion)).fields
    except PayloadRefused:
        return
    assert fields["status"] == status
    assert fields.get("conclusion") == conclusion
    assert ("conclusion" in fields) == (status == "completed")
    assert conclusion not in {"neutral", "skipped", "stale"}
