"""The parts of a report in Markdown: verdict, reasons, tests, findings, how it was judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.gate.markdown import block, code, prose, words
from app.gate.quantities import show_duration, show_size
from app.gate.reasons import Reason, Verdict, Weight
from app.gate.result_model import FindingEntry, ObservationEntry, Result, TestsSummary
from app.gate.wording import counted, cut
from checks.finding import Level
from runner.evidence import Evidence, TestStatus

IDS_SHOWN = 100
OUTPUTS_SHOWN = 20
OUTPUT_CUT = 2_000

HEADLINES = {
    Verdict.PASSED: "✅ Passed",
    Verdict.FAILED: "❌ Failed",
    Verdict.NEEDS_REVIEW: "👀 A person has to review this",
    Verdict.ERROR: "⚠️ Could not judge",
}
LEVELS = {Level.CRITICAL: "🔴 critical", Level.HIGH: "🟠 high", Level.MEDIUM: "🟡 medium", Level.LOW: "⚪ low"}
RUNS = {
    "base": "before the change",
    "head": "with the change",
    "base-with-head-tests": "before the change, with its tests",
    "head-with-base-tests": "with the change, with the old tests",
}


@dataclass(frozen=True, slots=True)
class Judging:
    """How it was judged, for the end of the report. `policy` says where the policy came from, in words of ours."""

    policy_digest: str
    policy: str = "the built-in defaults"
    version: str = ""


def verdict(result: Result) -> str:
    """The headline and the reasons that decided, each with what to do."""
    deciding, _ = _split(result)
    return "\n\n".join([f"### {HEADLINES[result.verdict]}", *(_reason(reason) for reason in deciding)])


def further(result: Result) -> str:
    """The reasons that did not decide: what else is wrong, what the reviewer should look at."""
    _, rest = _split(result)
    if not rest:
        return ""
    title = "**Noted**" if all(r.code.weight is Weight.NOTE for r in rest) else "**Also**"
    return "\n".join([title, "", *(f"- {prose(reason.text)}{_fix(reason)}" for reason in rest)])


def tests(summary: TestsSummary) -> str:
    """The runs in a table, and what comparing them shows in a few words."""
    if not summary.runs:
        return ""
    rows = [
        f"| {RUNS.get(name, 'another run')} | {run.passed} | {run.failed} | {run.errors} | {run.skipped} "
        f"| {show_duration(run.seconds)} |"
        for name, run in summary.runs.items()
    ]
    head = ["| tests | passed | failed | errors | skipped | time |", "|:--|--:|--:|--:|--:|--:|"]
    return "\n".join(["#### Tests", "", *head, *rows, "", *_compared(summary)]).rstrip()


def test_lists(summary: TestsSummary) -> Iterator[str]:
    """The tests' names by what became of them, those that matter most first."""
    groups = (
        ("Broken by the change", summary.pass_to_fail),
        ("Changed in what they expect", summary.changed_expectations),
        ("Gone", summary.removed),
        ("Newly skipped", summary.newly_skipped),
        ("Failing without the change, passing with it", summary.fail_to_pass),
        ("Failed at first, passed when run again", summary.flaky),
    )
    for title, ids in groups:
        if ids:
            shown = [f"- {code(name)}" for name in ids[:IDS_SHOWN]]
            more = [f"- … and {len(ids) - IDS_SHOWN} more"] if len(ids) > IDS_SHOWN else []
            yield "\n".join([f"**{title}** ({len(ids)})", "", *shown, *more])
    for place in summary.tampering:
        yield f"- {words(place.text)} ({code(f'{place.file}:{place.line}')})"


def test_outputs(evidence: Evidence) -> Iterator[str]:
    """What the failing tests of the head said, cut."""
    head = evidence.run("head")
    failing = [o for o in head.outcomes if o.status in (TestStatus.FAILED, TestStatus.ERROR)] if head else []
    for outcome in [o for o in failing if o.id not in evidence.failing_on_both][:OUTPUTS_SHOWN]:
        if outcome.message:
            yield f"{code(outcome.id)}\n\n{block(_tail(outcome.message))}"


