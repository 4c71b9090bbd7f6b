"""Text that hides what it says. Odd characters stand as escapes here, so that this file hides nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Level
from checks.hidden_text import LEVELS, MAX_PER_FILE, MAX_PER_RULE, hits_of
from checks.invisible import character_name, oddities
from checks.lookalikes import LOOKALIKES, disguised, styled
from checks.staging import Language
from tests.unit.checks.staged import staged_file

WAVING = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"  # a flag made of tags


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        pytest.param("if user != 'admin\u202e':", ["bidirectional-override"], id="override"),
        pytest.param("a\u2067b\u2069", ["bidirectional-override"], id="isolate"),
        pytest.param("a\u200fb", ["bidirectional-mark"], id="right-to-left mark"),
        pytest.param("pass\u200bword", ["zero-width"], id="zero-width space"),
        pytest.param("x\u3164 = 1", ["zero-width"], id="a letter that shows nothing"),
        pytest.param("a\ufeffb", ["zero-width"], id="byte order mark inside"),
        pytest.param("hi\U000e0069\U000e0067", ["tag-characters"], id="tags"),
        pytest.param("a\U000e0100\U000e0101\U000e0102", ["variation-selectors"], id="data in selectors"),
        pytest.param("\x1b[8mhidden\x1b[0m", ["control-characters"], id="terminal escape"),
        pytest.param("a\x9b8m", ["control-characters"], id="C1 escape"),
        pytest.param("a\x08b", ["control-characters"], id="backspace"),
        pytest.param("a\u2028b", ["line-separator"], id="line separator"),
        pytest.param("caf\udce9", ["not-utf-8"], id="a byte that is not UTF-8"),
        pytest.param("x = 1" + " " * 150 + "; evil()", ["off-screen"], id="pushed out of sight"),
        pytest.param("plain = 'text'\t# here", [], id="plain"),
        pytest.param("gr\u00fc\u00dfe, \u041f\u0440\u0438\u0432\u0435\u0442, \u4f60\u597d", [], id="other scripts"),
        pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467", [], id="a family of emoji"),
        pytest.param("\u2764\ufe0f", [], id="an emoji with its selector"),
        pytest.param("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", [], id="Persian with its joiner"),
        pytest.param(f"flag {WAVING}", [], id="a flag"),
        pytest.param("x = 1" + " " * 150, [], id="blanks at the end"),
        pytest.param("page\x0cbreak", [], id="form feed"),
    ],
)
def test_what_a_line_hides(line: str, rules: list[str]) -> None:
    assert [oddity.rule for oddity in oddities(line, 5)] == rules


def test_a_byte_order_mark_may_start_a_file() -> None:
    assert oddities("\ufeffx = 1", 1) == []
    assert oddities("\ufeffx = 1", 2) != []


def test_characters_are_named() -> None:
    assert character_name("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert character_name("\x1b") == "U+001B control character"
    assert character_name("\udce9") == "byte 0xE9"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("p\u0430ssword = 1", ["password"], id="one Cyrillic letter"),
        pytest.param("\u0455\u0441\u043e\u0440\u0435()", ["scope"], id="all Cyrillic, all lookalikes"),
        pytest.param("# \u043d\u043e\u0441 \u0438 \u0440\u043e\u0442: \u0445\u043e\u0440", [], id="a Russian sentence"),
        pytest.param("\u03b1\u03b2\u03b3 = 1", [], id="Greek letters that look Greek"),
        pytest.param("\u0394t = 1", [], id="a delta and a Latin letter"),
        pytest.param("na\u00efve = 1", [], id="an accent"),
        pytest.param("ascii", [], id="plain"),
    ],
)
def test_names_in_disguise(line: str, words: list[str]) -> None:
    assert [seen for _, seen in disguised(line)] == words


def test_styled_names_are_read_as_plain_ones() -> None:
    assert [plain for _, plain in styled("\U0001d41e\U0001d42f\U0001d41a\U0001d425(x)")] == ["eval"]
    assert styled("caf\u00e9") == []


def test_lookalikes_are_single_letters_of_other_scripts() -> None:
    assert all(
        len(odd) == len(plain) == 1 and not odd.isascii() and plain.isascii() for odd, plain in LOOKALIKES.items()
    )


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param("# -*- coding: utf-7 -*-", "odd-encoding", id="utf-7"),
        pytest.param("# coding: rot13", "odd-encoding", id="rot13"),
        pytest.param("# coding: utf-8", None, id="utf-8"),
        pytest.param("# vim: set fileencoding=latin-1 :", None, id="latin-1"),
        pytest.param("x = 'coding: utf-7'", None, id="not a comment"),
    ],
)
def test_encodings_that_make_other_code_of_the_text(line: str, rule: str | None) -> None:
    file = staged_file(line, added={1})
    assert [hit.rule for hit in hits_of(file, file.name, file.lines, file.added)[0]] == ([rule] if rule else [])


def test_prose_is_judged_more_mildly_than_code() -> None:
    code = staged_file("a\u200bb", added={1})
    prose = staged_file("a\u200bb", added={1}, path="docs/a.md", language=Language.TEXT)
    levels = [hits_of(file, file.name, file.lines, file.added)[0][0].level for file in (code, prose)]
    assert levels == [Level.HIGH, Level.LOW]
    assert all(in_code.rank >= elsewhere.rank for in_code, elsewhere in LEVELS.values())


def test_configuration_counts_as_code() -> None:
    file = staged_file("a\u200bb", added={1}, path=".github/workflows/ci.yml", language=Language.TEXT)
    assert hits_of(file, file.name, file.lines, file.added)[0][0].level is Level.HIGH


def test_a_path_can_hide_too() -> None:
    file = staged_file("x", added={1}, path="app/\u202efdp.py")
    (hit,) = hits_of(file, file.name, file.lines, file.added)[0]
    assert hit.text.startswith("Hidden text: in the file's path")


def test_only_added_lines_are_looked_at() -> None:
    text = "a\u200bb\na\u200bb"
    file = staged_file(text, added={2})
    assert [hit.line for hit in hits_of(file, file.name, file.lines, file.added)[0]] == [2]


def test_many_of_one_rule_hide_none_of_another_and_are_told() -> None:
    text = "\n".join([*["a\u200bb"] * (MAX_PER_RULE + 50), "a\u202eb"])
    file = staged_file(text, added=range(1, MAX_PER_RULE + 52))
    kept, dropped = hits_of(file, file.name, file.lines, file.added)
    assert (len(kept), kept[-1].rule, dropped) == (MAX_PER_RULE + 1, "bidirectional-override", 50)


def test_a_file_of_nothing_else_is_looked_at_for_a_bounded_time_and_told() -> None:
    file = staged_file("\n".join(["a\u200bb"] * (MAX_PER_FILE + 50)), added=range(1, MAX_PER_FILE + 51))
    kept, dropped = hits_of(file, file.name, file.lines, file.added)
    assert (len(kept), dropped) == (MAX_PER_RULE, MAX_PER_FILE - MAX_PER_RULE)
    assert len(LEVELS) * MAX_PER_RULE < MAX_PER_FILE


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(0, 3))
def test_any_line_is_read(line: str, number: int) -> None:
    told = oddities(line, number)
    assert len({oddity.rule for oddity in told}) == len(told)
    assert all(oddity.what.isprintable() for oddity in told)
    disguised(line)
    styled(line)
