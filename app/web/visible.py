"""Text from strangers, made so that what is seen is what is there: no control, direction or zero-width tricks. Pure.

It does not escape for HTML: the templates do, and the page's script only ever sets text.
"""

import re
import unicodedata

_SGR = re.compile(r"\x1b\[[0-9;:]*m")  # colours, which test runners print: nothing is lost without them
_LINE_END = re.compile(r"\r\n?")
_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """One line of text: what would hide, reorder or break it shows its number."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(character) for character in text)


def visible_lines(text: str) -> str:
    """Lines of a program's output: line ends and tabs stay, colours are dropped, the rest is as in `visible`."""
    text = _LINE_END.sub("\n", _SGR.sub("", text))
    return "".join(character if character in "\n\t" else _show(character) for character in text)


def _show(character: str) -> str:
    if unicodedata.category(character) not in _SHOWN:
        return character
    return f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{ord(character):04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
