"""The verdict over the whole cross-product of what can be known, and the rules that always hold."""

import dataclasses
import itertools
from collections.abc import Iterator

import pytest

from app.gate.decision import Code, DecisionInput, Verdict, Weight, decide, is_gated, verdict_of
from app.gate.known import TestsTrouble
from app.gate.policy import DEFAULT, Gate, Mode, Policy
from app.gate.policy_model import Checks, Tests
from app.gate.reasons import Reason
from runner.evidence import Evidence, TestStatus
from tests.unit.gate.samples import (
    AGENT,
    PERSON,
    REVIEWS,
    SCANS,
    SCANS_CLEAN,
    SCANS_FAIL,
    SCANS_OURS,
    TESTS,
    TESTS_CLEAN,
    TESTS_FAIL,
    TESTS_NONE,
    TESTS_OURS,
)

STOPS = ("", "held", "refused", "trouble", "policy")


@dataclasses.dataclass(frozen=True)
class Case:
    """One combination, by the names of its parts."""

    tests: str
    scans: str
    review: str
    stop: str = ""
    local: bool = False
    gated: bool = True

    def known(self, policy: Policy = DEFAULT) -> DecisionInput:
        """What the decision is given."""
        tests, found = TESTS[self.tests], SCANS[self.scans]
        return DecisionInput(
            policy=policy,
            agent=AGENT if self.gated else PERSON,
            tests=tests if isinstance(tests, Evidence) else None,
            tests_trouble=tests if isinstance(tests, TestsTrouble) else None,
            scans=None if isinstance(found, str) else found,
            scans_trouble=found if isinstance(found, str) else "",
            review=REVIEWS[self.review],
            local=self.local,
            held=("every change",) if self.stop == "held" else (),
            refused="a symlink leaves the tree" if self.stop == "refused" else "",
            trouble="GitHub does not answer" if self.stop == "trouble" else "",
            policy_problem="line 2, column 1" if self.stop == "policy" else "",
        )

    @property
    def reviewed(self) -> bool:
        return self.local or self.review == "stands"


def cases() -> Iterator[Case]:
    """Every combination: some sixteen thousand."""
    for parts in itertools.product(TESTS, SCANS, REVIEWS, STOPS, (False, True), (False, True)):
        yield Case(*parts)


def test_the_classes_cover_every_sample() -> None:
    """Else a sample would be judged and asked nothing."""
    assert set(TESTS) == TESTS_CLEAN | TESTS_FAIL | TESTS_OURS | TESTS_NONE
    assert set(SCANS) == SCANS_CLEAN | SCANS_FAIL | SCANS_OURS


def test_nothing_passes_but_what_is_finished_clean_and_reviewed() -> None:
    """Fail closed: each pass has every required part."""
    passed = 0
    for case in cases():
        if decide(case.known()).verdict is not Verdict.PASSED:
            continue
        passed += 1
        if not case.gated and not case.local:
            assert case.stop != "policy", case
            continue
        assert case.stop == "", case
        assert case.scans in SCANS_CLEAN, case
        assert case.reviewed, case
        assert case.tests in TESTS_CLEAN or (case.tests in TESTS_NONE and case.review == "stands"), case
    assert passed > 100


def test_all_that_is_clean_and_reviewed_passes() -> None:
    """The gate opens where nothing speaks against it."""
    for case in cases():
        if case.stop == "" and case.tests in TESTS_CLEAN and case.scans in SCANS_CLEAN and case.reviewed:
            assert decide(case.known()).verdict is Verdict.PASSED, case


def test_our_fault_is_never_the_changes() -> None:
    """Where the only thing wrong is ours, the verdict is an error and no reason blocks."""
    seen = 0
    for case in cases():
        blameless = case.tests not in TESTS_FAIL and case.scans not in SCANS_FAIL and case.stop != "refused"
        ours = case.tests in TESTS_OURS or case.scans in SCANS_OURS or case.stop == "trouble"
        if not (case.gated or case.local) or case.stop in ("held", "policy") or not (blameless and ours):
            continue
        seen += 1
        decision = decide(case.known())
        assert decision.verdict is Verdict.ERROR, case
        assert all(reason.code.weight is not Weight.BLOCKS for reason in decision.reasons), case
    assert seen > 1000


