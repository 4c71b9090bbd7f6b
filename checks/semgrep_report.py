"""What semgrep's JSON report says: pure. Its trouble is in "errors" and in what is missing from "scanned"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checks.added import Hit
from checks.errors import UnreadableReport
from checks.finding import Level
from checks.targets import Target
from checks.tool import read_json

_LEVELS = {"ERROR": Level.HIGH, "WARNING": Level.MEDIUM, "INFO": Level.LOW}
_REASONS = {
    "Timeout": "it took too long",
    "TimeoutDuringInterfile": "it took too long",
    "OutOfMemory": "it took too much memory",
    "StackOverflow": "it is nested too deeply",
    "Syntax error": "syntax error",
    "Lexical error": "syntax error",
    "Other syntax error": "syntax error",
    "PartialParsing": "syntax error",
    "TooManyMatches": "it has too many matches",
}


@dataclass(frozen=True, slots=True)
class SemgrepReport:
    """Hits in staged files, what could not be told, and the staged names that were not read in full."""

    hits: tuple[Hit, ...] = ()
    trouble: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()

    def joined(self, other: "SemgrepReport") -> "SemgrepReport":
        """Both, as one."""
        trouble = tuple(dict.fromkeys(self.trouble + other.trouble))
        return SemgrepReport(self.hits + other.hits, trouble, self.unread | other.unread)


def parse(data: bytes, targets: Iterable[Target]) -> SemgrepReport:
    """Read a report over the given files.

    A part of a file that semgrep could not parse is trouble only where it meets added lines; base's trouble is not
    the change's, but base then shows nothing to be old.

    Raises:
        UnreadableReport: the report is not semgrep's JSON.
    """
    report = read_json("semgrep", data)
    by_name = {target.name: target for target in targets}
    try:
        hits = tuple(_hit(result) for result in report["results"])
        scanned = set(report["paths"]["scanned"])
        errors = [_error(error) for error in report["errors"]]
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise UnreadableReport("semgrep gave a report without the fields that its format has") from fault
    missed = [target for target in by_name.values() if target.name not in scanned]
    unread = {target.name for target in missed} | {error.name for error in errors if error.name in by_name}
    trouble = [f"semgrep did not look at {target.path}" for target in missed if not target.base]
    for error in errors:
        target = by_name.get(error.name)
        if target is None or not target.base:
            trouble += _told(error, target)
    here = tuple(hit for hit in hits if hit.name in by_name)
    return SemgrepReport(here, tuple(dict.fromkeys(trouble)), frozenset(unread))


@dataclass(frozen=True, slots=True)
class _Error:
    name: str
    kind: str
    message: str
    lines: frozenset[int]


def _hit(result: dict[str, Any]) -> Hit:
    extra = result["extra"]
    metadata = extra["metadata"]
    start, end = _line(result["start"]), _line(result["end"])
    return Hit(
        name=_text(result["path"]),
        rule=_text(result["check_id"]),
        level=_level(metadata.get("level"), extra["severity"]),
        line=start,
        end_line=max(start, end),
        text=_text(extra["message"]).strip(),
        fix=str(metadata.get("fix", "")),
        cwe=str(metadata.get("cwe", "")),
    )


def _level(ours: object, severity: object) -> Level:
    """Our rules name their level; one that does not has semgrep's severity, and an unknown one is taken as high."""
    if isinstance(ours, str) and ours in set(Level):
        return Level(ours)
    return _LEVELS.get(str(severity), Level.HIGH)


def _error(error: dict[str, Any]) -> _Error:
    """An entry of "errors". Its type is a word, or a list of a word and the places concerned."""
    kind = error["type"]
    name = kind[0] if isinstance(kind, list) else kind
    lines: set[int] = set()
    for span in error.get("spans") or ():
        start, end = _line(span["start"]), _line(span["end"])
        lines.update(range(start, min(end, start + 100_000) + 1))
    return _Error(str(error.get("path") or ""), _text(name), str(error.get("message") or ""), frozenset(lines))


def _told(error: _Error, file: Target | None) -> list[str]:
    """The words for it, if it concerns the change."""
    if file is None:
        return [f"semgrep: {error.kind}: {_first_line(error.message)}"]
    if error.kind == "PartialParsing" and error.lines:
        hidden = sorted(error.lines & file.added)
        return [f"semgrep could not read line {hidden[0]} of {file.path}: syntax error"] if hidden else []
    return [f"semgrep could not read {file.path}: {_REASONS.get(error.kind, error.kind)}"]


def _first_line(message: str) -> str:
    line = next((line for line in message.splitlines() if line.strip()), "no reason given")
    return "".join(c if c.isprintable() else "?" for c in line[:300])


def _line(position: dict[str, Any]) -> int:
    line = position["line"]
    if not isinstance(line, int) or isinstance(line, bool):
        raise TypeError("a line is a number")
    return max(1, line)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a string")
    return value
