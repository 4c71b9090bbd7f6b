"""docs/checks.md says what is there."""

from pathlib import Path

from checks.catalogue import our_rules, table
from checks.hidden_text import LEVELS
from checks.registry import REGISTRY

PAGE = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_check_is_on_the_page() -> None:
    assert all(f"| `{name}` |" in PAGE for name in REGISTRY)


def test_the_table_of_rules_is_current() -> None:
    assert PAGE.endswith(table(our_rules())), "print it anew: .venv/bin/python -m checks.catalogue"


def test_the_table_of_hidden_text_is_current() -> None:
    assert all(f"| `{rule}` | {in_code} | {elsewhere} |" in PAGE for rule, (in_code, elsewhere) in LEVELS.items())
