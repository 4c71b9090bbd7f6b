"""Whether an agent wrote a change, and by which signs: missing one is worse than asking too often.

A change is an agent's if any sign says so: its labels, who opened it, who committed, what commits and the description
say, the branch's name. What a person marked stays marked until a qualified person takes the mark off.
"""

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.gate.agent import Agent
from app.gate.agent_signs import (
    Sign,
    account_sign,
    branch_sign,
    fold,
    identity_sign,
    label_sign,
    marker_sign,
    trailer_sign,
)
from app.gate.known_agents import DENIALS, GENERIC_LABELS
from app.gate.policy_model import Agents, Policy
from app.gate.trailers import MAX_MESSAGE, trailers
from app.gate.visible import visible
from app.gate.wording import cut

MAX_COMMITS = 1_000
MAX_TEXT = 2 * 1024 * 1024
"""How much of all commits' messages is read; a change that says more is held for an agent's."""
MAX_SIGNALS = 20
MARK = "agent-authored"


class Account(Protocol):
    """An account on GitHub."""

    @property
    def login(self) -> str: ...
    @property
    def type(self) -> str: ...


class CommitLike(Protocol):
    """A commit as its maker wrote it, with the accounts that GitHub ties to it (none locally)."""

    @property
    def sha(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def committer_name(self) -> str: ...
    @property
    def committer_email(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def author(self) -> Account | None: ...
    @property
    def committer(self) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, for those who have no type of their own for it."""

    sha: str
    name: str = ""
    email: str = ""
    message: str = ""
    committer_name: str = ""
    committer_email: str = ""
    author: Account | None = None
    committer: Account | None = None


@dataclass(frozen=True, slots=True)
class Authorship:
    """All that may tell who wrote a change.

    `more_commits` says that it has more than `commits`. `marked_before` says that it, or another with the same head,
    was held for an agent's once; `unmarked_by` names the qualified person who has taken the mark off since (see
    `review.unmarked_by`), which outweighs every sign but a label.
    """

    login: str = ""
    login_type: str = ""
    labels: tuple[str, ...] = ()
    branch: str = ""
    title: str = ""
    body: str = ""
    commits: Sequence[CommitLike] = ()
    more_commits: bool = False
    marked_before: bool = False
    unmarked_by: str | None = None


def recognise(authorship: Authorship, policy: Policy) -> Agent:
    """Say whether an agent wrote it, which, and what decided, in words for a person."""
    signs = list(_first_of_each(_signs(authorship, policy.agents)))
    labelled = any(sign.kind == "label" for sign in signs)
    if authorship.unmarked_by and not labelled:
        text = f"`{authorship.unmarked_by}` took the mark off, so it counts as a person's"
        return Agent(authored=False, name=None, signals=(text, *_texts(signs)))
    if not signs and authorship.marked_before:
        return Agent(authored=True, name=None, signals=("it was marked as an agent's before, and stays so",))
    if not signs:
        return Agent(authored=False, name=None, signals=tuple(_unknown_bots(authorship)))
    name = next((sign.agent for sign in signs if sign.agent), None)
    return Agent(authored=True, name=name, signals=_texts(signs))


def marks(policy: Policy) -> frozenset[str]:
    """The labels, folded, that mark a change as an agent's under that policy."""
    return frozenset(fold(label) for label in (MARK, *policy.agents.labels))


def _texts(signs: Sequence[Sign]) -> tuple[str, ...]:
    return tuple(cut(visible(sign.text), 300) for sign in signs[:MAX_SIGNALS])


def _signs(given: Authorship, added: Agents) -> Iterator[Sign]:
    """All signs, those that name an agent most surely first."""
    yield from _opened_by(given, added)
    room = MAX_TEXT
    for commit in given.commits[:MAX_COMMITS]:
        room -= min(len(commit.message), MAX_MESSAGE)
        if room < 0:
            break
        yield from _commit_signs(commit, added)
    if room < 0 or given.more_commits or len(given.commits) > MAX_COMMITS:
        yield Sign("size", "its commits are more than can be read, so it is taken for an agent's", None)
    yield from _branch_signs(given.branch, added)
    for where, text in (("title", given.title), ("description", given.body)):
        if sign := marker_sign(text[:MAX_MESSAGE], f"the {where}"):
            yield sign
    for key, value in trailers(given.body):
        if sign := trailer_sign(key, value, "the description"):
            yield sign
    yield from _label_signs(given.labels, added)


def _opened_by(given: Authorship, added: Agents) -> Iterator[Sign]:
    if sign := account_sign(given.login, given.login_type, "it was opened by"):
        yield sign
    elif _listed(given.login, added.logins):
        yield Sign("login", f"it was opened by `{given.login}`, which the policy lists", None)


def _label_signs(labels: Sequence[str], added: Agents) -> Iterator[Sign]:
    wanted = {fold(label) for label in (*GENERIC_LABELS, *added.labels)}
    for label in labels[:200]:
        if sign := label_sign(label):
            yield sign
        elif fold(label) in wanted:
            yield Sign("label", f"it has the label `{label}`", None)


def _branch_signs(branch: str, added: Agents) -> Iterator[Sign]:
    if sign := branch_sign(branch):
        yield sign
    elif any(fnmatch.fnmatchcase(fold(branch), fold(pattern)) for pattern in added.branches):
        yield Sign("branch", f"its branch is named `{branch}`, as the policy lists", None)


def _commit_signs(commit: CommitLike, added: Agents) -> Iterator[Sign]:
    where = f"commit `{commit.sha[:7]}`" if commit.sha else "a commit"
    for account, doing in ((commit.author, "is by"), (commit.committer, "was committed by")):
        if account is not None:
            if sign := account_sign(account.login, account.type, f"{where} {doing}"):
                yield sign
            elif _listed(account.login, added.logins):
                yield Sign("login", f"{where} {doing} `{account.login}`, which the policy lists", None)
    identities = ((commit.name, commit.email), (commit.committer_name, commit.committer_email))
    for (name, email), doing in zip(identities, ("is by", "was committed by"), strict=True):
        if sign := identity_sign(name, email, f"{where} {doing}"):
            yield sign
    if sign := marker_sign(commit.message[:MAX_MESSAGE], where):
        yield sign
    for key, value in trailers(commit.message):
        if sign := trailer_sign(key, value, where):
            yield sign
        elif _listed_trailer(key, value, added.trailers):
            yield Sign("trailer", f"{where} has the trailer `{key}: {value}`, as the policy lists", None)


def _first_of_each(signs: Iterator[Sign]) -> Iterator[Sign]:
    """One sign of each kind for each agent: a thousand commits with one trailer say nothing more than one."""
    seen: set[tuple[str, str | None]] = set()
    for sign in signs:
        if (sign.kind, sign.agent) not in seen:
            seen.add((sign.kind, sign.agent))
            yield sign


def _unknown_bots(given: Authorship) -> Iterator[str]:
    """A bot that is no known agent is none by itself (most update dependencies), but it is said."""
    if given.login_type == "Bot" or given.login.endswith("[bot]"):
        yield (
            f"it was opened by the bot `{cut(visible(given.login), 100)}`, which no sign tells to be an agent; "
            "list it in the policy (`agents.logins`) if it is"
        )


def _listed(login: str, logins: Sequence[str]) -> bool:
    wanted = {fold(entry).removesuffix("[bot]") for entry in logins}
    return bool(login) and fold(login).removesuffix("[bot]") in wanted


def _listed_trailer(key: str, value: str, patterns: Sequence[str]) -> bool:
    """A pattern without a colon is a key; with one it is matched against key and value."""
    if fold(value) in DENIALS:
        return False
    whole = f"{fold(key)}: {fold(value)}"
    for pattern in patterns:
        wanted, colon, rest = fold(pattern).partition(":")
        if not colon and wanted == fold(key):
            return True
        if colon and fnmatch.fnmatchcase(whole, f"{wanted.strip()}: {rest.strip()}"):
            return True
    return False
