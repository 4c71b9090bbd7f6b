"""Pages that are made from the code are current."""

import os
from pathlib import Path

import pytest

from app.gate.policy_reference import reference
from tests.unit.gate.report_page import page

DOCS = Path(__file__).parents[3] / "docs"


PAGES = {"policy.md": reference, "report.md": page}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_current(name: str) -> None:
    """Set UPDATE_PAGES=1 to write them anew."""
    path, text = DOCS / name, PAGES[name]()
    if os.environ.get("UPDATE_PAGES") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"docs/{name} is out of date: run this test with UPDATE_PAGES=1"
