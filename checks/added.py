"""Which of a scanner's hits are the change's: pure.

Two things tell: the lines the diff added, and what the same scanner said of base's version of the file. A hit on an
added line is new unless base had the same code in the same surroundings elsewhere in the file (it was moved). A hit on
an untouched line is new only where base had no such hit: what the change did elsewhere leads to it (a value that now
comes from a request, a sanitising line that is gone). Each of base's hits excuses one of the head's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from checks.finding import Finding, Level, fingerprint
from checks.staging import Language, Skipped, Staged, StagedFile

MAX_FINDINGS = 1000
MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """What a scanner said of a place in a staged file, named as it was staged; lines count from 1."""

    name: str
    rule: str
    level: Level
    line: int
    end_line: int
    text: str
    fix: str = ""
    cwe: str = ""


def new_findings(
    check: str, hits: Iterable[Hit], staged: Staged, unread: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """The findings that are the change's own.

    Args:
        check: the check's name.
        hits: all of the scanner's hits, in the head's and base's versions.
        staged: what was scanned.
        unread: names of staged files that the scanner could not read in full: base's, if among them, excuses nothing,
            and shows nothing to be new on untouched lines either.
    """
    by_name: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_name[hit.name].append(hit)
    found: list[Finding] = []
    for file in staged.files:
        head = sorted(by_name[file.name], key=lambda h: (h.line, h.end_line, h.rule))
        base = by_name[file.base_name] if file.base_name else []
        comparable = bool(file.base_name) and file.base_name not in unread
        found.extend(_of_file(check, file, head, base, comparable=comparable))
    found.sort(key=lambda f: -f.level.rank)  # stable: file and line order stays within a level
    if len(found) > MAX_FINDINGS:
        dropped = found[MAX_FINDINGS - 1 :]
        found = [*found[: MAX_FINDINGS - 1], _not_listed(check, dropped)]
    return tuple(found)


def to_compare(files: Iterable[StagedFile], hits: Iterable[Hit]) -> tuple[StagedFile, ...]:
    """The files whose base version must be scanned too: there is one, and the head's version has hits."""
    hit = {hit.name for hit in hits}
    return tuple(file for file in files if file.base_name and file.name in hit)


def could_not_scan(check: str, skipped: Iterable[Skipped], languages: frozenset[Language]) -> tuple[Finding, ...]:
    """A finding for each file that the check should have looked at and could not."""
    return tuple(
        Finding(
            check=check,
            rule="could-not-scan",
            level=Level.MEDIUM if file.language is Language.TEXT else Level.HIGH,
            file=file.path,
            line=1,
            end_line=1,
            text=f"This file could not be scanned: it {file.reason}.",
            fix="Split it or make it plain UTF-8 text, so that it can be looked at.",
            fingerprint=fingerprint("could-not-scan", file.path, file.reason),
        )
        for file in skipped
        if file.language in languages
    )


def _not_listed(check: str, dropped: list[Finding]) -> Finding:
    """One finding for those that are too many to list; it is as bad as the worst of them."""
    worst = dropped[0]
    return Finding(
        check=check,
        rule="more-findings",
        level=worst.level,
        file=worst.file,
        line=worst.line,
        end_line=worst.end_line,
        text=f"{len(dropped)} more findings, from this place on, are not listed: one check lists {MAX_FINDINGS}.",
        fix="See to those that are listed, or split the change, and the others will show.",
        fingerprint=fingerprint("more-findings", check, ""),
    )


def _of_file(check: str, file: StagedFile, head: list[Hit], base: list[Hit], *, comparable: bool) -> Iterable[Finding]:
    """The new ones among one file's hits, by line."""
    touched, elsewhere = _parted(file, head)
    there = Counter((hit.rule, _code(file.base_lines, hit)) for hit in base) if comparable else Counter()
    moved = Counter((hit.rule, _surroundings(file.base_lines, hit)) for hit in base) if comparable else Counter()
    fresh: list[tuple[Hit, bool]] = []
    for hit in elsewhere:
        if comparable and not _take((there, (hit.rule, _code(file.lines, hit)))):
            fresh.append((hit, False))
        _take((moved, (hit.rule, _surroundings(file.lines, hit))))
    for hit in touched:
        stock = (there, (hit.rule, _code(file.lines, hit))), (moved, (hit.rule, _surroundings(file.lines, hit)))
        if not _take(*stock):
            fresh.append((hit, True))
    seen: Counter[tuple[str, str]] = Counter()
    for hit, on_added in sorted(fresh, key=lambda pair: (pair[0].line, pair[0].rule)):
        code = _code(file.lines, hit)
        yield _finding(check, file, hit, code, seen[hit.rule, code], on_added=on_added)
        seen[hit.rule, code] += 1


def _parted(file: StagedFile, hits: list[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Those that meet an added line, and the others."""
    touched: list[Hit] = []
    elsewhere: list[Hit] = []
    for hit in hits:
        meets = not file.added.isdisjoint(range(hit.line, hit.end_line + 1))
        (touched if meets else elsewhere).append(hit)
    return touched, elsewhere


def _take(*stocks: tuple[Counter[tuple[str, str]], tuple[str, str]]) -> bool:
    """Use up one of each stock, if all have one."""
    if any(stock[key] <= 0 for stock, key in stocks):
        return False
    for stock, key in stocks:
        stock[key] -= 1
    return True


def _finding(check: str, file: StagedFile, hit: Hit, code: str, occurrence: int, *, on_added: bool) -> Finding:
    why = "" if on_added else " The line itself is older; what this change did elsewhere in the file leads to it."
    return Finding(
        check=check,
        rule=hit.rule,
        level=hit.level,
        file=file.path,
        line=hit.line,
        end_line=max(hit.line, hit.end_line),
        text=hit.text[:MAX_TEXT] + why,
        fix=hit.fix[:MAX_TEXT],
        fingerprint=fingerprint(hit.rule, file.path, code, occurrence),
        cwe=hit.cwe,
    )


def _code(lines: tuple[str, ...], hit: Hit) -> str:
    """The hit's lines without their white space."""
    return "".join("".join(lines[hit.line - 1 : hit.end_line]).split())


def _surroundings(lines: tuple[str, ...], hit: Hit) -> str:
    """The hit's lines and the nearest lines before and after that are not blank.

    Without them, taking a harmless call away would let the same words in where they do harm.
    """
    before = next((line for line in reversed(lines[: hit.line - 1]) if line.strip()), "")
    after = next((line for line in lines[hit.end_line :] if line.strip()), "")
    return "\n".join(("".join(before.split()), _code(lines, hit), "".join(after.split())))
