"""Secrets taken out of what is logged: by the name they go under and by the look of them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

MARK = "[redacted]"
LONGEST = 8_000  # characters of one logged text
DEEPEST = 6

_NAME = re.compile(r"secret|token|passw|authorization|private_?key|cookie|signature|credential|api_?key", re.IGNORECASE)
_LOOK = re.compile(
    r"gh[a-z]_[A-Za-z0-9_]{16,}"  # GitHub's tokens
    r"|github_pat_[A-Za-z0-9_]{16,}"
    r"|eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password in an address
    r"|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9+/=._~-]{8,}",
    re.DOTALL,
)


def redact_text(text: str) -> str:
    """`text` without what looks like a secret, cut to a bound."""
    return _LOOK.sub(MARK, text[: 2 * LONGEST])[:LONGEST]


def redact(value: Any, *, depth: int = 0) -> Any:
    """The value with secrets marked out, in mappings and sequences too, to a bounded depth."""
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= DEEPEST:
        return MARK
    if isinstance(value, Mapping):
        return {
            str(name): MARK if _NAME.search(str(name)) else redact(inner, depth=depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner, depth=depth + 1) for inner in value]
    return redact_text(str(value))
