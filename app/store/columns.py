"""Column types that keep the same promises in SQLite and PostgreSQL: bounded text, exact JSON, times in UTC."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from app.store.errors import TooLarge

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows only in a plain INTEGER


def storable(text: str, limit: int) -> str:
    """`text` as both databases can hold it, cut to `limit` characters with a mark.

    PostgreSQL refuses NUL and neither takes lone surrogates, which hostile file names bring.
    """
    clean = text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


class Words(TypeDecorator[str]):
    """Text, cut to its limit as it is stored. For what is only shown; never for what is compared."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Clean and cut."""
        return None if value is None else storable(value, self.limit)


class ExactJson(TypeDecorator[Any]):
    """JSON kept as ASCII text: it comes back as it went in, NULs and lone surrogates too. Over its limit it raises."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Write it out."""
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        if len(text) > self.limit:
            raise TooLarge(self.limit)
        return text

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's
        """Read it back."""
        return None if value is None else json.loads(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware going in, aware and in UTC coming out. SQLite has no zones, so it holds UTC without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; a naive time is our bug."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone: use datetime.now(UTC)")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
