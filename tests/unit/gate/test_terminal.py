"""Plain text for a terminal: readable, and not to be steered by a pull request."""

import pytest
from hypothesis import given, settings

from app.gate import terminal
from app.gate.quantities import show_duration, show_size
from app.gate.reasons import Verdict
from tests.unit.gate.results import results
from tests.unit.gate.strategies import hostile_texts
from tests.unit.gate.worked_examples import EXAMPLES


@given(hostile_texts)
def test_safe(text: str) -> None:
    """No control character but, if asked for, the line feed."""
    assert all(char >= " " and char != "\x7f" for char in terminal.safe(text))
    assert all(char == "\n" or (char >= " " and char != "\x7f") for char in terminal.safe(text, lines=True))


def test_safe_is_bounded() -> None:
    """A page of text, not a film."""
    assert len(terminal.safe("x" * 1_000_000)) <= 20_000


@settings(max_examples=40, deadline=None)
@given(results)
def test_render_any_result(result: object) -> None:
    """Whatever a change names its tests and files."""
    text = terminal.render(result)  # type: ignore[arg-type]
    assert all(char == "\n" or (char >= " " and char != "\x7f") for char in text)
    assert "\u202e" not in text
    assert len(text) < 200_000


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_verdict_stands_first(name: str) -> None:
    """And every reason's code is there, to be looked up."""
    result = EXAMPLES[name].result
    text = terminal.render(result)
    assert text.startswith(terminal.HEADLINES[result.verdict])
    assert all(f"[{reason.code}]" in text for reason in result.reasons)


def test_every_verdict_has_a_headline() -> None:
    """Total."""
    assert set(terminal.HEADLINES) == set(Verdict)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0.0 s"),
        (0.44, "0.4 s"),
        (12.4, "12 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_show_duration(seconds: float, shown: str) -> None:
    """As a person says it."""
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(("size", "shown"), [(12, "12 B"), (1536, "1.5 KiB"), (1024**2, "1 MiB")])
def test_show_size(size: int, shown: str) -> None:
    """As a person says it."""
    assert show_size(size) == shown
