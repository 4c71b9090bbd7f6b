"""Pages that are written by hand keep up with the project: lists in them are complete, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from app.gate.reasons import Code
from app.github.client import EVENTS, PERMISSIONS
from app.settings import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DEPLOY = ROOT / "deploy"
PAGES = sorted((*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *DEPLOY.glob("*.md")))
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_index_of_decisions_is_complete() -> None:
    folder = DOCS / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", index)
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_every_reason_is_explained_with_its_verdict() -> None:
    page = (DOCS / "how-it-judges.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z-]+) \| \S", page, re.MULTILINE)
    assert rows == [(code.value, code.weight.name.lower()) for code in Code]


@pytest.mark.parametrize("names", [pytest.param(PERMISSIONS, id="permissions"), pytest.param(EVENTS, id="events")])
def test_what_the_app_asks_for_is_in_the_instructions(names: tuple[str, ...] | dict[str, str]) -> None:
    page = (DOCS / "install.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \(`([a-z_]+)`\) \|", page, re.MULTILINE)
    assert [name for name in rows if name in names] == sorted(names)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_threat_model_names_tests_that_are_there() -> None:
    named = re.findall(r"`(tests/[a-z0-9_/.]+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


_NOT_SETTINGS = {"SETTINGS_FILE", "DB_PASSWORD"}  # where the settings are; the Compose file's own


@pytest.mark.parametrize("page", [*PAGES, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"], ids=_name)
def test_settings_that_are_named_exist(page: Path) -> None:
    named = re.findall(rf"{PREFIX}([A-Z]+(?:_[A-Z]+)*)", page.read_text(encoding="utf-8"))
    assert {name.lower() for name in named if name not in _NOT_SETTINGS} <= Settings.model_fields.keys()


def test_the_example_of_the_settings_loads_with_what_is_commented_out_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    example = (DEPLOY / "mergelock.toml").read_text(encoding="utf-8")
    whole = tmp_path / "whole.toml"
    whole.write_text(re.sub(r"^# (\w+ = )", r"\1", example, flags=re.MULTILINE), encoding="utf-8")
    assert load(DEPLOY / "mergelock.toml").database.startswith("sqlite:")
    found = load(whole)
    assert found.database.startswith("postgresql")
    assert found.github_web_url == "https://github.example.org"
