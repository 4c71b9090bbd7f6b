"""The settings' page is current."""

import os
from pathlib import Path

from app.settings import Settings
from app.settings_reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_current() -> None:
    """Set UPDATE_PAGES=1 to write it anew."""
    text = reference()
    if os.environ.get("UPDATE_PAGES") == "1":
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/settings.md is out of date: run with UPDATE_PAGES=1"


def test_every_setting_has_its_row() -> None:
    rows = [line.split(" | ")[0].strip("| `") for line in reference().splitlines() if line.startswith("| `")]
    assert rows == list(Settings.model_fields)
