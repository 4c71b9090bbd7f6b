"""Characters that hide, move or reorder text, made visible, for every place where a change's text is shown. A leaf."""

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HIDDEN_RANGES = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers: letters that show nothing
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2800, 0x2800),  # a Braille pattern without dots
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)
_MARKS_IN_A_ROW = 4
"""More combining marks on one letter than any language needs, as they climb over the lines above."""


def visible(text: str, *, lines: bool = False) -> str:
    """The text with every control, format, bidirectional and invisible character written out as `⟨U+202E⟩`.

    Args:
        text: any text, lone surrogates too.
        lines: keep line feeds; else they become spaces, as tabs and the other kinds of spaces do.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    " if lines else " ")
    if not lines:
        text = text.replace("\n", " ")
    shown: list[str] = []
    marks = 0
    for char in text:
        if unicodedata.category(char) == "Zs":
            char = " "  # noqa: PLW2901 - the wide, the narrow and the unbreakable look alike
        marks = marks + 1 if unicodedata.combining(char) else 0
        hidden = (_is_hidden(char) and char != "\n") or marks > _MARKS_IN_A_ROW
        shown.append(f"⟨U+{ord(char):04X}⟩" if hidden else char)
    return "".join(shown)


def _is_hidden(char: str) -> bool:
    if " " <= char <= "~":
        return False
    if unicodedata.category(char) in _HIDDEN_CATEGORIES:
        return True
    return any(first <= ord(char) <= last for first, last in _HIDDEN_RANGES)
