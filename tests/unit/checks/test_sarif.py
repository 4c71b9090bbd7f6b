"""Findings as SARIF 2.1.0. The parts of the format that we write, checked by hand: no package carries its schema."""

import json

from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Finding, Level
from checks.sarif import to_sarif

FOUND = Finding(
    check="semgrep",
    rule="python-eval-of-input",
    level=Level.CRITICAL,
    file="app/a b.py",
    line=3,
    end_line=4,
    text="Bad.",
    fix="Mend it.",
    fingerprint="f" * 32,
    cwe="CWE-95",
)


def test_a_log() -> None:
    log = to_sarif([FOUND], tool_version="1.2.3")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("mergelock", "1.2.3")
    (rule,) = driver["rules"]
    assert rule["id"] == "semgrep/python-eval-of-input"
    assert rule["properties"] == {"tags": ["security", "external/cwe/cwe-95"], "security-severity": "9.5"}
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == (rule["id"], 0, "error")
    assert result["message"] == {"text": "Bad. Mend it."}
    assert result["partialFingerprints"] == {"mergelock/v1": "f" * 32}
    (location,) = result["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "app/a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "endLine": 4}


def test_nothing_found_is_said() -> None:
    (run,) = to_sarif([], tool_version="1")["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_levels_of_sarif() -> None:
    levels = {level: _with(level)["level"] for level in Level}
    assert levels == {Level.LOW: "note", Level.MEDIUM: "warning", Level.HIGH: "error", Level.CRITICAL: "error"}


def _with(level: Level) -> dict[str, object]:
    found = Finding("c", "r", level, "f", 1, 1, "t")
    result: dict[str, object] = to_sarif([found], tool_version="1")["runs"][0]["results"][0]
    return result


findings = st.builds(
    Finding,
    check=st.sampled_from(["semgrep", "bandit"]),
    rule=st.sampled_from(["a", "b"]),
    level=st.sampled_from(Level),
    file=st.text(st.characters(exclude_categories=()), min_size=1, max_size=8).filter(
        lambda path: not any(0xD800 <= ord(c) < 0xDC80 or 0xDCFF < ord(c) <= 0xDFFF for c in path)
    ),
    line=st.integers(-1, 9),
    end_line=st.integers(-1, 9),
    text=st.text(max_size=8),
    fingerprint=st.text(max_size=3),
    cwe=st.sampled_from(["", "CWE-1"]),
)


@given(st.lists(findings, max_size=6))
def test_what_always_holds(found: list[Finding]) -> None:
    log = to_sarif(found, tool_version="1")
    json.dumps(log, ensure_ascii=False).encode("utf-8")
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == len(found)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].isascii()
        assert 1 <= place["region"]["startLine"] <= place["region"]["endLine"]
