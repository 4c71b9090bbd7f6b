"""What the tests say for and against a change."""

from collections.abc import Iterator, Sequence

from app.gate.known import DecisionInput, Fault
from app.gate.policy_model import Mode
from app.gate.reasons import Code, Reason
from app.gate.wording import counted, cut, listed
from runner.evidence import Evidence, TestRun, TestStatus

SHOWN = 3
_FAILING = (TestStatus.FAILED, TestStatus.ERROR)


def tests_reasons(known: DecisionInput) -> Iterator[Reason]:
    """Each reason that lies in the tests, or in their not having been run."""
    if known.no_tests and known.local:
        yield Reason(Code.NARROWED, "The tests were not run, as asked.")
        return
    if known.tests_trouble is not None:
        yield from _without_outcomes(known)
    elif known.tests is None:
        text = "The tests were not run, and nothing says why."
        yield Reason(Code.TESTS_NOT_RUN, text, "This is not the change's fault. Run the check again.")
    if known.tests is not None:
        yield from _head(known, known.tests)


def _without_outcomes(known: DecisionInput) -> Iterator[Reason]:
    assert known.tests_trouble is not None  # noqa: S101 - the caller has looked; this tells the type checker
    trouble = known.tests_trouble
    match trouble.fault:
        case Fault.OURS:
            fix = "This is not the change's fault. It is tried again by itself; if that ends, run the check again."
            yield Reason(Code.TESTS_TROUBLE, f"The tests could not be run: {trouble.text}", fix)
        case Fault.CHANGE:
            text = f"The change's environment cannot be made: {trouble.text}"
            yield Reason(Code.ENVIRONMENT_BROKEN, text, "Mend what the change declares that it needs, then push.")
        case Fault.NO_TESTS:
            yield _no_tests(known, f"There are no tests to run: {trouble.text}")


def _no_tests(known: DecisionInput, text: str) -> Reason:
    """Asks for a person's word; once a person has reviewed this commit, that is their word."""
    if not known.policy.tests.required or known.reviewed:
        return Reason(Code.TESTS_ABSENT, text)
    fix = "Add tests, or name the command that runs them in the policy (`environment.test`); else a person must review."
    return Reason(Code.NO_TESTS, text, fix)


def _head(known: DecisionInput, tests: Evidence) -> Iterator[Reason]:
    head, base = tests.run("head"), tests.run("base")
    if head is None:
        text = "The change's own suite was not run."
        yield Reason(Code.TESTS_NOT_RUN, text, "This is not the change's fault. Run the check again.")
        return
    if not head.complete:
        yield _incomplete(head, base)
        return
    yield from _broken(tests, head, base)
    if not ran(head):
        skipped = f" ({counted(len(head.outcomes), 'test')} skipped)" if head.outcomes else ""
        yield _no_tests(known, f"No test ran{skipped}.")
    yield from _tampering(known, tests)
    yield from _evidence(known, tests)
    yield from _for_the_reviewer(tests, base)


def ran(run: TestRun | None) -> bool:
    """Whether a single test was run, and not skipped."""
    return run is not None and any(outcome.status is not TestStatus.SKIPPED for outcome in run.outcomes)


def _incomplete(head: TestRun, base: TestRun | None) -> Reason:
    why = cut(head.trouble, 500) or "it did not come to its end"
    if base is not None and not base.complete:
        text = f"The suite comes to no end, with the change or without it: {why}"
        fix = "Raise the limits or name another test command in the policy; the change is not to blame."
        return Reason(Code.TESTS_TROUBLE, text, fix)
    text = f"The suite does not come to its end with this change, so it proves nothing: {why}"
    return Reason(Code.TESTS_INCOMPLETE, text, "Make the whole suite run to its end within the limits.")


