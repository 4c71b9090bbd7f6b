"""Small pieces of sentences: counts and lists, as a person writes them. A leaf."""

from collections.abc import Sequence


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 test", "3 tests"."""
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def listed(items: Sequence[str], most: int = 5) -> str:
    """A list in words, cut: "a, b and c", "a, b, c, d, e and 7 more"."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    if len(shown) <= 1:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def cut(text: str, most: int) -> str:
    """At most that many characters, with an ellipsis as the last where something was cut."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"
