"""Results as Hypothesis draws them: with the texts of somebody who has read how they are shown."""

from hypothesis import strategies as st

from app.gate.agent import Agent
from app.gate.reasons import Code, Reason, Verdict
from app.gate.result import (
    ChangeSummary,
    FindingEntry,
    ObservationEntry,
    Result,
    RunSummary,
    SandboxSummary,
    TamperingEntry,
    TestsSummary,
    Timing,
)
from checks.finding import Level
from tests.unit.gate.strategies import hostile_pieces

texts = hostile_pieces.map(lambda text: text.encode("utf-8", "replace").decode())
counts = st.integers(0, 10**9)
seconds = st.integers(0, 10**6).map(lambda value: value / 1000)
ids = st.lists(texts, max_size=4).map(tuple)
details = st.dictionaries(texts, texts | counts, max_size=3)

findings = st.builds(
    FindingEntry,
    check=st.sampled_from(["semgrep", "bandit"]),
    rule=texts,
    level=st.sampled_from(list(Level)),
    file=texts,
    line=st.integers(0, 10**6),
    end_line=st.integers(0, 10**6),
    text=texts,
    fix=texts,
    fingerprint=st.just("f" * 32),
)

results: st.SearchStrategy[Result] = st.builds(
    Result,
    verdict=st.sampled_from(list(Verdict)),
    reasons=st.lists(st.builds(Reason, st.sampled_from(list(Code)), texts, texts), min_size=1, max_size=4).map(tuple),
    change=st.builds(
        ChangeSummary,
        base=st.just("b" * 40),
        head=st.just("a" * 40),
        files=counts,
        added=counts,
        removed=counts,
        agent=st.builds(Agent, authored=st.booleans(), name=st.none() | texts, signals=ids),
    ),
    tests=st.builds(
        TestsSummary,
        runs=st.dictionaries(
            st.sampled_from(["base", "head", "base-with-head-tests"]) | texts,
            st.builds(RunSummary, counts, counts, counts, counts, seconds, st.none() | st.integers(-64, 255)),
            max_size=3,
        ),
        fail_to_pass=ids,
        pass_to_pass=counts,
        pass_to_fail=ids,
        removed=ids,
        newly_skipped=ids,
        changed_expectations=ids,
        flaky=ids,
        tampering=st.lists(st.builds(TamperingEntry, texts, texts, counts, texts), max_size=2).map(tuple),
    ),
    findings=st.lists(findings, max_size=3).map(tuple),
    observations=st.lists(
        st.builds(ObservationEntry, texts, details, texts, st.sampled_from(["base", "head"]), counts, st.booleans()),
        max_size=2,
    ).map(tuple),
    timing=st.builds(Timing, seconds, seconds, seconds, seconds),
    sandbox=st.builds(SandboxSummary, texts, texts, st.just({"memory": 4e9, "processes": 512.0, "time": 60.0})),
)
