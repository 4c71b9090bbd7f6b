"""Live progress on a terminal: a line per step with its time, and nothing at all where there is no terminal."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from app.gate.terminal import safe
from runner.progress import Progress, Silent, StepState

MARKS = {StepState.DONE: ("✓", "green"), StepState.FAILED: ("✗", "red"), StepState.TROUBLE: ("!", "yellow")}


@dataclass(slots=True)
class _Step:
    text: str
    started: float
    ended: float | None = None
    state: StepState = StepState.DONE
    last_output: str = ""


class LiveSteps:
    """A `Progress` drawn as a list of steps; those that run side by side turn at the same time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: dict[str, _Step] = {}
        self._spinner = Spinner("dots", style="cyan")
        self._lock = threading.Lock()

    def started(self, step: str, text: str) -> None:
        """Show the step as running."""
        with self._lock:
            self._steps[step] = _Step(safe(text), time.monotonic())

    def output(self, step: str, data: bytes) -> None:
        """Show the last line that the step printed beside it."""
        lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
        with self._lock:
            if lines and step in self._steps:
                self._steps[step].last_output = safe(lines[-1])[:200]

    def finished(self, step: str, text: str, state: StepState = StepState.DONE) -> None:
        """Show how the step ended."""
        with self._lock:
            shown = self._steps.setdefault(step, _Step("", time.monotonic()))
            shown.text, shown.state, shown.ended, shown.last_output = safe(text), state, time.monotonic(), ""

    def __rich__(self) -> Group:
        """Draw all steps; called by rich on each refresh."""
        table = Table.grid(padding=(0, 1), expand=True)
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)  # what is said gives way, names and times do not
        with self._lock:
            for name, step in self._steps.items():
                table.add_row(*self._row(name, step))
        return Group(table)

    def _row(self, name: str, step: _Step) -> tuple[Spinner | Text, Text, Text, Text]:
        seconds = (step.ended or time.monotonic()) - step.started
        elapsed = Text(f"{seconds:5.1f} s", style="dim")
        if step.ended is None:
            words = Text.assemble(step.text, ("  " + step.last_output if step.last_output else "", "dim"))
            return self._spinner, Text(name, style="bold"), elapsed, words
        mark, style = MARKS[step.state]
        return Text(mark, style=style), Text(name, style="bold"), elapsed, Text(step.text)


@contextmanager
def live_steps(console: Console) -> Iterator[Progress]:
    """Progress for the length of one command: live on a terminal, silent elsewhere."""
    if not console.is_terminal:
        yield Silent()
        return
    steps = LiveSteps(console)
    with Live(steps, console=console, refresh_per_second=12, transient=False):
        yield steps
