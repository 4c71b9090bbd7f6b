"""What the demo shows while it plays: one row a pull request, with its steps, its check on GitHub, and the gate."""

import threading
import time
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.gate.terminal import safe

STATES = {
    "success": ("success", "green"),
    "failure": ("failure", "red"),
    "action_required": ("action required", "yellow"),
    "in_progress": ("in progress", "cyan"),
    "": ("not posted yet", "dim"),
}


@dataclass(slots=True)
class Row:
    """One pull request on the board."""

    number: int
    title: str
    what: str
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    doing: str = "waiting"
    check: str = ""
    says: str = ""
    gate: str = "closed"


class Board:
    """The rows, drawn live on a terminal and line by line elsewhere. Safe for several threads."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[int, Row] = {}
        self._lock = threading.Lock()
        self._live = Live(self, console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def say(self, text: str, style: str = "bold") -> None:
        """A line above the board."""
        self._console.print(Text(safe(text), style=style))

    def add(self, row: Row) -> None:
        """A pull request was opened."""
        with self._lock:
            self._rows[row.number] = row

    def update(self, number: int, *, doing: str, check: str, says: str, gate: str) -> None:
        """What it is at now; where there is no terminal each change is a line."""
        with self._lock:
            row = self._rows[number]
            changed = (doing, check, gate) != (row.doing, row.check, row.gate)
            row.doing, row.check, row.says, row.gate = doing, check, says, gate
        if changed and self._live is None:
            state = STATES.get(check, (check, ""))[0]
            now = " · ".join(doing.splitlines())
            self._console.print(safe(f"#{number}  {now}  |  check: {state}  |  gate {gate}"), soft_wrap=True)

    def restart(self, number: int) -> None:
        """Something new happens to it: its clock begins again."""
        with self._lock:
            self._rows[number].began, self._rows[number].ended = time.monotonic(), None

    def settle(self, number: int) -> None:
        """Its outcome is there: its clock stops."""
        with self._lock:
            self._rows[number].ended = time.monotonic()

    def __rich__(self) -> RenderableType:
        """Draw it; called by rich on each refresh."""
        table = Table(box=None, padding=(0, 2, 1, 0), show_header=True, header_style="dim")
        for name in ("pull request", "time", "now", "check `mergelock` on GitHub", "gate"):
            table.add_column(name, vertical="top", overflow="fold")
        with self._lock:
            for row in self._rows.values():
                table.add_row(*self._cells(row))
        return Group(Text(""), table)

    def _cells(self, row: Row) -> tuple[Text, Text, Text, Text, Text]:
        seconds = (row.ended or time.monotonic()) - row.began
        label, style = STATES.get(row.check, (row.check, ""))
        gate = Text("open", style="bold green") if row.gate == "open" else Text("closed", style="bold red")
        return (
            Text.assemble((f"#{row.number} {safe(row.title)}", "bold"), "\n", (safe(row.what), "dim")),
            Text(f"{seconds:4.1f} s"),
            Text(safe(row.doing, lines=True)),
            Text.assemble((label, f"bold {style}"), "\n", (safe(row.says), "")),
            gate,
        )
