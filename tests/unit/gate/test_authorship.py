"""Who wrote it: every sign of every known agent, near misses, and what a policy adds."""

import time

import pytest
from _pytest.mark.structures import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from app.gate.authorship import MAX_COMMITS, MAX_SIGNALS, Authorship, Commit, marks, recognise
from app.gate.known_agents import DENIALS, GENERIC_LABELS, GENERIC_TRAILERS, KNOWN_AGENTS
from app.gate.policy import DEFAULT, Policy, load
from app.gate.review import Person

WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
"""ASCII to its full-width forms."""
SHA = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"


def commit(message: str = "Fix it", **parts: object) -> Authorship:
    """A change of one commit by a person, but for what is said."""
    made = {"sha": SHA, "name": "Robin Roe", "email": "robin@example.org", "message": message, **parts}
    return Authorship(login="robin", login_type="User", commits=(Commit(**made),))  # type: ignore[arg-type]


def trailer(line: str) -> Authorship:
    """A commit with that last line."""
    return commit(f"Fix it\n\nBecause it was wrong.\n\n{line}\n")


def signs_of_every_agent() -> list[ParameterSet]:
    """Each sign in the table with the change that shows it, as a row of a test."""
    rows: list[ParameterSet] = []
    for agent in KNOWN_AGENTS:
        shows = [
            *((f"bot {bot}", Authorship(login=f"{bot}[bot]", login_type="Bot")) for bot in agent.bots),
            *((f"account {bot}", commit(author=Person(f"{bot}[bot]", "Bot"))) for bot in agent.bots),
            *((f"noreply {bot}", commit(email=f"1+{bot}[bot]@users.noreply.github.com")) for bot in agent.bots),
            *((f"user {user}", Authorship(login=user, login_type="User")) for user in agent.users),
            *((f"email {email}", commit(email=email)) for email in agent.emails),
            *((f"committer {email}", commit(committer_email=email.upper())) for email in agent.emails),
            *((f"trailer {email}", trailer(f"Co-authored-by: Some Name <{email}>")) for email in agent.emails),
            *((f"name {name}", commit(name=name.title())) for name in agent.names),
            *((f"credit {name}", trailer(f"Co-Authored-By: {name.title()} <x@y.z>")) for name in agent.credits),
            *((f"model {name}", trailer(f"Generated-by: {name} 4.5")) for name in (*agent.names, *agent.credits)),
            *(
                (f"branch {p}", Authorship(branch=p.replace("[0-9]*", "7").replace("*", "fix-1")))
                for p in agent.branches
            ),
            *((f"label {label}", Authorship(labels=(label.title(),))) for label in agent.labels),
            *((f"body {text}", Authorship(body=f"It is done.\n\n{text.upper()} 12")) for text in agent.markers),
            *((f"message {text}", commit(f"Do it\n\n{text} 12")) for text in agent.markers),
            *((f"key {key}", trailer(f"{key.title()}: x")) for key in agent.trailers),
        ]
        rows += [pytest.param(shown, agent.name, id=f"{agent.name}: {what}") for what, shown in shows]
    return rows


@pytest.mark.parametrize(("shown", "name"), signs_of_every_agent())
def test_every_sign_of_every_agent(shown: Authorship, name: str) -> None:
    """Each sign alone is enough, names the agent, and is told to a person."""
    agent = recognise(shown, DEFAULT)
    assert agent.authored
    assert agent.name == name
    assert agent.signals


