"""The review rule, by the stories it has to tell apart."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gate.policy_model import Permission
from app.gate.policy_model import Review as ReviewPolicy
from app.gate.review import (
    LabelEvent,
    Person,
    Review,
    ReviewCode,
    ReviewInput,
    ReviewVerdict,
    assess,
    permission_named,
    unmarked_by,
)

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAD, OLD = "a" * 40, "b" * 40
APP = Person("mergelock[bot]", "Bot")
AGENT = Person("some-agent[bot]", "Bot")
ROBIN, SASHA, ASKER = Person("Robin"), Person("sasha"), Person("asker")
READER = Person("reader")
DEFAULT_LABEL = "human-reviewed"


def at(minutes: int) -> datetime:
    """Minutes after the head became the head (before, if negative)."""
    return START + timedelta(minutes=minutes)


def label(who: Person, minutes: int, *, added: bool = True, head: str = HEAD, app: str = "") -> LabelEvent:
    """The review label put on or taken off."""
    return LabelEvent(who, DEFAULT_LABEL, added, head, at(minutes), app)


def review(who: Person, minutes: int, state: str = "APPROVED", commit: str = HEAD) -> Review:
    """A review."""
    return Review(who, commit, ReviewVerdict(state), at(minutes))


def facts(*events: LabelEvent | Review, present: bool | None = None, **changes: object) -> ReviewInput:
    """The facts of one story; the label is there if it was last put on, unless said otherwise."""
    labels = tuple(event for event in events if isinstance(event, LabelEvent))
    last = max(labels, key=lambda event: event.at, default=None)
    base = ReviewInput(
        policy=ReviewPolicy(),
        head=HEAD,
        head_since=START,
        author=AGENT,
        app=APP,
        label_present=(last is not None and last.added) if present is None else present,
        requester="asker",
        label_events=labels,
        reviews=tuple(event for event in events if isinstance(event, Review)),
        permissions={
            "robin": Permission.WRITE,
            "sasha": Permission.MAINTAIN,
            "asker": Permission.ADMIN,
            "reader": Permission.READ,
            "some-agent[bot]": Permission.ADMIN,
            "mergelock[bot]": Permission.ADMIN,
        },
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_facts", "by"),
    [
        pytest.param(facts(label(ROBIN, 1)), ("Robin",), id="label by a person with write"),
        pytest.param(facts(label(ROBIN, 0)), ("Robin",), id="in the same second, naming this head"),
        pytest.param(facts(label(ROBIN, 1, head="")), ("Robin",), id="later, head not named"),
        pytest.param(facts(review(ROBIN, 1)), ("Robin",), id="approving review of this commit"),
        pytest.param(facts(label(ROBIN, 1), review(SASHA, 2)), ("Robin", "sasha"), id="both"),
        pytest.param(facts(label(ROBIN, 1), review(ROBIN, 2)), ("Robin",), id="one person counts once"),
        pytest.param(facts(label(APP, 2), review(ROBIN, 1)), ("Robin",), id="the app's label for a review"),
        pytest.param(
            facts(label(ROBIN, 1), label(ROBIN, 2, added=False), label(SASHA, 3)), ("sasha",), id="off and on again"
        ),
        pytest.param(
            facts(review(ROBIN, 1, "CHANGES_REQUESTED"), review(ROBIN, 2)), ("Robin",), id="thought better of it"
        ),
        pytest.param(
            facts(review(ROBIN, 1, "CHANGES_REQUESTED"), label(ROBIN, 2)), ("Robin",), id="thought better by the label"
        ),
        pytest.param(facts(review(ROBIN, 1), review(ROBIN, 2, "COMMENTED")), ("Robin",), id="a later comment"),
        pytest.param(facts(label(ROBIN, 1), head_since=None), ("Robin",), id="head's age unknown, event names it"),
        pytest.param(
            facts(label(ASKER, 1), policy=ReviewPolicy(requester_may_approve=True)), ("asker",), id="requester may"
        ),
        pytest.param(facts(label(Person("ROBIN"), 1)), ("ROBIN",), id="logins know no case"),
        pytest.param(facts(review(AGENT, 1), review(ROBIN, 2)), ("Robin",), id="a bot's word beside a person's"),
    ],
)
def test_stands(given_facts: ReviewInput, by: tuple[str, ...]) -> None:
    """Each way by which the gate opens."""
    state = assess(given_facts)
    assert state.stands
    assert state.by == by
    assert not state.remove_label


@pytest.mark.parametrize(
    ("given_facts", "code", "removed"),
    [
        pytest.param(facts(), ReviewCode.MISSING, False, id="nobody"),
        pytest.param(facts(label(AGENT, 1)), ReviewCode.NOT_A_PERSON, True, id="label by the agent"),
        pytest.param(facts(label(Person("x[bot]"), 1)), ReviewCode.NOT_A_PERSON, True, id="a bot as a user"),
        pytest.param(facts(label(Person("org", "Organization"), 1)), ReviewCode.NOT_A_PERSON, True, id="organisation"),
        pytest.param(facts(label(Person("", "User"), 1)), ReviewCode.NOT_A_PERSON, True, id="deleted account"),
        pytest.param(facts(label(ROBIN, 1, app="some-app")), ReviewCode.NOT_A_PERSON, True, id="through an app"),
        pytest.param(facts(label(ROBIN, 1), author=ROBIN), ReviewCode.AUTHOR, True, id="label by the author"),
        pytest.param(facts(label(ASKER, 1)), ReviewCode.REQUESTER, True, id="label by who prompted"),
        pytest.param(facts(label(Person("Asker"), 1)), ReviewCode.REQUESTER, True, id="who prompted, in other case"),
        pytest.param(facts(label(READER, 1)), ReviewCode.PERMISSION, True, id="label by a reader"),
        pytest.param(facts(label(Person("stranger"), 1)), ReviewCode.PERMISSION, True, id="label by a stranger"),
        pytest.param(facts(label(ROBIN, -1, head=OLD)), ReviewCode.OLDER_HEAD, True, id="label before the push"),
        pytest.param(facts(label(ROBIN, 1, head=OLD)), ReviewCode.OLDER_HEAD, True, id="late, but of the old head"),
        pytest.param(facts(label(ROBIN, -1)), ReviewCode.OLDER_HEAD, True, id="pushed away and back"),
        pytest.param(facts(label(ROBIN, 0, head="")), ReviewCode.OLDER_HEAD, True, id="same second, head not named"),
        pytest.param(facts(label(ROBIN, 1, head=""), head_since=None), ReviewCode.OLDER_HEAD, True, id="nothing known"),
        pytest.param(facts(present=True), ReviewCode.UNKNOWN_ACTOR, True, id="a label without a story"),
        pytest.param(
            facts(label(ROBIN, 1, added=False), present=True),
            ReviewCode.UNKNOWN_ACTOR,
            True,
            id="disagreeing",
        ),
        pytest.param(facts(label(ROBIN, 1), label(ROBIN, 2, added=False)), ReviewCode.TAKEN_OFF, False, id="taken off"),
        pytest.param(
            facts(review(ROBIN, 1), label(APP, 2), label(SASHA, 3, added=False)),
            ReviewCode.TAKEN_OFF,
            False,
            id="taken off after an approval",
        ),
        pytest.param(facts(label(APP, 1)), ReviewCode.MISSING, True, id="the app's label without a review"),
        pytest.param(facts(review(ROBIN, 1, commit=OLD)), ReviewCode.OLDER_HEAD, False, id="approval of the old one"),
        pytest.param(facts(review(AGENT, 1)), ReviewCode.NOT_A_PERSON, False, id="approval by the agent"),
        pytest.param(facts(review(ROBIN, 1), author=ROBIN), ReviewCode.AUTHOR, False, id="approval by the author"),
        pytest.param(facts(review(ASKER, 1)), ReviewCode.REQUESTER, False, id="approval by who prompted"),
        pytest.param(facts(review(READER, 1)), ReviewCode.PERMISSION, False, id="approval by a reader"),
        pytest.param(facts(review(ROBIN, 1, "DISMISSED")), ReviewCode.MISSING, False, id="dismissed"),
        pytest.param(
            facts(label(ROBIN, 1), review(SASHA, 2, "CHANGES_REQUESTED")),
            ReviewCode.CHANGES_REQUESTED,
            False,
            id="another asks for changes",
        ),
        pytest.param(
            facts(label(ROBIN, 1), review(ROBIN, 2, "CHANGES_REQUESTED")),
            ReviewCode.CHANGES_REQUESTED,
            False,
            id="changes asked for after the label",
        ),
        pytest.param(facts(label(ROBIN, 1), approvals=2), ReviewCode.TOO_FEW, False, id="protected paths ask for two"),
        pytest.param(
            facts(label(ROBIN, 1), policy=ReviewPolicy(exact_commit=True)),
            ReviewCode.LABEL_NOT_ENOUGH,
            False,
            id="label alone where a review is asked",
        ),
        pytest.param(
            facts(label(ROBIN, 1), policy=ReviewPolicy(permission=Permission.MAINTAIN)),
            ReviewCode.PERMISSION,
            True,
            id="write where maintain is asked",
        ),
    ],
)
def test_does_not_stand(given_facts: ReviewInput, code: ReviewCode, *, removed: bool) -> None:
    """Each with its reason in words, and the label taken off where it says what is not so."""
    state = assess(given_facts)
    assert not state.stands
    assert not state.set_label
    assert code in [problem.code for problem in state.problems]
    assert bool(state.remove_label) is removed
    assert all(problem.text for problem in state.problems)


def test_the_app_sets_the_label_for_a_review() -> None:
    """Once, and again after taking off somebody's who may not."""
    assert assess(facts(review(ROBIN, 1))).set_label
    assert not assess(facts(review(ROBIN, 1), label(APP, 2))).set_label
    both = assess(facts(review(ROBIN, 1), label(AGENT, 2)))
    assert both.stands
    assert both.set_label
    assert both.remove_label