def test_what_the_change_did_wrong_outweighs_the_rest() -> None:
    """Failed before error before needs-review, where it was run at all."""
    for case in cases():
        if not (case.gated or case.local) or case.stop not in ("", "refused"):
            continue
        if case.stop == "refused" or case.tests in TESTS_FAIL or case.scans in SCANS_FAIL:
            assert decide(case.known()).verdict is Verdict.FAILED, case


def test_only_a_person_is_missing() -> None:
    """On the server, a clean change without a review that stands needs one; on a machine it passes."""
    for case in cases():
        clean = case.stop == "" and case.tests in TESTS_CLEAN and case.scans in SCANS_CLEAN
        if clean and case.gated and not case.reviewed:
            assert decide(case.known()).verdict is Verdict.NEEDS_REVIEW, case


def test_a_person_s_change_is_not_in_the_way() -> None:
    """Whatever else is known, unless the policy itself is broken."""
    for case in cases():
        if not case.gated and not case.local and case.stop != "policy":
            decision = decide(case.known())
            assert decision.verdict is Verdict.PASSED
            assert [reason.code for reason in decision.reasons] == [Code.NOT_AGENT_AUTHORED]


def test_gate_everyone_gates_everyone() -> None:
    """The same change is judged as an agent's would be."""
    everyone = Policy(gate=Gate.EVERYONE)
    for case in cases():
        agents = dataclasses.replace(case, gated=True)
        assert decide(case.known(everyone)).verdict is decide(agents.known(everyone)).verdict, case


def test_every_decision_has_reasons_in_order_that_tell_what_to_do() -> None:
    """No verdict without a reason; no reason to act without a way to."""
    for case in cases():
        decision = decide(case.known())
        weights = [reason.code.weight for reason in decision.reasons]
        assert weights == sorted(weights, reverse=True)
        assert weights[0].verdict is decision.verdict
        for reason in decision.reasons:
            assert reason.text
            assert reason.fix or reason.code.weight is Weight.NOTE, reason
        assert decision.deciding


def test_a_stopped_change_says_nothing_of_tests_it_never_ran() -> None:
    """A held change is not told that its tests did not run."""
    for stop in ("held", "trouble", "refused"):
        codes = {reason.code for reason in decide(Case("absent", "absent", "missing", stop).known()).reasons}
        assert not codes & {Code.TESTS_NOT_RUN, Code.SCANS_NOT_RUN}


