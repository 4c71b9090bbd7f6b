"""A result as plain text for a terminal, and any text made safe for one."""

from collections.abc import Iterator

from app.gate.quantities import show_duration
from app.gate.reasons import Reason, Verdict, Weight
from app.gate.result_model import FindingEntry, Result, TestsSummary
from app.gate.visible import visible
from app.gate.wording import counted, cut

SHOWN_IDS = 10
SHOWN_FINDINGS = 50
WIDE = 500

HEADLINES = {
    Verdict.PASSED: "PASSED",
    Verdict.FAILED: "FAILED",
    Verdict.NEEDS_REVIEW: "NEEDS A PERSON",
    Verdict.ERROR: "COULD NOT JUDGE",
}
MARKS = {Weight.NOTE: "·", Weight.ASKS: "?", Weight.TROUBLE: "!", Weight.BLOCKS: "✗"}


def safe(text: str, *, lines: bool = False, most: int = 20_000) -> str:
    """Text that cannot steer a terminal: escapes, controls, bidirectional and invisible characters are written out.

    Args:
        text: any text.
        lines: keep line feeds.
        most: how many characters are kept.
    """
    return visible(cut(text, most), lines=lines)


def render(result: Result) -> str:
    """The whole result in plain text: verdict, why and what to do, tests, findings, how it was judged."""
    return "\n".join(_lines(result)) + "\n"


def headline(result: Result) -> str:
    """The verdict in one line, with the reason that decided it."""
    first = result.reasons[0].text if result.reasons else ""
    return safe(f"{HEADLINES[result.verdict]}  {first}".rstrip(), most=WIDE)


def _lines(result: Result) -> Iterator[str]:
    yield headline(result)
    yield ""
    for reason in result.reasons:
        yield from _reason(reason)
    yield from _tests(result.tests)
    yield from _findings(result)
    yield ""
    yield _judged(result)


def _reason(reason: Reason) -> Iterator[str]:
    yield f"  {MARKS[reason.code.weight]} {safe(reason.text, most=WIDE)}  [{reason.code}]"
    if reason.fix:
        yield f"      {safe(reason.fix, most=WIDE)}"


def _tests(tests: TestsSummary) -> Iterator[str]:
    if not tests.runs:
        return
    yield ""
    yield f"  {'tests':<22}{'passed':>8}{'failed':>8}{'errors':>8}{'skipped':>9}  time"
    for name, run in tests.runs.items():
        counts = f"{run.passed:>8}{run.failed:>8}{run.errors:>8}{run.skipped:>9}"
        yield f"  {safe(name, most=22):<22}{counts}  {show_duration(run.seconds)}"
    groups = (
        ("fixed or new, failing without the change", tests.fail_to_pass),
        ("broken by the change", tests.pass_to_fail),
        ("gone", tests.removed),
        ("newly skipped", tests.newly_skipped),
        ("changed in what they expect", tests.changed_expectations),
        ("flaky", tests.flaky),
    )
    for title, ids in groups:
        if ids:
            yield f"  {counted(len(ids), 'test')} {title}:"
            yield from (f"      {safe(name, most=WIDE)}" for name in ids[:SHOWN_IDS])
            if len(ids) > SHOWN_IDS:
                yield f"      … and {len(ids) - SHOWN_IDS} more"


def _findings(result: Result) -> Iterator[str]:
    if not result.findings:
        return
    yield ""
    yield f"  {counted(len(result.findings), 'finding')}:"
    for finding in result.findings[:SHOWN_FINDINGS]:
        yield from _finding(finding)
    if len(result.findings) > SHOWN_FINDINGS:
        yield f"      … and {len(result.findings) - SHOWN_FINDINGS} more; --json gives all"


def _finding(finding: FindingEntry) -> Iterator[str]:
    yield f"  {finding.level:<8} {safe(finding.file, most=WIDE)}:{finding.line}  {safe(finding.rule, most=WIDE)}"
    yield f"           {safe(finding.text, most=WIDE)}"
    if finding.fix:
        yield f"           fix: {safe(finding.fix, most=WIDE)}"


def _judged(result: Result) -> str:
    change = result.change
    size = f"{counted(change.files, 'file')}, +{change.added} -{change.removed}"
    where = f"in {safe(result.sandbox.name, most=40)}" if result.sandbox.name != "none" else "nothing executed"
    commits = f"{safe(change.base[:12])}..{safe(change.head[:12])}"
    return f"  {commits}  {size}  {where}  {show_duration(result.timing.total)}"
