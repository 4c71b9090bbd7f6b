"""Sizes and durations as people write them ("4GiB", "20m") and as they are shown. A leaf."""

import re

SIZE_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,3})? ?(B|KB|MB|GB|KiB|MiB|GiB)$"
DURATION_PATTERN = r"^([0-9]{1,3}h)?([0-9]{1,5}m)?([0-9]{1,6}(\.[0-9]{1,3})?s)?$"
MINUTE = 60
HOUR = 3600
SHORT = 10  # seconds; below that tenths are worth showing
UNITS = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}

_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(B|KB|MB|GB|KiB|MiB|GiB)", re.ASCII)
_DURATION = re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,6}(?:\.[0-9]{1,3})?)s)?", re.ASCII)


def parse_size(value: object) -> int:
    """A size in bytes, from a whole number of bytes or a string such as "4GiB".

    Raises:
        ValueError: it is neither; the text says how a size is written.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        return int(float(match[1]) * UNITS[match[2]])
    raise ValueError('is no size; write a number with a unit, such as "512MiB" or "4GiB"')


def parse_duration(value: object) -> float:
    """A duration in seconds, from a number of seconds or a string such as "20m", "90s" or "1h30m".

    Raises:
        ValueError: it is neither; the text says how a duration is written.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and value.strip() and (match := _DURATION.fullmatch(value.strip())):
        return int(match[1] or 0) * HOUR + int(match[2] or 0) * MINUTE + float(match[3] or 0)
    raise ValueError('is no duration; write a number with a unit, such as "90s", "20m" or "1h30m"')


def show_size(size: int) -> str:
    """A size as a person reads it: "4 GiB", "1.5 MiB", "12 B"."""
    for unit in ("GiB", "MiB", "KiB"):
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.3g} {unit}"
    return f"{size} B"


def show_duration(seconds: float) -> str:
    """A duration as a person reads it: "0.4 s", "12 s", "3 min 20 s", "1 h 5 min"."""
    if seconds < SHORT:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole // MINUTE, MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
