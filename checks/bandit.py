"""bandit over the Python files, the head's and base's versions together."""

import time

from checks import bandit_report
from checks.added import could_not_scan, new_findings
from checks.check import CheckInput
from checks.errors import UnreadableReport
from checks.report import CheckReport
from checks.staging import Language, Staged
from checks.tool import ended_badly, run_python, wrong_interpreter
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
        report = read(run_python(work, arguments(work.staged)), work.staged)
        found = new_findings(self.name, report.hits, work.staged, report.unread)
        return CheckReport(self.name, found + skipped, report.trouble, time.monotonic() - started)


def arguments(staged: Staged) -> tuple[str, ...]:
    """What follows the interpreter: no suppression counts, and every file is named."""
    files = staged.of(PYTHON)
    names = [file.name for file in files] + [file.base_name for file in files if file.base_name]
    return ("-m", "bandit", "--quiet", "--format=json", "--ignore-nosec", f"--skip={','.join(LEFT_OUT)}", *names)


def read(outcome: Outcome, staged: Staged) -> bandit_report.BanditReport:
    """What the run gave: exit code, report, its errors and standard error all count. It exits 1 with findings."""
    if trouble := ended_badly("bandit", outcome, frozenset({0, 1})):
        return bandit_report.BanditReport(trouble=(trouble,))
    try:
        return bandit_report.parse(outcome.stdout, outcome.stderr, staged.of(PYTHON))
    except UnreadableReport as error:
        return bandit_report.BanditReport(trouble=(str(error),))