@pytest.mark.parametrize(
    ("case", "code"),
    [
        pytest.param(Case("broken", "clean", "stands"), Code.TESTS_BROKEN, id="regression"),
        pytest.param(Case("new failing", "clean", "stands"), Code.NEW_TESTS_FAIL, id="new test fails"),
        pytest.param(Case("unexplained failing", "clean", "stands"), Code.NEW_TESTS_FAIL, id="failure nobody listed"),
        pytest.param(Case("head incomplete", "clean", "stands"), Code.TESTS_INCOMPLETE, id="no end"),
        pytest.param(Case("both incomplete", "clean", "stands"), Code.TESTS_TROUBLE, id="no end on base either"),
        pytest.param(Case("uncollectable", "clean", "stands"), Code.TESTS_UNCOLLECTABLE, id="uncollectable"),
        pytest.param(Case("tampered", "clean", "stands"), Code.TESTS_TAMPERED, id="tampered"),
        pytest.param(Case("change's trouble", "clean", "stands"), Code.ENVIRONMENT_BROKEN, id="environment"),
        pytest.param(Case("our trouble", "clean", "stands"), Code.TESTS_TROUBLE, id="index down"),
        pytest.param(Case("no tests", "clean", "missing"), Code.NO_TESTS, id="no tests"),
        pytest.param(Case("nothing ran", "clean", "missing"), Code.NO_TESTS, id="nothing ran"),
        pytest.param(Case("no tests", "clean", "absent", local=True), Code.NO_TESTS, id="no tests, locally"),
        pytest.param(Case("clean", "high", "stands"), Code.FINDINGS, id="finding"),
        pytest.param(Case("clean", "check's trouble", "stands"), Code.SCANS_TROUBLE, id="check's trouble"),
        pytest.param(Case("clean", "check absent", "stands"), Code.SCANS_NOT_RUN, id="check absent"),
        pytest.param(Case("clean", "clean", "missing"), Code.REVIEW_MISSING, id="review missing"),
        pytest.param(Case("clean", "clean", "changes"), Code.CHANGES_REQUESTED, id="changes requested"),
        pytest.param(Case("clean", "clean", "stands", "held"), Code.HELD, id="held"),
        pytest.param(Case("clean", "clean", "stands", "refused"), Code.CHANGE_REFUSED, id="refused"),
        pytest.param(Case("clean", "clean", "stands", "trouble"), Code.COULD_NOT_JUDGE, id="trouble"),
        pytest.param(Case("clean", "clean", "stands", "policy"), Code.POLICY_INVALID, id="policy"),
        pytest.param(Case("clean", "clean", "stands"), Code.ALL_CLEAR, id="all clear"),
    ],
)
def test_the_reason_that_decides(case: Case, code: Code) -> None:
    """Each way to a verdict has its own stable code."""
    assert code in [reason.code for reason in decide(case.known()).deciding]


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        pytest.param("unproven", Code.NO_EVIDENCE, id="no evidence"),
        pytest.param("failing on both", Code.BASE_FAILING, id="failed before"),
        pytest.param("base incomplete", Code.BASE_INCOMPLETE, id="nothing to compare"),
        pytest.param("thinned", Code.TESTS_REMOVED, id="removed"),
        pytest.param("thinned", Code.EXPECTATIONS_CHANGED, id="expectations"),
        pytest.param("thinned", Code.TESTS_FLAKY, id="flaky"),
    ],
)
def test_what_is_put_before_the_reviewer(tests: str, code: Code) -> None:
    """It passes, and says so."""
    decision = decide(Case(tests, "clean", "stands").known())
    assert decision.verdict is Verdict.PASSED
    assert code in [reason.code for reason in decision.notes]


def with_modes(**modes: Mode) -> Policy:
    """A policy with these modes of tests."""
    return Policy(tests=Tests.model_validate(modes))


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        pytest.param(with_modes(evidence=Mode.BLOCK), Verdict.FAILED, id="block"),
        pytest.param(with_modes(evidence=Mode.WARN), Verdict.PASSED, id="warn"),
        pytest.param(with_modes(evidence=Mode.OFF), Verdict.PASSED, id="off"),
    ],
)
def test_evidence_mode(policy: Policy, verdict: Verdict) -> None:
    """What comes of a change that no test proves is the policy's."""
    known = Case("unproven", "clean", "stands").known(policy)
    assert decide(known).verdict is verdict
    assert decide(dataclasses.replace(known, require_evidence=True)).verdict is Verdict.FAILED
    documentation = dataclasses.replace(known, require_evidence=True, evidence_expected=False)
    assert decide(documentation).verdict is Verdict.PASSED


def test_tampering_mode() -> None:
    """Warned of, it is put before the reviewer; turned off, it is not mentioned."""
    warned = decide(Case("tampered", "clean", "stands").known(with_modes(tampering=Mode.WARN)))
    silent = decide(Case("tampered", "clean", "stands").known(with_modes(tampering=Mode.OFF)))
    assert warned.verdict is Verdict.PASSED
    assert Code.TAMPERING_NOTED in [reason.code for reason in warned.notes]
    assert silent.verdict is Verdict.PASSED
    assert Code.TAMPERING_NOTED not in [reason.code for reason in silent.notes]


