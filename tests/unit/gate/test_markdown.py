"""Text of a pull request in Markdown: rendered, it is text, whoever wrote it."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.gate.markdown import ZWSP, block, code, fit, prose, size, words
from app.gate.visible import visible
from tests.unit.gate.strategies import hostile_pieces, hostile_texts

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
SECOND_LOOK = (
    re.compile(r"@\w"),
    re.compile(r"#\w"),
    re.compile(r"(?i)\bgh-\d"),
    re.compile(r"(?i)\bwww\."),
    re.compile(r"(?i)[a-z]:/"),
    re.compile(r"(?i)\b(?:mailto|xmpp):\w"),
    re.compile(r":[\w+-]+:"),
    re.compile(r"[0-9a-fA-F]{7,}"),
)
"""What GitHub looks for in the text of rendered HTML, outside of code."""
hostile = hostile_pieces | hostile_texts


def inline(tokens: list[Token]) -> list[Token]:
    """The pieces of the only paragraph, which is all there may be."""
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"], tokens
    return tokens[1].children or []


def assert_harmless(pieces: list[Token]) -> None:
    """Only text and code, and nothing in the text for GitHub's second look."""
    for piece in pieces:
        assert piece.type in ("text", "code_inline", "text_special"), piece
    text = "".join(piece.content if piece.type != "code_inline" else " " for piece in pieces)
    for pattern in SECOND_LOOK:
        assert not pattern.search(text), (pattern.pattern, text)


@settings(max_examples=200, deadline=None)
@given(hostile)
@example("@octocat")
@example("a\n\n<script>alert(1)</script>")
@example("1) x")
@example("    indented")
@example("\t- tab")
@example("\u2028# x")
def test_words_are_words(text: str) -> None:
    """Alone in a paragraph: one paragraph of text that reads as what was given."""
    if not visible(text).strip():
        return
    pieces = inline(RENDERER.parse(words(text)))
    assert_harmless(pieces)
    assert all(piece.type != "code_inline" for piece in pieces)
    shown = "".join(piece.content for piece in pieces).replace(ZWSP, "")
    assert "".join(shown.split()) == "".join(visible(text).split())


@settings(max_examples=200, deadline=None)
@given(hostile)
@example("`")
@example("``")
@example(" ` ")
@example("a`b``c```d")
def test_code_is_code(text: str) -> None:
    """One code span with exactly the text."""
    pieces = inline(RENDERER.parse("x " + code(text) + " y"))
    spans = [piece for piece in pieces if piece.type == "code_inline"]
    assert len(spans) == 1
    assert spans[0].content.strip() == (visible(text).strip(" ") or " ").strip()
    assert_harmless(pieces)


@settings(max_examples=200, deadline=None)
@given(hostile, hostile, hostile)
@example("`", "`", "``")
@example("`a``b`", "`", "x")
@example("x", "y", "``- z")
def test_prose_is_harmless(first: str, second: str, third: str) -> None:
    """However sentences of ours and of others are put together."""
    text = f"**{prose(f'It says `{first}` and {second}')}** *{prose(third)}* end"
    tokens = RENDERER.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    ours = {"strong_open", "strong_close", "em_open", "em_close"}
    assert {piece.type for piece in tokens[1].children or []} <= {"text", "code_inline", "text_special"} | ours


@settings(max_examples=200, deadline=None)
@given(hostile)
@example("```\n# x")
@example("``````\n````")
def test_a_block_is_one_block(text: str) -> None:
    """One fence, and what comes after it is not in it."""
    tokens = RENDERER.parse(block(text) + "\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(st.lists(hostile, max_size=5))
def test_a_list_stays_a_list(texts: list[str]) -> None:
    """Items by others do not end it, nest in it or grow it."""
    lines = "\n".join(f"- {code(text)} {prose(text)} end" for text in texts)
    tokens = RENDERER.parse(f"start\n\n{lines}\n\nend")
    assert sum(token.type == "list_item_open" for token in tokens) == len(texts)
    assert not {token.type for token in tokens} & {"html_block", "fence", "code_block", "heading_open", "table_open"}


@given(st.lists(hostile_texts, max_size=6), st.integers(60, 400))
def test_fit_keeps_whole_sections(sections: list[str], limit: int) -> None:
    """Within the limit in bytes, cut between sections, and it says so."""
    text = fit(sections, limit, "cut here")
    assert size(text) <= limit
    full = "\n\n".join(section for section in sections if section)
    assert text == full or text.endswith("cut here")


def test_fit_takes_what_just_fits() -> None:
    """To the byte."""
    assert fit(["a" * 10], 10, "cut") == "a" * 10
    assert fit(["é" * 10], 20, "cut") == "é" * 10
    assert fit(["é" * 10], 19, "cut") == "cut"
    assert fit(["ok", "é" * 100], 50, "cut") == "ok\n\ncut"


@settings(max_examples=200, deadline=None)
@given(hostile)
@example("``- x")
@example("` `    x")
@example("``1. x")
def test_prose_alone_begins_no_block(text: str) -> None:
    """At the start of a line as well."""
    if visible(text).strip(" `"):
        inline(RENDERER.parse(prose(text)))


def test_plain_sentences_stay_readable() -> None:
    """Agents read the source of it: ordinary text is not turned into entities."""
    assert words("2 tests fail (see tests/test_x.py): they passed before.") == (
        "2 tests fail (see tests/test_x.py): they passed before."
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\u202eb", "a⟨U+202E⟩b", id="bidirectional"),
        pytest.param("a\u200bb", "a⟨U+200B⟩b", id="zero width"),
        pytest.param("a\x1b[31mb", "a⟨U+001B⟩[31mb", id="escape"),
        pytest.param("a\nb\tc\r\nd\re", "a b c d⟨U+000D⟩e", id="lines"),
        pytest.param("a\ud800b", "a⟨U+D800⟩b", id="lone surrogate"),
        pytest.param("a\u3164b", "a⟨U+3164⟩b", id="filler"),
        pytest.param("a\U000e0041b", "a⟨U+E0041⟩b", id="tag"),
        pytest.param("e\u0301", "e\u0301", id="an accent"),
        pytest.param("e" + "\u0301" * 5, "e" + "\u0301" * 4 + "⟨U+0301⟩", id="a tower of accents"),
        pytest.param("Größe 大小 😀", "Größe 大小 😀", id="languages"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """What hides is written out; what people write stays."""
    assert visible(text) == shown


@given(hostile)
def test_visible_leaves_nothing_hidden(text: str) -> None:
    """And is idempotent; with lines it keeps line feeds only."""
    assert visible(visible(text)) == visible(text)
    assert visible(text).isprintable()
    assert "\n" not in visible(text)
    assert all(char == "\n" or char >= " " for char in visible(text, lines=True))
