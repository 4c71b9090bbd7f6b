"""What the page of a run shows, from what is stored. Pure.

A result is read with care: its format may be newer than this page, and parts of it are the change's words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from app.store.events import EventKind, RunEvent

LISTS = {
    "pass_to_fail": ("Broken by the change", "passed before, fail now", "bad"),
    "changed_expectations": ("Expectations changed", "the change edited what these expect: look at both", "wait"),
    "removed": ("Removed", "were there before, are gone now", "wait"),
    "newly_skipped": ("Newly skipped", "ran before, are skipped now", "wait"),
    "flaky": ("Flaky", "failed once and passed when run again", "idle"),
    "fail_to_pass": ("Fixed by the change", "fail without it, pass with it", "good"),
}
RUN_ORDER = ("base", "head", "base-with-head-tests", "head-with-base-tests")
SHOWN = 200  # entries of one list


@dataclass(slots=True)
class StepView:
    """One step: `state` is "" while it runs."""

    key: str
    text: str
    started_at: datetime
    state: str = ""
    finished_at: datetime | None = None
    output: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        """All its output."""
        return "".join(self.output)

    @property
    def seconds(self) -> float | None:
        """How long it took, once it ended."""
        return None if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class TestList:
    """Tests with something in common."""

    __test__ = False
    title: str
    text: str
    tone: str
    ids: tuple[str, ...]
    more: int


def steps(events: Iterable[RunEvent]) -> list[StepView]:
    """The steps in the order they began; one that began again (after a restart, say) starts over in its place."""
    found: dict[str, StepView] = {}
    for event in events:
        if event.kind is EventKind.STARTED or event.step not in found:
            found[event.step] = StepView(event.step, event.text, event.at)
        step = found[event.step]
        if event.kind is EventKind.OUTPUT:
            step.output.append(event.text)
        elif event.kind is EventKind.FINISHED:
            step.text, step.state, step.finished_at = event.text, event.state, event.at
    for step in found.values():
        if step.output and step.text == step.output[0]:
            step.text = ""  # its beginning lies before what was read
    return list(found.values())


def test_runs(result: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The runs of the suite, ours first in the order they are told in."""
    made = _mapping(_mapping(result.get("tests")).get("runs"))
    order = [name for name in RUN_ORDER if name in made] + sorted(name for name in made if name not in RUN_ORDER)
    return [(name, _mapping(made[name])) for name in order]


def test_lists(result: Mapping[str, Any]) -> list[TestList]:
    """What comparing the runs showed, what needs a look first; empty lists are left out."""
    tests = _mapping(result.get("tests"))
    lists = []
    for key, (title, text, tone) in LISTS.items():
        ids = tuple(str(item) for item in _sequence(tests.get(key)))
        if ids:
            lists.append(TestList(title, text, tone, ids[:SHOWN], max(0, len(ids) - SHOWN)))
    return lists


def by_file(entries: object) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Findings (or tampering) grouped by file, files and lines in order."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for entry in _sequence(entries)[: 5 * SHOWN]:
        grouped.setdefault(str(_mapping(entry).get("file", "")), []).append(_mapping(entry))
    return [(file, sorted(found, key=_line)) for file, found in sorted(grouped.items())]


def line_link(web_url: str, repository: str, commit: str, file: str, line: object) -> str:
    """The address of a line on GitHub. File names are the change's: quoted, so that they stay a path."""
    path = quote(file.encode("utf-8", "surrogateescape"), safe="/")
    place = f"#L{line}" if isinstance(line, int) and line > 0 else ""
    return f"{web_url}/{quote(repository, safe='/')}/blob/{quote(commit, safe='')}/{path}{place}"


def _line(entry: Mapping[str, Any]) -> int:
    line = entry.get("line")
    return line if isinstance(line, int) else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