def findings(entries: Sequence[FindingEntry], most: int) -> str:
    """Findings as a list, the worst first."""
    if not entries:
        return ""
    lines = [
        f"- **{LEVELS[f.level]}** {code(f.rule)} at {code(f'{f.file}:{f.line}')}: {prose(cut(f.text, 500))}"
        + (f" *{prose(cut(f.fix, 500))}*" if f.fix else "")
        for f in entries[:most]
    ]
    more = [f"- … and {len(entries) - most} more"] if len(entries) > most else []
    return "\n".join([f"#### {counted(len(entries), 'finding')}", "", *lines, *more])


def observations(entries: Sequence[ObservationEntry], most: int = 20) -> str:
    """What the sandbox saw that is new with the change."""
    new = [entry for entry in entries if entry.new_in_head]
    if not new:
        return ""
    lines = [
        f"- {words(entry.kind)}: {code(_detail(entry))}" + (f" ({entry.count} times)" if entry.count > 1 else "")
        for entry in new[:most]
    ]
    more = [f"- … and {len(new) - most} more"] if len(new) > most else []
    return "\n".join(["#### Seen in the sandbox, with the change only", "", *lines, *more])


def how_judged(result: Result, judging: Judging) -> str:
    """By what, within which limits, how long, by which signs an agent's."""
    change, limits = result.change, result.sandbox.limits
    size = f"{counted(change.files, 'file')}, {change.added} lines added, {change.removed} removed"
    lines = [f"- The change: {code(change.base[:12])} … {code(change.head[:12])}, {size}."]
    if change.agent.authored:
        name = f" ({words(change.agent.name)})" if change.agent.name else ""
        signs = "; ".join(prose(signal) for signal in change.agent.signals[:10]) or "it is marked so"
        lines.append(f"- An agent's{name}: {signs}.")
    if result.sandbox.name != "none":
        bounds, sandbox = _bounds(limits), f"{result.sandbox.name} {result.sandbox.version}"
        lines.append(f"- Run in {code(sandbox)}, without network{bounds}.")
    took = result.timing
    parts = f"{show_duration(took.tests)} for the tests, {show_duration(took.scans)} for the scans"
    lines.append(f"- It took {show_duration(took.total)}: {parts}, side by side where they can be.")
    policy = f"{prose(judging.policy)}, digest {code(judging.policy_digest[:12])}"
    lines.append(f"- Policy: {policy}{f'. Mergelock {code(judging.version)}' if judging.version else ''}.")
    return "\n".join(["<details><summary>How it was judged</summary>", "", *lines, "", "</details>"])


def _split(result: Result) -> tuple[list[Reason], list[Reason]]:
    """A pass is decided by its first reason; anything else by all that are as heavy as the verdict."""
    deciding = [reason for reason in result.reasons if reason.code.weight.verdict is result.verdict]
    if result.verdict is Verdict.PASSED:
        deciding = deciding[:1]
    return deciding, [reason for reason in result.reasons if reason not in deciding]


def _reason(reason: Reason) -> str:
    return f"**{prose(reason.text)}**" + (f"\n→ {prose(reason.fix)}" if reason.fix else "")


def _fix(reason: Reason) -> str:
    return f" *{prose(reason.fix)}*" if reason.fix else ""


def _compared(summary: TestsSummary) -> Iterator[str]:
    told = [
        (len(summary.fail_to_pass), "failing without the change and passing with it"),
        (summary.pass_to_pass, "passing as before"),
        (len(summary.pass_to_fail), "**broken by the change**"),
        (len(summary.changed_expectations), "**changed in what they expect**"),
        (len(summary.removed), "**gone**"),
        (len(summary.newly_skipped), "**newly skipped**"),
        (len(summary.flaky), "flaky"),
    ]
    if said := ", ".join(f"{count} {what}" for count, what in told if count):
        yield f"{said}."


def _detail(entry: ObservationEntry) -> str:
    return ", ".join(f"{key} {value}" for key, value in entry.detail.items()) or "nothing more is known"


def _bounds(limits: Mapping[str, float]) -> str:
    if not limits:
        return ""
    memory = show_size(int(limits.get("memory", 0)))
    processes = int(limits.get("processes", 0))
    return f", within {memory} of memory, {processes} processes and {show_duration(limits.get('time', 0.0))} a run"


def _tail(message: str) -> str:
    """The end of an output is where the error stands."""
    return message if len(message) <= OUTPUT_CUT else "…" + message[-OUTPUT_CUT:]
