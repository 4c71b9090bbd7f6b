"""Text of a pull request put into Markdown so that it stays text: no mention, link, image, HTML, table or fence.

GitHub turns Markdown into HTML, and then looks through that HTML's text once more for mentions, references, addresses
and emoji. So characters are written as entities against the first, and a zero-width space breaks what the second seeks.
"""

import re

from app.gate.visible import visible

ZWSP = "\u200b"

_MARKUP = re.compile(r"[\\`*{}\[\]<>&|#@$~^]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_OPENS_BLOCK = re.compile(r"\A( *[0-9]{0,9})[-+=.):!]")
_BREAKS = (
    (re.compile(r"@"), "@" + ZWSP),
    (re.compile(r"#(?=\w)"), "#" + ZWSP),
    (re.compile(r"(?i)\b(gh)-(?=\d)"), r"\1" + ZWSP + "-"),
    (re.compile(r"(?i)(www)(?=\.)"), r"\1" + ZWSP),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]*):(?=/)"), r"\1:" + ZWSP),
    (re.compile(r"(?i)\b(mailto|xmpp):"), r"\1:" + ZWSP),
    (re.compile(r":(?=[\w+-]+:)"), ":" + ZWSP),
    (re.compile(r"([0-9a-fA-F]{6})(?=[0-9a-fA-F])"), r"\1" + ZWSP),
)
_BACKTICKS = re.compile(r"`+")


def words(text: str) -> str:
    """Text as part of a line of Markdown, shown as it is and doing nothing. Never begins a block."""
    text = visible(text)
    if text.startswith("    "):
        text = " " + text.lstrip(" ")
    return _OPENS_BLOCK.sub(lambda match: match[1] + _entity(match), _within_line(text))


def _within_line(text: str) -> str:
    """The same where something stands before it on the line already."""
    text = visible(text)
    for pattern, broken in _BREAKS:
        text = pattern.sub(broken, text)
    return _MARKUP.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0][-1])};"


def code(text: str) -> str:
    """Text as a code span, in which GitHub looks for nothing. Not for tables: a pipe would end the cell."""
    text = visible(text).strip(" ") or " "
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """A sentence in which `…` marks code. Whoever wrote the backticks, every part of it is harmless."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick without its mate stands for itself
        parts[-2:] = ["`".join(parts[-2:])]
    made = ""
    for index, part in enumerate(parts):
        if index % 2:
            made += code(part) if part.strip() else ""
        else:
            made += _within_line(part) if made.strip() else words(part)
    return made


def block(text: str) -> str:
    """Text of several lines as a fenced block with a fence longer than any in it."""
    text = visible(text, lines=True).strip("\n")
    fence = "`" * max(3, max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    return f"{fence}text\n{text}\n{fence}"


def size(text: str) -> int:
    """How long a text is by the count that is never too small: bytes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def fit(sections: list[str], limit: int, cut_note: str) -> str:
    """Whole sections, in their order, as long as they fit; where some do not, the note says so at the end.

    Sections are never cut inside, for half a fence or half an entity would change what follows.
    """
    text = "\n\n".join(section for section in sections if section)
    if size(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - size(cut_note) - 2
    for section in sections:
        if not section:
            continue
        room -= size(section) + 2
        if room < 0:
            break
        kept.append(section)
    return "\n\n".join([*kept, cut_note])