def test_the_table_is_in_the_form_it_is_compared_in() -> None:
    """Folded, and no sign tells of two agents."""
    columns = ("bots", "users", "emails", "names", "credits", "branches", "labels", "markers", "trailers")
    for column in columns:
        values = [value for agent in KNOWN_AGENTS for value in getattr(agent, column)]
        assert all(value == " ".join(value.casefold().split()) for value in values)
        assert len(values) == len(set(values)), column
    assert all(any(getattr(agent, column) for column in columns) for agent in KNOWN_AGENTS)
    assert len({agent.name for agent in KNOWN_AGENTS}) == len(KNOWN_AGENTS)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(Authorship(), id="nothing"),
        pytest.param(commit(), id="a person"),
        pytest.param(Authorship(login="claude", login_type="User"), id="a person's login that an App has as well"),
        pytest.param(Authorship(login="copilot-fan", login_type="User"), id="a login that begins like one"),
        pytest.param(commit(name="Claude Dupont", email="claude@example.fr"), id="a first name"),
        pytest.param(commit(name="Claude", email="claude@example.fr"), id="a first name alone"),
        pytest.param(commit(name="Devin Roe"), id="another first name"),
        pytest.param(commit(name="Jules", email="jules@example.org"), id="and another"),
        pytest.param(trailer("Co-authored-by: Claude Dupont <claude@example.fr>"), id="a co-author with a surname"),
        pytest.param(trailer("Signed-off-by: Jules <jules@example.org>"), id="signed off by a first name"),
        pytest.param(trailer("Co-authored-by: Robin Roe <robin@example.org>"), id="a person as co-author"),
        pytest.param(trailer("AI-Assisted: no"), id="a denial"),
        pytest.param(trailer("Fixes: codex/12"), id="another trailer"),
        pytest.param(commit("Move the cursor to the codex, as Claude asked"), id="words of other meaning"),
        pytest.param(commit("Mention github.com/openai/codex in the docs"), id="a project's name"),
        pytest.param(commit(email="1234+claude@users.noreply.github.com"), id="a person's hidden address"),
        pytest.param(commit(email="employee@openai.com"), id="an employee of a vendor"),
        pytest.param(Authorship(branch="fix/codex"), id="a branch that ends like one"),
        pytest.param(Authorship(branch="codexes/fix"), id="a branch that begins alike"),
        pytest.param(Authorship(labels=("bug", "codex-docs")), id="other labels"),
        pytest.param(Authorship(body="Like Claude Code would do it. Not made with Cursor."), id="talk about agents"),
        pytest.param(Authorship(body="I generated the table with a script."), id="generated otherwise"),
    ],
)
def test_near_misses(shown: Authorship) -> None:
    """People are not in the way."""
    assert not recognise(shown, DEFAULT).authored


@pytest.mark.parametrize(
    ("shown", "signal"),
    [
        pytest.param(
            trailer("Co-authored-by: Claude <noreply@anthropic.com>"),
            "commit `1a2b3c4` has the trailer `Co-authored-by: Claude <noreply@anthropic.com>`",
            id="trailer",
        ),
        pytest.param(
            Authorship(login="devin-ai-integration[bot]", login_type="Bot"),
            "it was opened by `devin-ai-integration[bot]`",
            id="login",
        ),
        pytest.param(Authorship(branch="Codex/Fix"), "its branch is named `Codex/Fix`", id="branch"),
        pytest.param(Authorship(labels=("agent-authored",)), "it has the label `agent-authored`", id="mark"),
        pytest.param(commit(name="Robin (aider)"), "commit `1a2b3c4` is by `Robin (aider)`", id="suffix"),
        pytest.param(
            Authorship(body="x\n🤖 Generated with [Claude Code](https://claude.com/claude-code)"),
            "the description says `generated with [claude code]`",
            id="marker",
        ),
        pytest.param(
            Authorship(marked_before=True), "it was marked as an agent's before, and stays so", id="marked before"
        ),
    ],
)
def test_the_signal_tells_what_decided(shown: Authorship, signal: str) -> None:
    """In words for a person."""
    assert signal in recognise(shown, DEFAULT).signals


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Co-Authored-By: Cl\u200bau\u00adde <noreply@anthropic.com>", id="invisible characters"),
        pytest.param("CO-AUTHORED-BY:CLAUDE<NOREPLY@ANTHROPIC.COM>", id="case and no spaces"),
        pytest.param("  * Co-authored-by: " + "Claude Code".translate(WIDE), id="wide letters, squashed list"),
        pytest.param("Assisted-by: Somebody's model", id="an agent nobody knows"),
        pytest.param("AI-Generated: yes", id="generic"),
    ],
)
def test_however_it_is_written(text: str) -> None:
    """Case, width and invisible characters do not hide a sign."""
    assert recognise(trailer(text), DEFAULT).authored


@pytest.mark.parametrize("label", GENERIC_LABELS)
def test_generic_labels(label: str) -> None:
    """Marked without a name."""
    assert recognise(Authorship(labels=(label,)), DEFAULT).name is None
    assert recognise(Authorship(labels=(label,)), DEFAULT).authored


@pytest.mark.parametrize("key", GENERIC_TRAILERS)
def test_generic_trailers(key: str) -> None:
    """Any value but a denial."""
    assert recognise(trailer(f"{key}: yes"), DEFAULT).authored
    assert not any(recognise(trailer(f"{key}: {value}"), DEFAULT).authored for value in DENIALS)


