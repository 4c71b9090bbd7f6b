"""Fixtures for all tests; each plugin module holds those of one subject."""

pytest_plugins = ["tests.github.fixtures", "tests.judged", "tests.postgres", "tests.sandboxes"]
