"""Fleets on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pipeline.fleet import Fleet, fleet_on


@pytest.fixture
def fleet(database_url: str, tmp_path: Path) -> Iterator[Fleet]:
    """A fleet without workers yet, on SQLite and on PostgreSQL."""
    with fleet_on(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def postgres_fleet(postgres_url: str, tmp_path: Path) -> Iterator[Fleet]:
    """A fleet that may have several workers."""
    with fleet_on(postgres_url, tmp_path) as made:
        yield made