def _broken(tests: Evidence, head: TestRun, base: TestRun | None) -> Iterator[Reason]:
    if tests.pass_to_fail:
        text = f"{_tests(tests.pass_to_fail, 'fail')} now and passed before: {_ids(tests.pass_to_fail)}."
        yield Reason(
            Code.TESTS_BROKEN,
            text,
            "Make them pass again; where the old behaviour was wrong, change the test and say why.",
        )
    before = set(base.uncollectable) if base is not None else set()
    lost = tuple(name for name in head.uncollectable if name not in before)
    if lost:
        text = f"{counted(len(lost), 'test file')} can no longer be collected: {_ids(lost)}."
        yield Reason(Code.TESTS_UNCOLLECTABLE, text, "Mend the import or the syntax error that the test output names.")
    known = {*tests.pass_to_fail, *tests.failing_on_both, *tests.new_failing}
    failing = (o.id for o in head.outcomes if o.status in _FAILING and o.id not in known)
    new = tuple(dict.fromkeys((*tests.new_failing, *failing)))
    if new:
        text = f"{_tests(new, 'fail')} and did not run before: {_ids(new)}."
        yield Reason(Code.NEW_TESTS_FAIL, text, "Make them pass.")


def _tampering(known: DecisionInput, tests: Evidence) -> Iterator[Reason]:
    mode = known.policy.tests.tampering
    if not tests.tampering or mode is Mode.OFF:
        return
    places = [f"{cut(place.text, 120)} (`{cut(place.file, 120)}:{place.line}`)" for place in tests.tampering]
    text = f"The change alters what tests mean: {listed(places, SHOWN)}."
    if mode is Mode.BLOCK:
        yield Reason(Code.TESTS_TAMPERED, text, "Put the tests back as they were, and let the code meet them.")
    else:
        yield Reason(Code.TAMPERING_NOTED, text, "Look at these places first.")


def _evidence(known: DecisionInput, tests: Evidence) -> Iterator[Reason]:
    mode = Mode.BLOCK if known.require_evidence else known.policy.tests.evidence
    if tests.fail_to_pass or mode is Mode.OFF or not known.evidence_expected:
        return
    text = "No test fails without the change and passes with it, so no test shows that it does what it says."
    fix = "Add a test that fails on the base and passes with the change."
    yield Reason(Code.EVIDENCE_REQUIRED if mode is Mode.BLOCK else Code.NO_EVIDENCE, text, fix)


def _for_the_reviewer(tests: Evidence, base: TestRun | None) -> Iterator[Reason]:
    if tests.changed_expectations:
        changed = tests.changed_expectations
        text = f"It changes what {_tests(changed, 'expect')}: {_ids(changed)}."
        yield Reason(Code.EXPECTATIONS_CHANGED, text, "Compare the old and the new assertions before anything else.")
    if tests.removed:
        text = f"{counted(len(tests.removed), 'test')} ran before, now gone: {_ids(tests.removed)}."
        yield Reason(Code.TESTS_REMOVED, text, "Make sure that what they tested is gone too, or tested elsewhere.")
    if tests.newly_skipped:
        text = f"{counted(len(tests.newly_skipped), 'test')} ran before, now skipped: {_ids(tests.newly_skipped)}."
        yield Reason(Code.TESTS_SKIPPED, text, "Make sure that there is a reason to skip them.")
    if base is None or not base.complete:
        why = f": {cut(base.trouble, 300)}" if base is not None and base.trouble else ""
        yield Reason(
            Code.BASE_INCOMPLETE,
            f"There is nothing to compare with, for the base's suite did not come to its end{why}.",
        )
    if tests.failing_on_both:
        text = f"{counted(len(tests.failing_on_both), 'test')} failed before this change too: not counted against it."
        yield Reason(Code.BASE_FAILING, text)
    if tests.flaky:
        text = f"{counted(len(tests.flaky), 'test')} failed at first and passed when run again: {_ids(tests.flaky)}."
        yield Reason(Code.TESTS_FLAKY, text)


def _tests(ids: Sequence[str], verb: str) -> str:
    """The count with its verb: "1 test fails", "2 tests fail"."""
    return counted(len(ids), f"test {verb}s", f"tests {verb}")


def _ids(ids: Sequence[str]) -> str:
    return listed([f"`{cut(name, 160)}`" for name in ids], SHOWN)
