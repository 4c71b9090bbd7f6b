"""Which rules go into a run."""

import json
from pathlib import Path

import pytest

from checks.catalogue import our_rules
from checks.errors import ChecksError
from checks.semgrep_rules import bundle
from checks.staging import CODE, SCRIPTS, Language

PYTHON = frozenset({Language.PYTHON})


def ids(document: bytes) -> set[str]:
    return {rule["id"] for rule in json.loads(document)["rules"]}


def test_all_rules_go_where_all_languages_are() -> None:
    assert ids(bundle(CODE)) == {rule.id for rule in our_rules()}


@pytest.mark.parametrize(
    ("languages", "folders"),
    [
        pytest.param(PYTHON, {"python"}, id="python"),
        *(pytest.param(frozenset({each}), {"javascript"}, id=each.name.lower()) for each in sorted(SCRIPTS)),
        pytest.param(frozenset({Language.PYTHON, Language.TSX}), {"python", "javascript"}, id="both"),
    ],
)
def test_a_language_has_all_its_rules_and_no_other(languages: frozenset[Language], folders: set[str]) -> None:
    assert ids(bundle(languages)) == {rule.id for rule in our_rules() if rule.file.parent.name in folders}


def test_only_some() -> None:
    assert ids(bundle(CODE, frozenset({"python-debug-server"}))) == {"python-debug-server"}


@pytest.mark.parametrize("word", ["generic", "regex", "go"])
def test_a_rule_for_anything_else_is_never_left_out(word: str, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "r.yaml").write_text(f"rules: [{{id: r, languages: [{word}]}}]\n")
    assert ids(bundle(PYTHON, folder=tmp_path)) == {"r"}


def test_no_rules_is_an_error_and_not_a_scan_that_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ChecksError, match="install mergelock anew"):
        bundle(PYTHON, folder=tmp_path)
    with pytest.raises(ChecksError, match="install mergelock anew"):
        bundle(PYTHON, frozenset({"no-such-rule"}))
