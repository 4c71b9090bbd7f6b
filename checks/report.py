"""What came of the checks. A leaf: it knows findings and nothing else."""

from dataclasses import dataclass

from checks.finding import Finding


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check over one change.

    `trouble` says, one sentence each, what the check could not tell (a file that did not parse, a time-out, a crash):
    a report with trouble is never "clean". Its texts may hold the change's words: escape them where they are shown.
    """

    check: str
    findings: tuple[Finding, ...] = ()
    trouble: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether the check looked at everything it had to and found nothing."""
        return not self.findings and not self.trouble


@dataclass(frozen=True, slots=True)
class ScanReport:
    """All enabled checks over one change, in the registry's order. `seconds` is wall time: they run side by side."""

    reports: tuple[CheckReport, ...]
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every check's findings, worst first, then by place."""
        found = (finding for report in self.reports for finding in report.findings)
        return tuple(sorted(found, key=lambda f: (-f.level.rank, f.file, f.line, f.check, f.rule)))

    def report(self, check: str) -> CheckReport | None:
        """The report of the check with that name, if it ran."""
        return next((report for report in self.reports if report.check == check), None)
