"""What was seen of a command, put as the contract has it. Pure."""

import signal

from runner.errors import SandboxFault
from runner.sandbox import EndedBy, Limits, Observation, Outcome
from runner.supervise import Watched

TEXT = 2000  # bytes of a failing sandbox's own words that are repeated


def outcome_of(seen: Watched, limits: Limits, *, sandbox: str) -> Outcome:
    """The outcome of a watched command.

    Raises:
        SandboxFault: it ended and process 1 did not say how: nothing is known about the command.
    """
    ended_by, status, limit = _end(seen, sandbox)
    return Outcome(
        exit=status,
        ended_by=ended_by,
        seconds=seen.seconds,
        stdout=seen.stdout.kept,
        stderr=seen.stderr.kept,
        output_truncated=seen.stdout.truncated or seen.stderr.truncated,
        observations=(limit_observation(limit, limits),) if limit else (),
    )


def limit_observation(name: str, limits: Limits) -> Observation:
    """A limit of `Limits` that was met, with its value in bytes, seconds or processes."""
    return Observation("limit", {"limit": name, "value": int(getattr(limits, name))})


def _end(seen: Watched, sandbox: str) -> tuple[EndedBy, int | None, str]:
    """What ended it, its exit status if it ended by itself, and the name of the limit that was met."""
    if seen.ended_by is EndedBy.CANCELLED:
        return seen.ended_by, None, ""
    if seen.ended_by is not EndedBy.EXIT:
        return seen.ended_by, None, seen.ended_by.value
    if seen.ending is None:
        text = seen.stderr.kept[-TEXT:].decode(errors="replace").strip()
        raise SandboxFault(f"{sandbox} ended without saying what became of the command: {text or 'it said nothing'}")
    if seen.ending.met is not None:
        return seen.ending.met, None, seen.ending.met.value
    if seen.ending.exit == -signal.SIGXFSZ:
        return EndedBy.DISK, None, "file_size"
    if seen.ending.exit == -signal.SIGXCPU:
        return EndedBy.TIME, None, "time"
    return EndedBy.EXIT, seen.ending.exit, ""