def test_requests_for_changes_by_those_who_do_not_count() -> None:
    """A stranger or an agent cannot close the gate for ever; nor does a wish about an older commit."""
    for wish in (review(READER, 1, "CHANGES_REQUESTED"), review(AGENT, 1, "CHANGES_REQUESTED")):
        assert assess(facts(label(ROBIN, 2), wish)).stands
    assert assess(facts(label(ROBIN, 2), review(SASHA, 1, "CHANGES_REQUESTED", OLD))).stands


def test_two_people() -> None:
    """A label and another's review make two; the policy's number and the paths' number: the greater."""
    assert assess(facts(label(ROBIN, 1), review(SASHA, 2), approvals=2)).stands
    assert not assess(facts(label(ROBIN, 1), review(SASHA, 2), policy=ReviewPolicy(approvals=3), approvals=2)).stands


events = st.one_of(
    st.builds(
        LabelEvent,
        actor=st.sampled_from([ROBIN, SASHA, ASKER, READER, AGENT, APP]),
        label=st.sampled_from([DEFAULT_LABEL, "other"]),
        added=st.booleans(),
        head=st.sampled_from([HEAD, OLD, ""]),
        at=st.integers(-3, 5).map(at),
        app=st.sampled_from(["", "", "some-app"]),
    ),
    st.builds(
        Review,
        person=st.sampled_from([ROBIN, SASHA, ASKER, READER, AGENT, APP]),
        commit=st.sampled_from([HEAD, OLD]),
        state=st.sampled_from(list(ReviewVerdict)),
        at=st.integers(-3, 5).map(at),
    ),
)


