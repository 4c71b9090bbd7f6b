"""Each of our rules finds what its example marks as bad, and nothing else in it."""

import re
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from checks.catalogue import Rule, our_rules
from checks.change import Change, ChangedFile, FileStatus
from checks.check import CheckInput
from checks.semgrep import Semgrep
from checks.staging import stage
from runner.sandbox import Sandbox

RULES = our_rules()
_BAD = re.compile(r"(?:#|//) bad$")
_GOOD = re.compile(r"^(?:#|//) good$")


@pytest.fixture(scope="module")
def found(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[int]]:
    """Lines by (rule, example), of one scan of all examples."""
    folder = tmp_path_factory.mktemp("examples")
    files = tuple(
        ChangedFile(str(rule.example.relative_to(rule.file.parent)), FileStatus.ADDED, frozenset(range(1, 200)))
        for rule in RULES
    )
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for language in ("python", "javascript"):
        tree = RULES[0].file.parent.parent / language
        here = tuple(file for file in files if (tree / file.path).exists())
        staged = stage(Change("b", "h", here, tree, folder), folder / language)
        report = Semgrep().run(CheckInput(staged, sandbox, threading.Event()))
        assert report.trouble == ()
        for finding in report.findings:
            lines[finding.rule, Path(finding.file).name].add(finding.line)
    return lines


def test_there_are_enough() -> None:
    assert len(RULES) >= 40
    assert {rule.file.parent.name for rule in RULES} == {"python", "javascript"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_finds_what_is_bad_and_nothing_else(rule: Rule, found: dict[tuple[str, str], set[int]]) -> None:
    text = rule.example.read_text(encoding="utf-8").splitlines()
    bad = {number for number, line in enumerate(text, 1) if _BAD.search(line)}
    assert bad, "the example must mark at least one bad line"
    assert any(_GOOD.match(line) for line in text), "the example must show what is good"
    assert found[rule.id, rule.example.name] == bad


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_says_all_it_must(rule: Rule) -> None:
    assert rule.id == rule.file.stem
    assert rule.id.startswith(f"{rule.file.parent.name}-")
    assert re.fullmatch(r"CWE-\d{1,4}", rule.cwe)
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")


def test_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
