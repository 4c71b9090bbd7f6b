"""Text that shows one thing and says another: invisible, reordering and look-alike characters in added lines.

It parses nothing, so it runs here and not in the sandbox: one pass of simple patterns over each line.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator

from checks.added import Hit, could_not_scan, new_findings
from checks.check import CheckInput
from checks.finding import Level
from checks.invisible import character_name, oddities
from checks.lookalikes import disguised, styled
from checks.report import CheckReport
from checks.staging import CODE, Language, StagedFile
from checks.tool import few
from runner.errors import Cancelled

MAX_PER_RULE = 1000
"""Places of one rule that are kept of one file: as many as one report lists."""
MAX_PER_FILE = 20 * MAX_PER_RULE
"""Places after which a file is not looked at further. More than all rules together keep, so that some are left out."""

COOKIE_LINES = 2

# Rule: (level in code and configuration, level elsewhere). Right-to-left prose has marks, typography soft hyphens.
LEVELS = {
    "bidirectional-override": (Level.HIGH, Level.MEDIUM),
    "bidirectional-mark": (Level.MEDIUM, Level.LOW),
    "tag-characters": (Level.HIGH, Level.HIGH),
    "zero-width": (Level.HIGH, Level.LOW),
    "variation-selectors": (Level.HIGH, Level.MEDIUM),
    "control-characters": (Level.MEDIUM, Level.MEDIUM),
    "line-separator": (Level.HIGH, Level.LOW),
    "not-utf-8": (Level.MEDIUM, Level.LOW),
    "off-screen": (Level.MEDIUM, Level.LOW),
    "lone-carriage-return": (Level.HIGH, Level.LOW),
    "odd-encoding": (Level.HIGH, Level.HIGH),
    "look-alike-name": (Level.HIGH, Level.LOW),
    "styled-name": (Level.HIGH, Level.LOW),
}
_CONFIGURATION = re.compile(
    r"(?i)\.(?:ya?ml|toml|json|cfg|ini|sh|bash|go|rs|java|kt|c|h|cc|cpp|cs|rb|php|swift|sql|lua|pl)$"
    r"|(?:^|/)(?:makefile|dockerfile)$"
)
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN_ENCODINGS = frozenset(
    {"utf-8", "utf8", "utf_8", "utf-8-sig", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso-8859-15"}
)
_CWE = "CWE-1007"
_FIX = "Write it in plain characters, or as an escape (\\u202E) where the character is really needed."


class HiddenText:
    """Bidirectional controls, zero-width and tag characters, terminal escapes, look-alike letters, odd encodings."""

    name = "hidden-text"
    title = "text that hides what it says"

    def run(self, work: CheckInput) -> CheckReport:
        """See `Check.run`."""
        started = time.monotonic()
        hits: list[Hit] = []
        troubles: list[str] = []
        for file in work.staged.files:
            if work.cancel.is_set():
                raise Cancelled("the scan was called off")
            found, dropped = hits_of(file, file.name, file.lines, file.added)
            hits += found
            if dropped:
                troubles.append(
                    f"{file.path} hides text in more places than are looked at: at least {dropped} were left out"
                )
            if found and file.base_name:
                hits += hits_of(file, file.base_name, file.base_lines, None)[0]
        skipped = could_not_scan(self.name, work.staged.skipped, frozenset(Language))
        found_new = new_findings(self.name, hits, work.staged)
        return CheckReport(self.name, found_new + skipped, few(tuple(troubles)), time.monotonic() - started)


def hits_of(file: StagedFile, name: str, lines: tuple[str, ...], added: frozenset[int] | None) -> tuple[list[Hit], int]:
    """What hides in some lines of a file, in all where `added` is None; and how many more, at least, were left out."""
    kept: list[Hit] = []
    counted: Counter[str] = Counter()
    for hit in _all_of(file, name, lines, added):
        counted[hit.rule] += 1
        if counted[hit.rule] <= MAX_PER_RULE:  # each rule by itself: many of a harmless one hide none of a bad one
            kept.append(hit)
        if counted.total() >= MAX_PER_FILE:
            break
    return kept, counted.total() - len(kept)


def _all_of(file: StagedFile, name: str, lines: tuple[str, ...], added: frozenset[int] | None) -> Iterator[Hit]:
    if added is not None:
        yield from _of_path(file)
    if file.odd_ends and added is not None:
        what = "carriage returns end lines for Python and hide them in a diff"
        yield _hit(file, name, 1, "lone-carriage-return", what)
    for number in range(1, len(lines) + 1) if added is None else sorted(added):
        if number <= len(lines):
            yield from _of_line(file, name, number, lines[number - 1])


def _of_line(file: StagedFile, name: str, number: int, line: str) -> Iterator[Hit]:
    """What hides in one line."""
    for oddity in oddities(line, number):
        yield _hit(file, name, number, oddity.rule, oddity.what)
    for word, seen in disguised(line)[:1]:
        yield _hit(file, name, number, "look-alike-name", f"{_spelt(word)} looks like `{seen}` and is another name")
    for word, plain in styled(line)[:1]:
        yield _hit(file, name, number, "styled-name", f"{_spelt(word)} is read by Python as `{plain}`")
    if number <= COOKIE_LINES and file.language is Language.PYTHON and (cookie := _COOKIE.match(line)):
        encoding = cookie.group(1).lower()
        if encoding not in _PLAIN_ENCODINGS:
            what = f"the file says it is in {encoding!r}, so Python may read other code than is shown"
            yield _hit(file, name, number, "odd-encoding", what)


def _of_path(file: StagedFile) -> Iterator[Hit]:
    """What hides in the file's own path."""
    for oddity in oddities(file.path, 0):
        yield _hit(file, file.name, 1, oddity.rule, f"in the file's path, {oddity.what}")
    for word, seen in disguised(file.path)[:1]:
        yield _hit(file, file.name, 1, "look-alike-name", f"in the file's path, {_spelt(word)} looks like `{seen}`")


def _hit(file: StagedFile, name: str, line: int, rule: str, what: str) -> Hit:
    in_code, elsewhere = LEVELS[rule]
    is_code = file.language in CODE or _CONFIGURATION.search(file.path) is not None
    level = in_code if is_code else elsewhere
    return Hit(name, rule, level, line, line, f"Hidden text: {what}.", fix=_FIX, cwe=_CWE)


def _spelt(word: str) -> str:
    """The first character of a word that is not plain, named; the word itself would mislead again."""
    odd = next(character for character in word if not character.isascii())
    return f"a word with {character_name(odd)}"
