"""Findings as SARIF 2.1.0, the format that code scanning pages and editors read. Pure."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from checks.finding import Finding, Level

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION = "2.1.0"

# SARIF has three levels; "security-severity" keeps ours apart, on the scale that GitHub reads (critical is over 9.0).
_LEVELS = {Level.CRITICAL: "error", Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "note"}
_SEVERITY = {Level.CRITICAL: "9.5", Level.HIGH: "8.0", Level.MEDIUM: "5.5", Level.LOW: "2.0"}


def to_sarif(findings: Iterable[Finding], *, tool_version: str) -> dict[str, Any]:
    """One log with one run of `mergelock`; a rule's id is `check/rule`.

    Args:
        findings: what to tell; their order is kept.
        tool_version: our version.

    Returns:
        The log as an object for JSON. No findings give a run with an empty list, which says "looked, found nothing".
    """
    told = tuple(findings)
    rules: dict[str, Finding] = {}
    for finding in told:
        rules.setdefault(_rule_id(finding), finding)
    places = {rule: place for place, rule in enumerate(rules)}
    driver = {
        "name": "mergelock",
        "semanticVersion": tool_version,
        "rules": [_rule(rule, example) for rule, example in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[_rule_id(finding)]) for finding in told],
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _rule_id(finding: Finding) -> str:
    return f"{finding.check}/{finding.rule}"


def _rule(rule: str, example: Finding) -> dict[str, Any]:
    """What is said of a rule once. Tools' texts are a finding's own, so the rule has its name only."""
    tags = ["security", *([f"external/cwe/{example.cwe.lower()}"] if example.cwe else [])]
    return {
        "id": rule,
        "name": example.rule,
        "shortDescription": {"text": example.rule},
        "defaultConfiguration": {"level": _LEVELS[example.level]},
        "properties": {"tags": tags, "security-severity": _SEVERITY[example.level]},
    }


def _result(finding: Finding, place: int) -> dict[str, Any]:
    text = f"{finding.text} {finding.fix}".strip() or finding.rule
    # A path of git's is bytes; a URI has them in percent form, those that are not UTF-8 too.
    uri = quote(finding.file.encode("utf-8", "surrogateescape"))
    region = {"startLine": max(1, finding.line), "endLine": max(1, finding.line, finding.end_line)}
    location = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}
    result: dict[str, Any] = {
        "ruleId": _rule_id(finding),
        "ruleIndex": place,
        "level": _LEVELS[finding.level],
        "message": {"text": _encodable(text)},
        "locations": [{"physicalLocation": location}],
        "properties": {"level": finding.level.value},
    }
    if finding.fingerprint:
        result["partialFingerprints"] = {"mergelock/v1": finding.fingerprint}
    return result


def _encodable(text: str) -> str:
    """Text that can be written as UTF-8: bytes that were not are shown as a replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
