"""The fleets of the pipeline's tests."""

from tests.integration.pipeline.conftest import fleet, postgres_fleet

__all__ = ["fleet", "postgres_fleet"]
