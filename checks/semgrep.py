"""semgrep with our own rules: one process over the head's files, a second over base's where it is needed.

What base's version of a file says only excuses hits in the head's, or shows that a hit on an untouched line is new. So
where the head has none, base need not be read, and only the rules that hit are asked of it.
"""

import time
from collections.abc import Iterable
from dataclasses import replace

from checks import semgrep_report
from checks.added import could_not_scan, new_findings, to_compare
from checks.check import CheckInput
from checks.errors import UnreadableReport
from checks.python_syntax import unparsed
from checks.report import CheckReport
from checks.semgrep_report import SemgrepReport
from checks.semgrep_rules import bundle
from checks.staging import CODE, StagedFile
from checks.targets import LEAST_SECONDS, Target, are_few, bases, batches, heads, languages, named, share
from checks.tool import LIMITS, OUR_PROGRAMS, SCAN, WITH_OUR_PROGRAMS, ended_badly, few, run_python, wrong_interpreter
from runner.sandbox import Outcome

RULES = "rules.json"
RULE_SECONDS = 10
"""Longest that one rule may take on one file; then the file counts as not read."""
RULES_TOO_SLOW = 3
"""After so many rules that took too long, semgrep leaves a file: it counts as not read in any case."""
RUN_CHARACTERS = 4_000_000
"""A change with more code than this is scanned in several runs."""

_ENVIRONMENT = {
    **WITH_OUR_PROGRAMS,
    # It asks its maker for a newer version of itself and hangs for 97 s where there is no network, without all three.
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_SETTINGS_FILE": "/tmp/semgrep-settings.yml",  # noqa: S108 - the sandbox's own private /tmp
    # Its young objects get 64 MiB (8 Mi words) before they are sorted: a third less CPU time on ordinary changes.
    "OCAMLRUNPARAM": "s=8M",
}


class Semgrep:
    """Our own rules over Python, JavaScript and TypeScript."""

    name = "semgrep"
    title = "dangerous code, by our own semgrep rules"

    def run(self, work: CheckInput) -> CheckReport:
        """See `Check.run`."""
        started = time.monotonic()
        skipped = could_not_scan(self.name, work.staged.skipped, CODE)
        files = work.staged.of(CODE)
        if not files:
            return CheckReport(self.name, findings=skipped)
        if wrong := wrong_interpreter(work.sandbox.info):
            return CheckReport(self.name, findings=skipped, trouble=(wrong,))
        report = _both(work, files)
        found = new_findings(self.name, report.hits, work.staged, report.unread)
        trouble = few(report.trouble + unparsed(work, files))
        return CheckReport(self.name, found + skipped, trouble, time.monotonic() - started)


def _both(work: CheckInput, files: tuple[StagedFile, ...]) -> SemgrepReport:
    """The head's files, and what is needed of base's."""
    rules = bundle(languages(files))
    if are_few(bases(files)):
        return _scan(work, heads(files) + bases(files), rules)
    report = _scan(work, heads(files), rules)
    if old := to_compare(files, report.hits):
        asked = bundle(languages(old), frozenset(hit.rule for hit in report.hits))
        report = report.joined(_scan(work, bases(old), asked))
    return report


def _scan(work: CheckInput, targets: tuple[Target, ...], rules: bytes) -> SemgrepReport:
    """Run semgrep over some files; huge ones last and apart, so that the others are told of in any case."""
    document = work.staged.folder / RULES
    document.write_bytes(rules)
    document.chmod(0o644)  # the sandbox reads it as nobody
    report = SemgrepReport()
    runs = batches(targets, RUN_CHARACTERS)
    end = time.monotonic() + LIMITS.time
    for index, run in enumerate(runs):
        seconds = share(end - time.monotonic(), len(runs) - index)
        if seconds < LEAST_SECONDS:
            late = [target for later in runs[index:] for target in later]
            return report.joined(unknown(late, f"semgrep had no time left for {named(late)}"))
        limits = replace(LIMITS, time=seconds)
        outcome = run_python(work, arguments(run), mounts=(OUR_PROGRAMS,), environment=_ENVIRONMENT, limits=limits)
        report = report.joined(read(outcome, run))
    return report


def arguments(targets: Iterable[Target]) -> tuple[str, ...]:
    """What follows the interpreter: no suppression, no ignore file, no skipped size counts; every file is named."""
    return (
        "-m",
        "checks.inside.start_semgrep",
        "scan",
        "--json",
        "--quiet",
        "--metrics=off",
        "--disable-version-check",
        "--oss-only",
        "--disable-nosem",
        "--no-git-ignore",
        "--no-rewrite-rule-ids",
        "--no-exclude-binary-files",
        "--max-target-bytes=0",
        f"--timeout={RULE_SECONDS}",
        f"--timeout-threshold={RULES_TOO_SLOW}",
        "--max-memory=2000",
        "--jobs=1",  # two threads wait for each other's memory: 3 to 6 times the CPU time, and no sooner done
        f"--config={SCAN / RULES}",
        *(target.name for target in targets),
    )


def read(outcome: Outcome, targets: tuple[Target, ...]) -> SemgrepReport:
    """What the run gave: exit code, report and its errors all count. Without findings or with, semgrep exits 0."""
    if trouble := ended_badly("semgrep", outcome, frozenset({0})):
        return unknown(targets, f"{trouble}; nothing is known of {named(targets)}")
    try:
        return semgrep_report.parse(outcome.stdout, targets)
    except UnreadableReport as error:
        return unknown(targets, str(error))


def unknown(targets: Iterable[Target], trouble: str) -> SemgrepReport:
    """That nothing is known of some files. Base's among them excuse nothing."""
    return SemgrepReport(trouble=(trouble,), unread=frozenset(target.name for target in targets))