@given(st.lists(events, max_size=8), st.booleans(), st.sampled_from([ROBIN, AGENT]), st.integers(1, 2))
def test_what_always_holds(story: list[LabelEvent | Review], present: bool, author: Person, approvals: int) -> None:
    """Whoever does what in whichever order: only qualified people open it, by their word on this head."""
    given_facts = facts(*story, present=present, author=author, approvals=approvals)
    state = assess(given_facts)
    assert set(state.by) <= {"Robin", "sasha"} - {author.login}
    if state.stands:
        assert len(state.by) >= approvals
        for login in state.by:
            labelled = any(
                e.actor.login == login and e.added and e.head in (HEAD, "") and e.label == DEFAULT_LABEL and not e.app
                for e in given_facts.label_events
            )
            approved = any(
                r.person.login == login and r.commit == HEAD and r.state is ReviewVerdict.APPROVED
                for r in given_facts.reviews
            )
            assert labelled or approved
    else:
        assert state.problems
    assert not (state.set_label and not state.stands)
    assert not (state.remove_label and not present)


def test_unmarked_by() -> None:
    """Only a qualified person, as the last word, on this head."""

    def mark(who: Person, minutes: int, *, added: bool) -> LabelEvent:
        return LabelEvent(who, "Agent-Authored", added, HEAD, at(minutes))

    marks = frozenset({"agent-authored"})
    assert unmarked_by(facts(mark(ROBIN, 1, added=False)), marks) == "Robin"
    assert unmarked_by(facts(), marks) is None
    assert unmarked_by(facts(mark(AGENT, 1, added=False)), marks) is None
    assert unmarked_by(facts(mark(ASKER, 1, added=False)), marks) is None
    assert unmarked_by(facts(mark(ROBIN, 1, added=False), mark(APP, 2, added=True)), marks) is None
    assert unmarked_by(facts(mark(ROBIN, -1, added=False)), marks) is None


@pytest.mark.parametrize("name", ["read", "triage", "write", "maintain", "admin"])
def test_permission_named(name: str) -> None:
    """GitHub's names, and nothing else."""
    assert permission_named(name) == name


@pytest.mark.parametrize("name", ["none", "", "owner", "WRITE"])
def test_no_permission(name: str) -> None:
    """Unknown is none."""
    assert permission_named(name) is None


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        pytest.param(label(ROBIN, 4), False, id="label before another base was chosen"),
        pytest.param(label(ROBIN, 5), False, id="label in that very second"),
        pytest.param(label(ROBIN, 6), True, id="label since"),
        pytest.param(review(ROBIN, 4), False, id="approval before another base was chosen"),
        pytest.param(review(ROBIN, 5), False, id="approval in that very second"),
        pytest.param(review(ROBIN, 6), True, id="approval since"),
    ],
)
def test_a_review_is_of_one_diff_so_another_base_takes_it_away(said: LabelEvent | Review, stands: bool) -> None:
    state = assess(facts(said, base_since=at(5)))
    assert state.stands is stands
    assert stands or ReviewCode.OLDER_HEAD in {problem.code for problem in state.problems}
    assert bool(state.remove_label) is (not stands and isinstance(said, LabelEvent))
