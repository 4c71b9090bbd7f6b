"""Who wrote a pull request, and which policy it falls under: asked of GitHub, before anything is fetched."""

from dataclasses import dataclass
from typing import Any

from app.gate.agent import Agent
from app.gate.authorship import marks, recognise
from app.gate.decision import is_gated
from app.gate.policy import MAX_BYTES, PATH, Policy, digest
from app.gate.review import unmarked_by
from app.github.client import Installation
from app.github.errors import TooLarge
from app.github.types import PullRequest
from app.judging.policy_in_force import PolicyInForce, in_force
from app.pipeline.facts import Known, authorship_of, review_facts
from app.store import Store, runs


@dataclass(frozen=True, slots=True)
class BasePolicy:
    """The policy at the tip of the base branch, and which commit that was."""

    tip: str
    text: bytes | None
    policy: PolicyInForce

    @property
    def digest(self) -> str:
        """What names the policy in force."""
        return digest(self.policy.policy)


def base_policy(installation: Installation, pull: PullRequest, floor: Policy | None) -> BasePolicy:
    """Read the policy from the base branch as it is now, never from the head."""
    tip = installation.branch_tip(pull.repository, pull.base_ref)
    return policy_at(installation, pull.repository, tip, floor)


def policy_at(installation: Installation, repository: str, commit: str, floor: Policy | None) -> BasePolicy:
    """Read the policy as it stands at a commit."""
    try:
        text = installation.file_at(repository, PATH, commit, limit=MAX_BYTES)
    except TooLarge:
        text = b"#" * (MAX_BYTES + 1)  # as the reader refuses it: a file over its bound, with its own words
    return BasePolicy(commit, text, in_force(text, floor))


def find_author(installation: Installation, store: Store, pull: PullRequest, policy: Policy, known: Known) -> Agent:
    """Who wrote it: what once was held for an agent's stays so, unless a qualified person took the mark off.

    The same commit in another pull request, opened by somebody else or from another branch, is no less an agent's.
    """
    with store.reading() as connection:
        before = runs.last_agent(connection, pull.repository, pull.number)
        elsewhere = runs.an_agents_elsewhere(connection, pull.repository, pull.number, pull.head)
    marked_before = elsewhere or bool(before and before.get("authored"))
    unmarked = None
    if marked_before:
        facts = review_facts(installation, pull, policy, known, approvals=1)
        unmarked = unmarked_by(facts, marks(policy))
    commits = installation.commits(pull.repository, pull.number)
    return recognise(authorship_of(pull, commits, marked_before=marked_before, unmarked_by=unmarked), policy)


def gated(policy: PolicyInForce, agent: Agent) -> bool:
    """Whether the change is judged. Where the policy cannot be read nobody knows who is exempt, so everyone is held."""
    return bool(policy.problems) or is_gated(policy.policy, agent)


def agent_to_json(agent: Agent) -> dict[str, Any]:
    """As the run's row keeps it."""
    return {"authored": agent.authored, "name": agent.name, "signals": list(agent.signals)}


def agent_from_json(data: dict[str, Any]) -> Agent:
    """From the run's row."""
    return Agent(bool(data["authored"]), data["name"], tuple(data["signals"]))
