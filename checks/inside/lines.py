"""How lines are counted. A leaf, used inside the sandbox and outside."""

import re

_LINE_END = re.compile("\r\n|\r|\n")


def split_lines(text: str) -> tuple[str, ...]:
    """Lines without their ends, as Python counts them: ended by LF, CR LF or CR."""
    return tuple(_LINE_END.split(text))
