"""Logs: JSON lines for machines, plain lines for a terminal; one run's id through all that happens in it."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from app.telemetry.redaction import redact

# They log each request, header and query at these levels; only their warnings are ours to show.
QUIET = ("urllib3", "github", "docker", "alembic", "sqlalchemy", "dbos", "werkzeug")
CONTROL = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")
del CONTROL[0x0A], CONTROL[0x09]


def configure(
    level: str = "info", form: Literal["auto", "json", "console"] = "auto", stream: TextIO | None = None
) -> None:
    """Send our logs, and the libraries', to one stream (standard error unless told)."""
    out = stream or sys.stderr
    plain = form == "console" or (form == "auto" and out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _redacted,
    ]
    end: Processor = (
        structlog.dev.ConsoleRenderer(colors=out.isatty()) if plain else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, end]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("run finished", verdict="passed")`; the event is a constant, what varies are fields."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return found


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """All that is logged inside carries these fields: `with about(run=17, delivery=guid): …`."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def _redacted(_logger: object, _method: str, event: EventDict) -> EventDict:
    # The formatter's own entries (`_record`, `_from_structlog`) are taken out later, and must pass as they are.
    return {
        name: value if name.startswith("_") else _plain(redact({name: value})[name]) for name, value in event.items()
    }


def _plain(value: object) -> object:
    """No terminal control sequences from a file's or branch's name."""
    return value.translate(CONTROL) if isinstance(value, str) else value
