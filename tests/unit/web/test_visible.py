"""What is seen is what is there."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.visible import visible, visible_lines

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("plain text, ünïcode 漢字 🙂", "plain text, ünïcode 漢字 🙂", id="ordinary"),
        pytest.param("a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c", id="direction"),
        pytest.param("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩", id="zero-width"),
        pytest.param("a\U000e0041", "a⟨U+E0041⟩", id="tag"),
        pytest.param("a\x00\x1b[2J\x7f\x9b", "a⟨U+0000⟩⟨U+001B⟩[2J⟨U+007F⟩⟨U+009B⟩", id="control"),
        pytest.param("a\nb\r\tc", "a⟨U+000A⟩b⟨U+000D⟩⟨U+0009⟩c", id="line-ends"),
        pytest.param("a\u2028b", "a⟨U+2028⟩b", id="line-separator"),
        pytest.param("a\udcff", "a⟨U+DCFF⟩", id="surrogate"),
        pytest.param("<b>&", "<b>&", id="markup-is-the-templates-affair"),
    ],
)
def test_one_line(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("a\r\nb\rc\n\td", "a\nb\nc\n\td", id="line-ends-stay"),
        pytest.param("\x1b[1;31mred\x1b[0m \x1b[38:5:1mx\x1b[m", "red x", id="colours-go"),
        pytest.param("\x1b]8;;http://x\x07link", "⟨U+001B⟩]8;;http://x⟨U+0007⟩link", id="other-sequences-show"),
        pytest.param("a\u202eb", "a⟨U+202E⟩b", id="direction"),
    ],
)
def test_lines(text: str, seen: str) -> None:
    assert visible_lines(text) == seen


@given(ANY_TEXT)
def test_nothing_hidden_is_left(text: str) -> None:
    assert not any(unicodedata.category(character) in HIDING for character in visible(text))
    visible(text).encode()


@given(ANY_TEXT)
def test_nothing_hidden_is_left_in_lines(text: str) -> None:
    left = {c for c in visible_lines(text) if unicodedata.category(c) in HIDING}
    assert left <= {"\n", "\t"}
    visible_lines(text).encode()
