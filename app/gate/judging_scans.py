"""What the static scans say against a change."""

from collections.abc import Iterator, Sequence

from app.gate.known import DecisionInput
from app.gate.policy_model import Checks, Mode
from app.gate.reasons import Code, Reason
from app.gate.wording import counted, cut, listed
from checks.finding import Finding
from checks.report import ScanReport

SHOWN = 3
CHECKS: tuple[str, ...] = tuple(
    name.replace("_", "-") for name in Checks.model_fields if name not in ("block_at", "rules")
)
"""The checks that a policy knows, by the names that the registry of checks gives them."""


def enabled_checks(checks: Checks) -> frozenset[str]:
    """The checks that are to run: all that the policy does not turn off."""
    return frozenset(name for name in CHECKS if checks.mode(name) is not Mode.OFF)


def blocks(finding: Finding, checks: Checks) -> bool:
    """Whether this finding fails the change under that policy."""
    return checks.mode(finding.check) is Mode.BLOCK and finding.level.rank >= checks.block_at.rank


def scan_reasons(known: DecisionInput) -> Iterator[Reason]:
    """Each reason that lies in the scans, or in their not having been run."""
    if known.no_scans and known.local:
        yield Reason(Code.NARROWED, "The scans were not run, as asked.")
        return
    if known.scans is None and not known.scans_trouble and not enabled_checks(known.policy.checks):
        return
    fix = "This is not the change's fault. Run the check again."
    if known.scans_trouble:
        yield Reason(Code.SCANS_TROUBLE, f"The scans could not be run: {known.scans_trouble}", fix)
    elif known.scans is None:
        yield Reason(Code.SCANS_NOT_RUN, "The scans were not run, and nothing says why.", fix)
    if known.scans is not None:
        yield from _absent(known.scans, known.policy.checks)
        yield from _trouble(known.scans, known.policy.checks)
        yield from _findings(known.scans, known.policy.checks)


def _absent(scans: ScanReport, checks: Checks) -> Iterator[Reason]:
    """A check that was to run and has no report did not find the change clean."""
    for mode, code in ((Mode.BLOCK, Code.SCANS_NOT_RUN), (Mode.WARN, Code.SCANS_NOTED)):
        absent = [name for name in CHECKS if checks.mode(name) is mode and scans.report(name) is None]
        if absent:
            yield Reason(code, f"{listed(absent)} did not run, and nothing says why.", "Run the check again.")


def _trouble(scans: ScanReport, checks: Checks) -> Iterator[Reason]:
    for mode, code in ((Mode.BLOCK, Code.SCANS_TROUBLE), (Mode.WARN, Code.SCANS_NOTED)):
        texts = [
            f"{report.check}: {cut(text, 300)}"
            for report in scans.reports
            if checks.mode(report.check) is mode
            for text in report.trouble
        ]
        if texts:
            fix = "Where a file cannot be read because of what it is, mend it; else run the check again."
            yield Reason(code, f"The scans could not tell everything: {listed(texts, SHOWN)}", fix)


def _findings(scans: ScanReport, checks: Checks) -> Iterator[Reason]:
    shown = [finding for finding in scans.findings if checks.mode(finding.check) is not Mode.OFF]
    blocking = [finding for finding in shown if blocks(finding, checks)]
    if blocking:
        text = f"{counted(len(blocking), 'finding')} at {checks.block_at} or above: {_places(blocking)}."
        yield Reason(Code.FINDINGS, text, "Mend the lines; each finding says how.")
    rest = len(shown) - len(blocking)
    if rest:
        text = f"{counted(rest, 'further finding' if blocking else 'finding')} that the policy lets through."
        yield Reason(Code.FINDINGS_NOTED, text, "Look at them in the review.")


def _places(findings: Sequence[Finding]) -> str:
    return listed([f"`{cut(f.rule, 100)}` (`{cut(f.file, 120)}:{f.line}`)" for f in findings], SHOWN)
