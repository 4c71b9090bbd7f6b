"""What GitHub is sent: the right colour always, within its limits always, and nothing of the change's doing."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.gate import check_run as limits
from app.gate.check_run import Action, Annotation, AnnotationLevel, CheckRunPayload, Conclusion, Status
from app.gate.decision import Code, Decision, DecisionInput, Reason, Verdict, decide
from app.gate.errors import Problem
from app.gate.policy import DEFAULT
from app.gate.report import (
    Judging,
    Posting,
    check_runs,
    could_not_judge,
    judging,
    not_agent_authored,
    outcome,
    policy_invalid,
    title_of,
    trying_again,
)
from app.gate.result import ChangeSummary, Result, build
from app.gate.review import ReviewCode, ReviewProblem, ReviewState
from app.gate.topics import Topic, topic_of
from checks.report import CheckReport, ScanReport
from runner.evidence import Evidence
from tests.unit.gate.results import results, texts
from tests.unit.gate.samples import AGENT, BASE, FAILED, HEAD, PERSON, finding, run
from tests.unit.gate.samples import outcome as sample_outcome
from tests.unit.gate.worked_examples import EXAMPLES, HOW, POSTING

RENDERER = MarkdownIt("commonmark", {"html": True}).enable("table")
OUR_HTML = ("<details><summary>How it was judged</summary>", "</details>")

reviews = st.none() | st.builds(
    ReviewState,
    stands=st.booleans(),
    by=st.lists(texts, max_size=2).map(tuple),
    problems=st.lists(st.builds(ReviewProblem, st.sampled_from(list(ReviewCode)), texts, texts), max_size=2).map(tuple),
)
evidences = st.none() | texts.map(
    lambda text: Evidence((run("head", sample_outcome(text or "t::x", FAILED, text * 100)),), new_failing=(text,))
)


def assert_within_limits(payload: CheckRunPayload) -> None:
    """GitHub's, for one check run."""
    assert 0 < len(payload.title) <= limits.TITLE_LIMIT
    assert payload.summary
    for text in (payload.summary, payload.text):
        assert len(text.encode()) <= limits.TEXT_LIMIT
    assert all(0 < len(batch) <= 50 for batch in payload.batches)
    assert tuple(itertools.chain(*payload.batches)) == payload.annotations
    for annotation in payload.annotations:
        assert 1 <= annotation.start_line <= annotation.end_line
        assert len(annotation.title) <= 255
        assert 0 < len(annotation.message.encode()) <= 64 * 1024
    assert len(payload.actions) <= 3
    for action in payload.actions:
        assert len(action.label) <= 20
        assert len(action.description) <= 40
        assert len(action.identifier) <= 20
    assert payload.conclusion in (None, Conclusion.SUCCESS, Conclusion.FAILURE, Conclusion.ACTION_REQUIRED)


def assert_harmless(payload: CheckRunPayload) -> None:
    """No link, image, mention or HTML but ours, in what is rendered."""
    for text in (payload.summary, payload.text):
        for token in RENDERER.parse(text):
            if token.type == "html_block":
                assert token.content.strip() in OUR_HTML, token.content
            for piece in token.children or []:
                assert piece.type not in ("link_open", "image", "html_inline"), piece
                assert piece.type != "text" or "@" not in piece.content.replace("@\u200b", ""), piece
    assert payload.title.isprintable()


@settings(max_examples=60, deadline=None)
@given(results, reviews, evidences, st.booleans())
def test_any_result_is_posted_safely(
    result: Result,
    review: ReviewState | None,
    evidence: Evidence | None,
    retrying: bool,
) -> None:
    """Whatever a change writes, within the limits, harmless, and in the verdict's colour."""
    payloads = check_runs(result, POSTING, HOW, review=review, evidence=evidence, retrying=retrying)
    assert payloads[0].name == "mergelock"
    assert len({payload.name for payload in payloads}) == len(payloads)
    assert len({payload.external_id for payload in payloads}) == len(payloads)
    for payload in payloads:
        assert_within_limits(payload)
        assert_harmless(payload)
    if result.reasons[0].code is not Code.NOT_AGENT_AUTHORED:
        assert (payloads[0].status, payloads[0].conclusion) == outcome(result.verdict, retrying=retrying)


