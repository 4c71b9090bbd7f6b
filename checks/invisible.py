"""Characters that hide what a text says: where they stand in a line and what they are called. Pure.

Each rule lets through what honest text uses: joiners in emoji and in scripts that need them, flags made of tags, a
byte order mark at a file's start, variation selectors after an emoji or an ideograph.
"""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that a reader does not see. `what` names it in printable characters."""

    rule: str
    what: str


_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_MARK = re.compile("[\u200e\u200f\u061c]")
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]"
)
_TAG = re.compile("[\U000e0000-\U000e007f]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f")
_SELECTORS = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\udc80-\udcff]")
_PRIVATE_SEPARATOR = re.compile("[\u2028\u2029]")
_OFF_SCREEN = re.compile(r"\S[ \t\u00a0\u2000-\u200a\u3000]{100,}\S")
_EMOJI = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_JOINING_SCRIPTS = (
    "ARABIC",
    "SYRIAC",
    "MONGOLIAN",
    "NKO",
    "DEVANAGARI",
    "BENGALI",
    "GURMUKHI",
    "GUJARATI",
    "ORIYA",
    "TAMIL",
    "TELUGU",
    "KANNADA",
    "MALAYALAM",
    "SINHALA",
    "TIBETAN",
    "MYANMAR",
    "KHMER",
    "THAI",
    "LAO",
)

_PATTERNS = (
    ("bidirectional-override", _BIDI, "reorders the text around it when shown"),
    ("bidirectional-mark", _BIDI_MARK, "changes the direction of the text when shown"),
    ("tag-characters", _TAG, "is invisible and carries hidden text"),
    ("zero-width", _ZERO_WIDTH, "is invisible"),
    ("variation-selectors", _SELECTORS, "is invisible and can carry hidden data"),
    ("control-characters", _CONTROL, "makes terminals hide or change text"),
    ("line-separator", _PRIVATE_SEPARATOR, "ends a line for JavaScript, not for git or an editor"),
    ("not-utf-8", _SURROGATE, "is not UTF-8, so what it means depends on who reads it"),
)


def oddities(line: str, number: int) -> list[Oddity]:
    """What a line hides, each rule once. `number` counts from 1: a byte order mark may start line 1."""
    if line.isascii() and line.isprintable() and len(line) < 100:  # noqa: PLR2004 - what `_OFF_SCREEN` needs at least
        return []
    text = _FLAG.sub("", line)
    if number == 1:
        text = text.removeprefix("\ufeff")
    found = []
    for rule, pattern, effect in _PATTERNS:
        hits = [m for m in pattern.finditer(text) if rule != "zero-width" or not _is_joiner_in_place(text, m.start())]
        if hits:
            found.append(Oddity(rule, f"{character_name(hits[0].group()[0])} {effect}{_more(len(hits))}"))
    if _OFF_SCREEN.search(text):
        found.append(Oddity("off-screen", "a long run of blanks pushes the rest of the line out of sight"))
    return found


def character_name(character: str) -> str:
    """A character in words: "U+202E RIGHT-TO-LEFT OVERRIDE"; a byte that is not UTF-8 as "byte 0xE9"."""
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:  # noqa: PLR2004 - Python's stand-ins for undecodable bytes
        return f"byte 0x{point - 0xDC00:02X}"
    return f"U+{point:04X} {unicodedata.name(character, 'control character')}"


def _is_joiner_in_place(text: str, at: int) -> bool:
    """Whether a joiner stands where honest text has one: between emoji, or in a script that needs it."""
    if text[at] not in "\u200c\u200d" or at == 0 or at + 1 == len(text):
        return False
    before, after = text[at - 1], text[at + 1]
    if text[at] == "\u200d" and _EMOJI.match(before) and _EMOJI.match(after):
        return True
    return unicodedata.name(before, "").startswith(_JOINING_SCRIPTS)


def _more(count: int) -> str:
    return f" ({count} of such in this line)" if count > 1 else ""
