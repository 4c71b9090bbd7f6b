"""bandit over the Python files: the head's versions first, base's only where there are hits."""

import time
from collections.abc import Iterable

from checks.added import could_not_scan, new_findings, to_compare
from checks.bandit_report import BanditReport, parse
from checks.check import CheckInput
from checks.errors import UnreadableReport
from checks.report import CheckReport
from checks.staging import Language, StagedFile
from checks.targets import Target, are_few, bases, heads
from checks.tool import ended_badly, few, run_python, wrong_interpreter
from runner.sandbox import Outcome

PYTHON = frozenset({Language.PYTHON})

LEFT_OUT = (
    "B101",  # `assert` is how pytest's tests are written, and says nothing bad of the code that has it
    "B404",  # that `subprocess` is imported is no fault; the calls have rules of their own
)


class Bandit:
    """bandit's rules over Python."""

    name = "bandit"
    title = "dangerous Python, by bandit"

    def run(self, work: CheckInput) -> CheckReport:
        """See `Check.run`."""
        started = time.monotonic()
        skipped = could_not_scan(self.name, work.staged.skipped, PYTHON)
        if not work.staged.of(PYTHON):
            return CheckReport(self.name, findings=skipped)
        if trouble := wrong_interpreter(work.sandbox.info):
            return CheckReport(self.name, findings=skipped, trouble=(trouble,))
        report = _both(work, work.staged.of(PYTHON))
        found = new_findings(self.name, report.hits, work.staged, report.unread)
        return CheckReport(self.name, found + skipped, few(report.trouble), time.monotonic() - started)


def _both(work: CheckInput, files: tuple[StagedFile, ...]) -> BanditReport:
    """The head's files, and what is needed of base's."""
    if are_few(bases(files)):
        return _scan(work, heads(files) + bases(files))
    report = _scan(work, heads(files))
    if old := to_compare(files, report.hits):
        report = report.joined(_scan(work, bases(old)))
    return report


def _scan(work: CheckInput, targets: tuple[Target, ...]) -> BanditReport:
    return read(run_python(work, arguments(targets)), targets)


def arguments(targets: Iterable[Target]) -> tuple[str, ...]:
    """What follows the interpreter: no suppression counts, and every file is named."""
    names = (target.name for target in targets)
    return ("-m", "bandit", "--quiet", "--format=json", "--ignore-nosec", f"--skip={','.join(LEFT_OUT)}", *names)


def read(outcome: Outcome, targets: tuple[Target, ...]) -> BanditReport:
    """What the run gave: exit code, report, its errors and standard error all count. It exits 1 with findings."""
    try:
        trouble = ended_badly("bandit", outcome, frozenset({0, 1}))
        return _unknown(targets, trouble) if trouble else parse(outcome.stdout, outcome.stderr, targets)
    except UnreadableReport as error:
        return _unknown(targets, str(error))


def _unknown(targets: Iterable[Target], trouble: str) -> BanditReport:
    return BanditReport(trouble=(trouble,), unread=frozenset(target.name for target in targets))
