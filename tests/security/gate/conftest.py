"""The same running gate as the stories', for those who want to get through it."""

from tests.e2e.conftest import town

__all__ = ["town"]
