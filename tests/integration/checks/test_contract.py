"""What every check in the registry must do, whichever tool it is made of."""

import re
import threading
from pathlib import Path

import pytest

from checks.check import Check, CheckInput
from checks.registry import REGISTRY
from checks.staging import SUFFIXES, stage
from runner.errors import Cancelled
from runner.sandbox import Sandbox
from tests.integration.checks.conftest import change_of

HOSTILE = {
    f"odd{suffix}": b"\xff\xfe\x1b[31m \xe2\x80\xae eval(input())\n" + b"(" * 2000 + b"\n%s%n{{x}}${y}\n"
    for suffix in SUFFIXES
}


@pytest.fixture(params=tuple(REGISTRY.values()), ids=tuple(REGISTRY))
def check(request: pytest.FixtureRequest) -> Check:
    """Each check in turn."""
    each: Check = request.param
    return each


def test_it_has_a_name_and_a_title(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.name)
    assert REGISTRY[check.name] is check
    assert check.title
    assert check.title.isprintable()


def test_nothing_to_look_at_is_clean(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    staged = stage(change_of(tmp_path, {}), tmp_path / "scan")
    report = check.run(CheckInput(staged, sandbox, threading.Event()))
    assert report.check == check.name
    assert report.clean


def test_hostile_files_are_findings_or_trouble_and_never_raise(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    staged = stage(change_of(tmp_path, dict(HOSTILE)), tmp_path / "scan")
    report = check.run(CheckInput(staged, sandbox, threading.Event()))
    assert report.check == check.name
    for finding in report.findings:
        assert finding.check == check.name
        assert finding.file in HOSTILE
        assert 1 <= finding.line <= finding.end_line
        assert finding.text
        assert finding.rule
        assert re.fullmatch("[0-9a-f]{32}", finding.fingerprint)
        assert finding.cwe == "" or re.fullmatch(r"CWE-\d+", finding.cwe)


def test_called_off_it_ends(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    staged = stage(change_of(tmp_path, {"a.py": "x = 1\n"}), tmp_path / "scan")
    with pytest.raises(Cancelled):
        check.run(CheckInput(staged, sandbox, cancel))
