"""How semgrep is called: what steers it is ours."""

import json
from pathlib import Path

import pytest

from checks.catalogue import our_rules
from checks.errors import ChecksError
from checks.semgrep import arguments, bundle
from checks.staging import Language
from tests.unit.checks.staged import staged, staged_file


def test_all_rules_are_in_the_bundle() -> None:
    assert [rule["id"] for rule in json.loads(bundle())["rules"]] == [
        rule.id for rule in sorted(our_rules(), key=lambda rule: rule.file)
    ]


def test_no_rules_is_an_error_and_not_a_scan_that_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ChecksError, match="install mergelock anew"):
        bundle(tmp_path)


def test_every_file_is_named_head_and_base_and_no_other_is() -> None:
    text = staged_file("x", added={1}, index=1, language=Language.TEXT, path="a.md")
    given = arguments(staged(staged_file("x", added={1}, base="y"), text))
    assert given[-2:] == ("h/00000.py", "b/00000.py")
    assert not any("00001" in argument for argument in given)


@pytest.mark.parametrize(
    "flag",
    [
        "--metrics=off",
        "--disable-version-check",
        "--disable-nosem",
        "--no-git-ignore",
        "--max-target-bytes=0",
        "--timeout-threshold=0",
        "--oss-only",
    ],
)
def test_it_calls_nobody_and_leaves_nothing_out(flag: str) -> None:
    assert flag in arguments(staged(staged_file("x", added={1})))
