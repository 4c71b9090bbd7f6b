"""How the demo's command ends."""

import io

import pytest
from rich.console import Console

from app.commands.demo import _tell
from app.commands.exits import Exit


def told(wrong: list[str]) -> tuple[str, int]:
    """What it prints, and the status."""
    output = io.StringIO()
    try:
        _tell(Console(file=output, width=200), wrong, 12.3)
    except Exit as ended:
        return output.getvalue(), ended.exit_code
    return output.getvalue(), 0


def test_all_as_it_must_be() -> None:
    assert told([]) == ("\n✓ Every outcome was as it must be, in 12 s.\n", 0)


@pytest.mark.parametrize("wrong", ["#1: the gate is open", "#2: [red]not markup[/red] [/]"])
def test_anything_else_is_status_1_and_named(wrong: str) -> None:
    assert told([wrong]) == (f"✗ {wrong}\n", 1)