def test_check_modes() -> None:
    """A check that only warns blocks nothing, neither by findings nor by trouble; all off asks for no scans."""
    warn = Policy(checks=Checks(semgrep=Mode.WARN, bandit=Mode.WARN, secrets=Mode.WARN, hidden_text=Mode.WARN))
    off = Policy(checks=Checks(semgrep=Mode.OFF, bandit=Mode.OFF, secrets=Mode.OFF, hidden_text=Mode.OFF))
    for scans in ("high", "check's trouble", "check absent"):
        assert decide(Case("clean", scans, "stands").known(warn)).verdict is Verdict.PASSED, scans
    assert decide(Case("clean", "absent", "stands").known(off)).verdict is Verdict.PASSED
    assert decide(Case("clean", "absent", "stands").known(warn)).verdict is Verdict.ERROR


def test_narrowing_counts_on_a_machine_only() -> None:
    """`--no-tests` and `--no-scans` cannot open the gate on the server."""
    local = dataclasses.replace(Case("absent", "absent", "absent", local=True).known(), no_tests=True, no_scans=True)
    assert decide(local).verdict is Verdict.PASSED
    assert decide(dataclasses.replace(local, local=False)).verdict is Verdict.ERROR


def test_tests_not_required() -> None:
    """A repository without tests may say so."""
    policy = Policy(tests=Tests(required=False))
    assert decide(Case("no tests", "clean", "absent", local=True).known(policy)).verdict is Verdict.PASSED


def test_policy_and_protected_paths_are_told() -> None:
    """What the change does to the policy, and to protected paths, is put before the reviewer."""
    known = dataclasses.replace(
        Case("clean", "clean", "stands").known(),
        policy_changes=("`gate` from `everyone` to `agents`",),
        protected=("x",),
    )
    assert {Code.POLICY_CHANGED, Code.PROTECTED_PATHS} <= {reason.code for reason in decide(known).notes}


def test_no_reason_at_all_is_no_pass() -> None:
    """Our own bug must not open the gate."""
    assert verdict_of(()).verdict is Verdict.ERROR


def test_weights_map_to_verdicts_one_to_one() -> None:
    """Total both ways, and exit codes as the command line promises."""
    assert {weight.verdict for weight in Weight} == set(Verdict)
    assert {verdict: verdict.exit_code for verdict in Verdict} == {
        Verdict.PASSED: 0,
        Verdict.FAILED: 1,
        Verdict.NEEDS_REVIEW: 1,
        Verdict.ERROR: 3,
    }
    assert Verdict.ERROR is verdict_of((Reason(Code.TESTS_TROUBLE, "x", "y"), Reason(Code.HELD, "x", "y"))).verdict


def test_codes_are_kebab_case() -> None:
    """They are a contract: plain, unique names."""
    assert all(code.value.replace("-", "").isalpha() and code.value.islower() for code in Code)


@pytest.mark.parametrize("gate", list(Gate))
def test_is_gated(gate: Gate) -> None:
    """An agent's always; a person's only where everyone is."""
    assert is_gated(Policy(gate=gate), AGENT)
    assert is_gated(Policy(gate=gate), PERSON) is (gate is Gate.EVERYONE)


@pytest.mark.parametrize("tests", sorted(name for name, sample in TESTS.items() if isinstance(sample, Evidence)))
def test_a_pass_does_not_boast_of_tests_that_did_not_run(tests: str) -> None:
    sample = TESTS[tests]
    assert isinstance(sample, Evidence)
    decision = decide(Case(tests, "clean", "stands").known())
    head = sample.run("head")
    some = head is not None and any(outcome.status is not TestStatus.SKIPPED for outcome in head.outcomes)
    if decision.verdict is Verdict.PASSED:
        assert ("its tests hold" in decision.reasons[0].text.lower()) is some