def test_every_verdict_has_its_colour() -> None:
    """Green for a pass only; an error stays open while it is retried."""
    posted = {(verdict, again): outcome(verdict, retrying=again) for verdict in Verdict for again in (False, True)}
    assert posted == {
        (Verdict.PASSED, False): (Status.COMPLETED, Conclusion.SUCCESS),
        (Verdict.PASSED, True): (Status.COMPLETED, Conclusion.SUCCESS),
        (Verdict.FAILED, False): (Status.COMPLETED, Conclusion.FAILURE),
        (Verdict.FAILED, True): (Status.COMPLETED, Conclusion.FAILURE),
        (Verdict.NEEDS_REVIEW, False): (Status.COMPLETED, Conclusion.ACTION_REQUIRED),
        (Verdict.NEEDS_REVIEW, True): (Status.COMPLETED, Conclusion.ACTION_REQUIRED),
        (Verdict.ERROR, False): (Status.COMPLETED, Conclusion.ACTION_REQUIRED),
        (Verdict.ERROR, True): (Status.IN_PROGRESS, None),
    }


def test_what_github_counts_as_passed_is_not_even_a_word() -> None:
    """Neutral and skipped pass a required check; stale ones are nobody's."""
    assert {conclusion.value for conclusion in Conclusion} == {"success", "failure", "action_required"}


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_topic(code: Code) -> None:
    """Total; and a detail is never greener than the reason in it."""
    topic = topic_of(code)
    verdict = code.weight.verdict
    result = build(Decision(verdict, (Reason(code, "x", "y"),)), change=ChangeSummary(BASE, HEAD, 1, 1, 1, AGENT))
    payloads = {payload.name: payload for payload in check_runs(result, POSTING, HOW)}
    names = {Topic.TESTS: "mergelock / tests", Topic.SCANS: "mergelock / scans"}
    if topic in names and verdict is not Verdict.PASSED:
        assert payloads[names[topic]].conclusion is not Conclusion.SUCCESS


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_worked_examples(name: str) -> None:
    """The verdict and what to do stand before anything else."""
    example = EXAMPLES[name]
    required, *details = example.check_runs
    assert required.conclusion is outcome(example.result.verdict)[1]
    lines = required.summary.splitlines()
    assert lines[0].startswith("### ")
    assert lines[2].startswith("**")
    assert [payload.name for payload in details] == ["mergelock / tests", "mergelock / scans", "mergelock / review"]
    for payload in example.check_runs:
        assert_within_limits(payload)
        assert_harmless(payload)
        assert payload.head_sha == HEAD


def test_the_failed_example_in_words() -> None:
    """Why, what to do, the line, the output."""
    required, tests, scans, review = EXAMPLES["failed"].check_runs
    assert "### ❌ Failed" in required.summary
    assert "**1 test fails now and passed before: `tests.test_cache::test_evict`.**" in required.summary
    assert "→ Make them pass again" in required.summary
    assert "| with the change | 2 | 1 | 0 | 0 | 1.5 s |" in required.summary
    assert "address 203.0.113.9, port 443" in required.summary
    assert "E   assert len(cache) == 2" in tests.text
    assert [(a.path, a.start_line, a.level) for a in scans.annotations] == [
        ("pkg/mod.py", 7, AnnotationLevel.FAILURE),
        ("pkg/other.py", 3, AnnotationLevel.NOTICE),
    ]
    assert review.conclusion is Conclusion.ACTION_REQUIRED


def test_a_held_change_s_details_are_not_green() -> None:
    """What was not reached is no success."""
    assert {payload.conclusion for payload in EXAMPLES["held"].check_runs} == {Conclusion.ACTION_REQUIRED}


def test_a_person_s_change() -> None:
    """One green check run, and the sentence that says why."""
    result = build(decide(DecisionInput(DEFAULT, PERSON)), change=ChangeSummary(BASE, HEAD, 1, 1, 1, PERSON))
    (payload,) = check_runs(result, POSTING, HOW)
    assert payload.conclusion is Conclusion.SUCCESS
    assert payload.title == "Not agent-authored"
    assert payload == not_agent_authored(POSTING)


