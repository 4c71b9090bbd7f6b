"""Pages that are written by hand keep up with the project: lists in them are complete, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from app.gate.reasons import Code
from app.github.client import EVENTS, PERMISSIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted((*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "deploy").glob("*.md")))
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)")


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_threat_model_names_tests_that_are_there() -> None:
    named = re.findall(r"`(tests/[a-z0-9_/.]+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