POLICY = load("""\
version: 1
agents:
  logins: ["renovate[bot]", housebot]
  labels: [robot]
  branches: ["bots/*"]
  trailers: [House-Bot, "Made-in: fact*"]
""")


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(Authorship(login="renovate[bot]", login_type="Bot"), id="login"),
        pytest.param(Authorship(login="HouseBot", login_type="User"), id="user"),
        pytest.param(commit(author=Person("housebot")), id="author's account"),
        pytest.param(commit(committer=Person("renovate[bot]", "Bot")), id="committer's account"),
        pytest.param(Authorship(labels=("Robot",)), id="label"),
        pytest.param(Authorship(labels=("agent-authored",)), id="the built-in mark stays one"),
        pytest.param(Authorship(branch="Bots/x"), id="branch"),
        pytest.param(trailer("House-bot: 3"), id="trailer's key"),
        pytest.param(trailer("Made-in: Factory 3"), id="trailer's value"),
    ],
)
def test_what_the_policy_adds(shown: Authorship) -> None:
    """Recognised by this policy; the mark by any."""
    assert recognise(shown, POLICY).authored
    assert recognise(shown, DEFAULT).authored is ("agent-authored" in shown.labels)


def test_the_policy_s_value_pattern_is_held_to() -> None:
    """Another value is another trailer."""
    assert not recognise(trailer("Made-in: Office"), POLICY).authored
    assert marks(POLICY) == {"agent-authored", "robot"}


def test_an_unknown_bot_is_told() -> None:
    """It is no agent by itself, for most update dependencies; but a reader learns of it."""
    agent = recognise(Authorship(login="dependabot[bot]", login_type="Bot"), DEFAULT)
    assert not agent.authored
    assert "agents.logins" in agent.signals[0]


def test_once_marked_stays_marked() -> None:
    """Unless a qualified person takes the mark off, and nobody puts it on again."""
    assert recognise(Authorship(marked_before=True), DEFAULT).authored
    freed = recognise(Authorship(branch="codex/x", marked_before=True, unmarked_by="robin"), DEFAULT)
    assert not freed.authored
    assert "robin" in freed.signals[0]
    again = Authorship(branch="codex/x", unmarked_by="robin", labels=("agent-authored",))
    assert recognise(again, DEFAULT).authored


def test_any_commit_is_enough() -> None:
    """The last of many."""
    people = [Commit(SHA, "Robin", "robin@example.org", "Fix")] * 300
    mixed = (*people, Commit(SHA, "Robin", "robin@example.org", "Fix\n\nCo-authored-by: Codex"))
    assert recognise(Authorship(commits=mixed), DEFAULT).name == "OpenAI Codex"


def test_more_than_can_be_read_is_taken_for_an_agent_s() -> None:
    """A sign must not be hidden behind a mountain."""
    many = (Commit(SHA, "Robin", "robin@example.org", "Fix"),) * (MAX_COMMITS + 1)
    long = (Commit(SHA, "Robin", "robin@example.org", "x" * 64 * 1024),) * 40
    assert recognise(Authorship(commits=many), DEFAULT).authored
    assert recognise(Authorship(commits=long), DEFAULT).authored


def test_bounded_in_time_and_size() -> None:
    """A hostile history costs seconds at most, and tells little."""
    message = "\n".join(f"Co-authored-by: Person {n} <p{n}@example.org>" for n in range(1_000))
    given_commits = tuple(Commit(SHA, f"P{n}", f"p{n}@example.org", message) for n in range(60))
    start = time.perf_counter()
    agent = recognise(Authorship(commits=given_commits), DEFAULT)
    assert time.perf_counter() - start < 20
    assert len(agent.signals) <= MAX_SIGNALS
    assert all(len(signal) <= 300 for signal in agent.signals)


@given(
    st.builds(
        Authorship,
        login=st.text(max_size=30),
        login_type=st.sampled_from(["User", "Bot", ""]),
        labels=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        branch=st.text(max_size=30),
        body=st.text(max_size=200),
        commits=st.lists(
            st.builds(Commit, sha=st.just(SHA), name=st.text(), email=st.text(), message=st.text()), max_size=3
        ).map(tuple),
        marked_before=st.booleans(),
    )
)
def test_any_text_is_judged(shown: Authorship) -> None:
    """Nothing raises; an agent's change always has a signal; a mark is never lost."""
    agent = recognise(shown, DEFAULT)
    assert agent.authored or not shown.marked_before
    assert agent.signals or not agent.authored


@given(st.sampled_from(["codex/x", "feature"]), st.booleans())
def test_policy_only_adds(branch: str, marked: bool) -> None:
    """No policy takes a known sign away."""
    shown = Authorship(branch=branch, marked_before=marked)
    empty = Policy.model_validate({"version": 1, "agents": {"labels": []}})
    assert recognise(shown, empty).authored is recognise(shown, DEFAULT).authored


def test_more_commits_than_github_lists_are_taken_for_an_agents() -> None:
    agent = recognise(Authorship(login="ann", login_type="User", more_commits=True), DEFAULT)
    assert agent.authored
    assert "more than can be read" in agent.signals[0]