@settings(max_examples=50, deadline=None)
@given(texts)
def test_before_and_instead_of_a_verdict(text: str) -> None:
    """Open while it is worked on or retried, never green, and it blames nobody."""
    problem = Problem(2, 3, text, text, text)
    opened = (judging(POSTING, doing=text), trying_again(POSTING, text, when=text))
    closed = (could_not_judge(POSTING, text), policy_invalid(POSTING, ".github/mergelock.yml", (problem,) * 50))
    for payload in (*opened, *closed):
        assert payload.name == "mergelock"
        assert_within_limits(payload)
        assert_harmless(payload)
    assert {payload.status for payload in opened} == {Status.IN_PROGRESS}
    assert {payload.conclusion for payload in closed} == {Conclusion.ACTION_REQUIRED}
    assert all([action.identifier for action in payload.actions] == ["rerun"] for payload in closed)
    assert "not the change's fault" in opened[1].summary
    assert "not the change's fault" in closed[0].summary


def test_a_huge_change_fits() -> None:
    """Thousands of findings and failing tests with long outputs, cut and told so."""
    found = tuple(finding(file=f"pkg/{'x' * 200}{n}.py", line=n + 1) for n in range(3_000))
    scans = ScanReport(
        (CheckReport("semgrep", found), *(CheckReport(name) for name in ("bandit", "secrets", "hidden-text")))
    )
    failing = tuple(sample_outcome(f"t::{'y' * 300}{n}", FAILED, "🐍" * 5_000) for n in range(2_000))
    tests = Evidence((run("base"), run("head", *failing)), new_failing=tuple(o.id for o in failing))
    known = DecisionInput(DEFAULT, AGENT, tests=tests, scans=scans)
    result = build(decide(known), change=ChangeSummary(BASE, HEAD, 1, 1, 1, AGENT), tests=tests, scans=scans)
    payloads = check_runs(result, POSTING, HOW, evidence=tests)
    for payload in payloads:
        assert_within_limits(payload)
        assert_harmless(payload)
    assert len(payloads[2].annotations) == 500
    assert any("cut here" in payload.text for payload in payloads)


def test_titles_are_one_short_line() -> None:
    """As they stand in a list of checks."""
    assert title_of(EXAMPLES["failed"].result) == (
        "Failed: 1 test fails now and passed before: tests.test_cache::test_evict."
    )
    assert title_of(EXAMPLES["needs-review"].result).startswith("Needs a person: Nobody has reviewed this commit.")


def test_posting_again_changes_nothing() -> None:
    """The same judging has the same external ids; another has others."""
    first = [payload.external_id for payload in EXAMPLES["failed"].check_runs]
    assert first == [payload.external_id for payload in EXAMPLES["failed"].check_runs]
    other = check_runs(EXAMPLES["failed"].result, Posting(HEAD, "other"), HOW)
    assert not set(first) & {payload.external_id for payload in other}


def test_a_payload_holds_what_github_holds() -> None:
    """A conclusion exactly when completed; three actions."""
    with pytest.raises(ValueError, match="exactly when it is completed"):
        CheckRunPayload("n", HEAD, "x", Status.COMPLETED, None, "t", "s")
    with pytest.raises(ValueError, match="exactly when it is completed"):
        CheckRunPayload("n", HEAD, "x", Status.IN_PROGRESS, Conclusion.SUCCESS, "t", "s")
    with pytest.raises(ValueError, match="at most three"):
        CheckRunPayload("n", HEAD, "x", Status.QUEUED, None, "t", "s", actions=(Action("a", "b", "c"),) * 4)


def test_batches() -> None:
    """Fifty a request."""
    many = tuple(Annotation("a.py", n, n, AnnotationLevel.NOTICE, "t", "m") for n in range(1, 122))
    payload = CheckRunPayload("n", HEAD, "x", Status.QUEUED, None, "t", "s", annotations=many)
    assert [len(batch) for batch in payload.batches] == [50, 50, 21]


def test_the_report_says_by_which_policy() -> None:
    """Where it came from and its digest."""
    how = Judging("c0ffee" * 10, "`.github/mergelock.yml` of `main`")
    summary = check_runs(EXAMPLES["passed"].result, POSTING, how)[0].summary
    assert "- Policy: `.github/mergelock.yml` of `main`, digest `c0ffeec0ffee`." in summary
