"""Secrets in added lines. A program of ours looks for them in the sandbox; what comes out is masked."""

import json
import time
from itertools import count, groupby

from checks.added import Hit, could_not_scan, new_findings
from checks.check import CheckInput
from checks.errors import UnreadableReport
from checks.finding import Level
from checks.report import CheckReport
from checks.staging import Language, Staged
from checks.tool import OUR_PROGRAMS, WITH_OUR_PROGRAMS, ended_badly, few, read_json, run_python, wrong_interpreter
from runner.sandbox import Outcome

_CWE = "CWE-798"
_FIX = (
    "Take it out and have it revoked where it was issued: it is in the history from now on. "
    "Read it from the environment or a secret store."
)


class Secrets:
    """Keys, tokens and passwords: known forms, assignments that give themselves away, long random strings."""

    name = "secrets"
    title = "keys, tokens and passwords"

    def run(self, work: CheckInput) -> CheckReport:
        """See `Check.run`."""
        started = time.monotonic()
        skipped = could_not_scan(self.name, work.staged.skipped, frozenset(Language))
        if not work.staged.files:
            return CheckReport(self.name, findings=skipped)
        if trouble := wrong_interpreter(work.sandbox.info):
            return CheckReport(self.name, findings=skipped, trouble=(trouble,))
        outcome = run_python(
            work,
            ("-m", "checks.inside.find_secrets"),
            mounts=(OUR_PROGRAMS,),
            environment=WITH_OUR_PROGRAMS,
            stdin=request(work.staged),
        )
        hits, troubles = read(outcome, work.staged)
        # Every hit is on an added line, and the program has left out what base's version has.
        found = new_findings(self.name, hits, work.staged)
        return CheckReport(self.name, found + skipped, troubles, time.monotonic() - started)


def request(staged: Staged) -> bytes:
    """What the program reads: each file's names and its added lines, as ranges."""
    files = [
        {"name": file.name, "path": file.path, "base": file.base_name, "lines": ranges(file.added)}
        for file in staged.files
        if file.added
    ]
    return json.dumps({"files": files}).encode()


def ranges(numbers: frozenset[int]) -> list[list[int]]:
    """Numbers as [first, last] of each run of consecutive ones."""
    steps = count()
    runs = [list(run) for _, run in groupby(sorted(numbers), key=lambda number: number - next(steps))]
    return [[run[0], run[-1]] for run in runs]


def read(outcome: Outcome, staged: Staged) -> tuple[tuple[Hit, ...], tuple[str, ...]]:
    """What the run gave: hits, and what could not be told."""
    if trouble := ended_badly("the search for secrets", outcome, frozenset({0})):
        return (), (trouble,)
    try:
        return parse(outcome.stdout, staged)
    except UnreadableReport as error:
        return (), (str(error),)


def parse(data: bytes, staged: Staged) -> tuple[tuple[Hit, ...], tuple[str, ...]]:
    """Read the program's answer.

    Raises:
        UnreadableReport: it is not such an answer.
    """
    answer = read_json("the search for secrets", data)
    try:
        looked = set(answer["looked"])
        hits = tuple(_hit(entry) for entry in answer["hits"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableReport("the search for secrets gave an answer without the fields it should have") from error
    missed = (file.path for file in staged.files if file.added and file.name not in looked)
    return hits, few(tuple(f"the search for secrets did not look at all of {path}" for path in missed))


def _hit(entry: dict[str, object]) -> Hit:
    line, length = entry["line"], entry["length"]
    if not isinstance(line, int) or not isinstance(length, int):
        raise TypeError("a line and a length are numbers")
    return Hit(
        name=str(entry["name"]),
        rule=str(entry["rule"]),
        level=Level(str(entry["level"])),
        line=max(1, line),
        end_line=max(1, line),
        text=f"This line holds {entry['noun']} ({entry['start']}…, {length} characters).",
        fix=_FIX,
        cwe=_CWE,
    )
