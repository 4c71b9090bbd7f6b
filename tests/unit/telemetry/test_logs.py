"""Logs: one JSON object a line, one run's id through all, no secrets, no terminal tricks."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.telemetry import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure("info", "json", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_runs_id_goes_through_all_that_happens_in_it(stream: io.StringIO) -> None:
    with logs.about(run=17):
        logs.logger("app.x").info("step started", step="fetch")
        logging.getLogger("library").warning("slow %s", "disk")
    logs.logger("app.x").info("other")
    first, second, third = lines(stream)
    assert (first["run"], first["event"], first["step"], first["level"]) == (17, "step started", "fetch", "info")
    assert (second["run"], second["event"], second["logger"]) == (17, "slow disk", "library")
    assert "run" not in third


def test_secrets_are_marked_out_everywhere(stream: io.StringIO) -> None:
    secret = "ghs_hushhushhushhushhush"
    log = logs.logger("app.x")
    log.info("with %s", secret, url=f"https://u:{secret}@h", token="short")
    logging.getLogger("library").warning("has %s", secret)
    try:
        int(secret)
    except ValueError:
        log.exception("failed")
    assert secret not in stream.getvalue()
    assert "short" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_names_from_outside_cannot_forge_lines_or_move_the_cursor(stream: io.StringIO) -> None:
    logs.logger("app.x").info("fetched", branch='x\n{"event": "forged"}\x1b[2J\x9b')
    (entry,) = lines(stream)
    assert entry["event"] == "fetched"
    assert "\x1b" not in entry["branch"]
    assert "\x9b" not in entry["branch"]


@pytest.mark.parametrize("library", logs.QUIET)
def test_libraries_say_only_what_is_wrong(stream: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("GET /secret?token=x")
    assert stream.getvalue() == ""


def test_the_level_is_heeded(stream: io.StringIO) -> None:
    logs.configure("warning", "json", stream)
    logs.logger("app.x").info("no")
    logs.logger("app.x").warning("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_people_get_plain_lines(stream: io.StringIO) -> None:
    logs.configure("info", "console", stream)
    logs.logger("app.x").info("run finished", verdict="passed", branch="\x1b[2J")
    assert "run finished" in stream.getvalue()
    assert "verdict=passed" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
