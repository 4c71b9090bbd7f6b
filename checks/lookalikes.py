"""Names that look like other names: letters of another script, and styled letters that Python reads as plain. Pure."""

import re
import unicodedata

# Letters that a reader takes for the Latin one, after Unicode's list of confusables (UTS 39): lower and upper case.
_CYRILLIC = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u050c\u051a\u051c",
        "aeopcyxijshdqwlABEKMHOPCTYXIJSGQW",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "\u03bf\u03bd\u03b1\u03b9\u03c1\u03c5\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "ovaipuABEZHIKMNOPTYX",
        strict=True,
    )
)
_ARMENIAN = dict(zip("\u0585\u057d\u0570\u0578\u0581\u0566\u054d\u0555", "ouhngqUO", strict=True))
_CHEROKEE = dict(
    zip(
        "\u13aa\u13f4\u13df\u13a0\u13ac\u13bb\u13ab\u13e6\u13de\u13b7\u13e2\u13a1\u13da\u13a2\u13d9\u13b3\u13c3",
        "ABCDEHJKLMPRSTVWZ",
        strict=True,
    )
)
LOOKALIKES = {**_CYRILLIC, **_GREEK, **_ARMENIAN, **_CHEROKEE}

_WORD = re.compile(r"[^\W\d]\w*")
_LATIN = re.compile("[A-Za-z]")


def disguised(line: str) -> list[tuple[str, str]]:
    """Each word of a line that looks like a Latin one and is not, with what it looks like.

    A word counts if all its letters are Latin or look Latin and at least one only looks so. One wholly of lookalikes
    counts only where no word beside it is plainly foreign: in a sentence of its own script it is just a word.
    """
    if line.isascii():
        return []
    odd = [word for word in _WORD.findall(line) if not word.isascii()]
    seen = [(word, _seen_as(word)) for word in odd]
    foreign = any(not looks for _, looks in seen)
    return [(word, looks) for word, looks in seen if looks and (_LATIN.search(word) or not foreign)]


def styled(line: str) -> list[tuple[str, str]]:
    """Each word with letters in mathematical or full-width style, with what Python reads it as (NFKC)."""
    if line.isascii():
        return []
    pairs = ((word, unicodedata.normalize("NFKC", word)) for word in _WORD.findall(line) if not word.isascii())
    return [(word, plain) for word, plain in pairs if plain.isascii() and plain.isidentifier()]


def _seen_as(word: str) -> str:
    """The Latin word that it looks like; "" if it does not."""
    foreign = [character for character in word if not character.isascii()]
    if not all(character in LOOKALIKES for character in foreign):
        return ""
    return "".join(LOOKALIKES.get(character, character) for character in word)
