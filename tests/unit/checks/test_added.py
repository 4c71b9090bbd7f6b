"""Which hits are the change's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.added import MAX_FINDINGS, Hit, could_not_scan, new_findings, to_compare
from checks.finding import Finding, Level
from checks.staging import CODE, Language, Skipped
from tests.unit.checks.staged import staged, staged_file

HEAD, BASE = "h/00000.py", "b/00000.py"


def hit(line: int, *, name: str = HEAD, end: int = 0, rule: str = "eval", level: Level = Level.HIGH) -> Hit:
    return Hit(name, rule, level, line, end or line, "Bad.")


def lines_of(
    head: str, base: str | None, added: set[int], *hits: Hit, unread: frozenset[str] = frozenset()
) -> list[int]:
    file = staged_file(head, base=base, added=added)
    return [finding.line for finding in new_findings("semgrep", hits, staged(file), unread)]


@pytest.mark.parametrize(
    ("head", "base", "added", "head_lines", "base_lines", "new"),
    [
        pytest.param("a\neval(x)\nb", None, {1, 2, 3}, [2], [], [2], id="a new file"),
        pytest.param("a\neval(x)\nb", "a\nb", {2}, [2], [], [2], id="an added line"),
        pytest.param("a\neval(x)\nb\nc", "a\neval(x)\nb", {4}, [2], [2], [], id="was there, untouched"),
        pytest.param(
            "c\nd\na\n  eval(x)\nb", "a\neval(x)\nb\nc\nd", {3, 4, 5}, [4], [2], [], id="moved with its surroundings"
        ),
        pytest.param("q\neval(x)\nr", "a\neval(x)\nb", {1, 2, 3}, [2], [2], [2], id="same words in other surroundings"),
        pytest.param(
            "a\neval(x)\nb\na\neval(x)\nb", "a\neval(x)\nb", {4, 5, 6}, [2, 5], [2], [5], id="copied: one is new"
        ),
        pytest.param("a\nz\nb\na\neval(x)\nb", "a\neval(x)\nb", {2, 4, 5, 6}, [5], [2], [], id="moved within the file"),
        pytest.param(
            "x = input()\neval(x)", "x = 1\neval(x)", {1}, [2], [], [2], id="an older line made bad elsewhere"
        ),
        pytest.param("n\neval(x)\nm", "a\neval(x)\nb", {1, 3}, [2], [2], [], id="untouched, new neighbours"),
    ],
)
def test_which_are_new(
    head: str, base: str | None, added: set[int], head_lines: list[int], base_lines: list[int], new: list[int]
) -> None:
    hits = [hit(line) for line in head_lines] + [hit(line, name=BASE) for line in base_lines]
    assert lines_of(head, base, added, *hits) == new


def test_a_range_counts_if_any_of_its_lines_was_added() -> None:
    assert lines_of("a(\n b,\n c)", "a(\n c)", {2}, hit(1, end=3)) == [1]


def test_base_that_was_not_read_excuses_and_accuses_nothing() -> None:
    unread = frozenset({BASE})
    assert lines_of("a\neval(x)\nb", "a\neval(x)\nb", {2}, hit(2), hit(2, name=BASE), unread=unread) == [2]
    assert lines_of("a\neval(x)\nb", "a\neval(x)\nb", {1}, hit(2), unread=unread) == []


def test_an_older_line_says_why_it_is_told() -> None:
    file = staged_file("x = input()\neval(x)", base="x = 1\neval(x)", added={1})
    (finding,) = new_findings("semgrep", [hit(2)], staged(file))
    assert "what this change did elsewhere" in finding.text


def test_fingerprints_survive_moved_lines_and_tell_copies_apart() -> None:
    short = new_findings("semgrep", [hit(1)], staged(staged_file("eval(x)", added={1})))
    moved = new_findings("semgrep", [hit(3)], staged(staged_file("a\nb\n  eval( x )", added={3})))
    twice = new_findings("semgrep", [hit(1), hit(2)], staged(staged_file("eval(x)\neval(x)", added={1, 2})))
    assert short[0].fingerprint == moved[0].fingerprint == twice[0].fingerprint != twice[1].fingerprint


def many(count: int, *hits: Hit) -> tuple[Finding, ...]:
    file = staged_file("\n".join(f"eval({n})" for n in range(count)), added=range(1, count + 1))
    return new_findings("semgrep", hits, staged(file))


def test_as_many_as_are_listed_are_all_listed() -> None:
    found = many(MAX_FINDINGS, *(hit(n) for n in range(1, MAX_FINDINGS + 1)))
    assert [finding.line for finding in found] == list(range(1, MAX_FINDINGS + 1))


def test_the_worst_are_kept_when_there_are_too_many_and_the_rest_is_told() -> None:
    count = MAX_FINDINGS + 5
    found = many(count, *(hit(n, level=Level.LOW) for n in range(1, count)), hit(count, level=Level.CRITICAL))
    assert len(found) == MAX_FINDINGS
    assert found[0].level is Level.CRITICAL
    assert (found[-1].rule, found[-1].level) == ("more-findings", Level.LOW)
    assert found[-1].text.startswith("6 more findings")


def test_what_is_not_listed_weighs_as_much_as_the_worst_of_it() -> None:
    count = MAX_FINDINGS + 5
    found = many(count, *(hit(n, level=Level.CRITICAL) for n in range(1, count + 1)))
    assert found[-1].rule == "more-findings"
    assert found[-1].level is Level.CRITICAL


def test_hits_in_files_that_were_not_staged_are_nobodys() -> None:
    assert new_findings("semgrep", [hit(1, name="h/99999.py")], staged(staged_file("a", added={1}))) == ()


def test_base_is_needed_only_where_there_are_hits() -> None:
    hit_one, clean, new = (
        staged_file("eval(x)", base="eval(x)"),
        staged_file("a", base="b", index=1),
        staged_file("eval(x)", index=2),
    )
    hits = [hit(1), hit(1, name="h/00002.py"), hit(1, name="b/00001.py")]
    assert to_compare((hit_one, clean, new), hits) == (hit_one,)


def test_what_could_not_be_scanned_is_a_finding() -> None:
    skipped = (
        Skipped("big.js", Language.JAVASCRIPT, "is larger than 2 MiB"),
        Skipped("a.txt", Language.TEXT, "is odd"),
    )
    (finding,) = could_not_scan("semgrep", skipped, CODE)
    assert (finding.file, finding.level, finding.rule) == ("big.js", Level.HIGH, "could-not-scan")
    assert "larger than 2 MiB" in finding.text


code_lines = st.lists(st.sampled_from(["eval(x)", "a", "b", "", "  eval(x)"]), min_size=1, max_size=12)


def hits_in(lines: list[str], name: str) -> list[Hit]:
    return [hit(number, name=name) for number, line in enumerate(lines, 1) if "eval" in line]


@given(code_lines)
def test_a_file_equal_to_base_has_nothing_new(lines: list[str]) -> None:
    hits = hits_in(lines, HEAD) + hits_in(lines, BASE)
    assert lines_of("\n".join(lines), "\n".join(lines), set(), *hits) == []


@given(code_lines, code_lines)
def test_never_fewer_new_than_the_head_has_more(head: list[str], base: list[str]) -> None:
    hits, old = hits_in(head, HEAD), hits_in(base, BASE)
    every = set(range(1, len(head) + 1))
    found = lines_of("\n".join(head), "\n".join(base), every, *hits, *old)
    assert len(hits) - len(old) <= len(found) <= len(hits)


@given(code_lines)
def test_without_base_every_added_hit_is_new(lines: list[str]) -> None:
    hits = hits_in(lines, HEAD)
    assert lines_of("\n".join(lines), None, set(range(1, len(lines) + 1)), *hits) == [h.line for h in hits]
