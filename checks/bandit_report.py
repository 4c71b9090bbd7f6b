"""What bandit's JSON report and its standard error say: pure.

bandit exits 0 when a file does not parse (an entry in "errors" says so) and when a rule of its own crashes (only a line
on standard error says so): both are trouble here.
"""

import re
from dataclasses import dataclass
from typing import Any

from checks.added import Hit
from checks.errors import UnreadableReport
from checks.finding import Level
from checks.targets import Target
from checks.tool import last_words, read_json

_LEVELS = {"HIGH": Level.HIGH, "MEDIUM": Level.MEDIUM, "LOW": Level.LOW, "UNDEFINED": Level.LOW}
_ON_FILE = re.compile(r"(?:on file|tests against) (?:\./)?([hb]/\d+\.py)\b")
_SYNTAX = "syntax error"


@dataclass(frozen=True, slots=True)
class BanditReport:
    """Hits in staged files, what could not be told, and the staged names that were not read in full."""

    hits: tuple[Hit, ...] = ()
    trouble: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()

    def joined(self, other: "BanditReport") -> "BanditReport":
        """Both, as one."""
        trouble = tuple(dict.fromkeys(self.trouble + other.trouble))
        return BanditReport(self.hits + other.hits, trouble, self.unread | other.unread)


def parse(data: bytes, stderr: bytes, targets: tuple[Target, ...]) -> BanditReport:
    """Read a report over the given files: base's trouble is not the change's, but base then excuses nothing.

    Raises:
        UnreadableReport: the report is not bandit's JSON.
    """
    report = read_json("bandit", data)
    try:
        hits = tuple(_hit(result) for result in report["results"])
        errors = {_name(error["filename"]): _text(error["reason"]) for error in report["errors"]}
        seen = {_name(name) for name in report["metrics"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableReport("bandit gave a report without the fields that its format has") from error
    heads = [target for target in targets if not target.base]
    names = {target.name for target in targets}
    crashed = _crashed(stderr)
    trouble = [_told(target.path, errors[target.name]) for target in heads if target.name in errors]
    trouble += [f"bandit did not look at {target.path}" for target in heads if target.name not in seen]
    trouble += [f"bandit: {reason}" for name, reason in errors.items() if name not in names]
    trouble += [f"a rule of bandit's crashed on {target.path}" for target in heads if target.name in crashed]
    if "" in crashed or crashed - names:
        trouble.append(f"bandit ran into an error of its own: {last_words(stderr)}")
    unread = names & (errors.keys() | crashed | (names - seen))
    here = tuple(hit for hit in hits if hit.name in names)
    return BanditReport(here, tuple(dict.fromkeys(trouble)), frozenset(unread))


def _crashed(stderr: bytes) -> set[str]:
    """The staged names that errors on standard error concern; "" among them for an error that names no file."""
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if "ERROR" in line]
    named = (_ON_FILE.search(line) for line in lines)
    return {match.group(1) if match else "" for match in named}


def _hit(result: dict[str, Any]) -> Hit:
    lines = [line for line in result["line_range"] if isinstance(line, int)] or [int(result["line_number"])]
    cwe = result["issue_cwe"].get("id")
    return Hit(
        name=_name(result["filename"]),
        rule=f"{_text(result['test_id'])}-{_text(result['test_name']).replace('_', '-')}",
        level=level(_text(result["issue_severity"]), _text(result["issue_confidence"])),
        line=max(1, min(lines)),
        end_line=max(1, *lines),
        text=_text(result["issue_text"]).strip(),
        cwe=f"CWE-{cwe}" if isinstance(cwe, int) else "",
    )


def level(severity: str, confidence: str) -> Level:
    """bandit's severity, at most low where it is not sure; an unknown severity is taken as high."""
    found = _LEVELS.get(severity, Level.HIGH)
    return Level.LOW if confidence in {"LOW", "UNDEFINED"} else found


def _told(path: str, reason: str) -> str:
    if reason.startswith(_SYNTAX):
        reason = "syntax error (it may be for another version of Python, or a template)"
    return f"bandit could not read {path}: {reason}"


def _name(value: object) -> str:
    """A staged name; bandit puts "./" before names given on its command line."""
    return _text(value).removeprefix("./")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a string")
    return value
