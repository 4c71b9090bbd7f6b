"""One sign at a time: does this login, name, trailer, branch or text belong to a known agent?"""

import fnmatch
import re
import unicodedata
from dataclasses import dataclass

from app.gate.known_agents import (
    CREDIT_TRAILERS,
    DENIALS,
    GENERIC_TRAILERS,
    KNOWN_AGENTS,
    KnownAgent,
)
from app.gate.trailers import name_and_address

_NOREPLY = re.compile(r"(?:[0-9]{1,20}\+)?([^@+]{1,100})@users\.noreply\.github\.com")
_GOES_ON = re.compile(r"[ \-/(:,]")
_GOES_ON_AS_MODEL = re.compile(
    r"[ \-/(:,]+(?:v?[0-9]|code|cli|ai\b|agent|bot|opus|sonnet|haiku|fable|mythos|flash|pro\b|mini|codex|gpt|review|\()"
)
"""How the name of an agent goes on that is a person's first name too: with a model or a version, not with a surname."""
_BY_BOT = {bot: agent for agent in reversed(KNOWN_AGENTS) for bot in agent.bots}
_BY_USER = {user: agent for agent in reversed(KNOWN_AGENTS) for user in agent.users}
_BY_EMAIL = {email: agent for agent in reversed(KNOWN_AGENTS) for email in agent.emails}
_BY_LABEL = {label: agent for agent in reversed(KNOWN_AGENTS) for label in agent.labels}
_BY_TRAILER = {key: agent for agent in reversed(KNOWN_AGENTS) for key in agent.trailers}
_MARKERS = tuple((marker, agent) for agent in KNOWN_AGENTS for marker in agent.markers)
_NAMES: dict[str, list[tuple[str, re.Pattern[str], KnownAgent]]] = {}
"""All names and credits by their first two letters."""
for _agent in KNOWN_AGENTS:
    for _name in _agent.names:
        _NAMES.setdefault(_name[:2], []).append((_name, _GOES_ON, _agent))
    for _name in _agent.credits:
        _NAMES.setdefault(_name[:2], []).append((_name, _GOES_ON_AS_MODEL, _agent))
_GITHUBS_OWN = "copilot"
"""The one App whose address has no "[bot]"; a person cannot own that login."""
_CREDITED = re.compile(r"\(aider\)\Z")  # appended to a person's own name; aider's documentation "Git integration"


@dataclass(frozen=True, slots=True)
class Sign:
    """What was recognised. `text` tells it to a person, with the change's own words in backticks."""

    kind: str
    text: str
    agent: str | None


def fold(text: str) -> str:
    """Text to compare by: without case, width, invisible characters and doubled spaces."""
    text = text[:2_000]
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    normal = unicodedata.normalize("NFKC", text)
    shown = "".join(char for char in normal if unicodedata.category(char) not in ("Cf", "Cc") or char in "\n\t")
    return " ".join(shown.casefold().split())


def account_sign(login: str, login_type: str, doing: str) -> Sign | None:
    """An account of a known agent. A person may own the login that an App has as a bot, so the type counts."""
    folded = fold(login)
    slug = folded.removesuffix("[bot]")
    is_bot = folded.endswith("[bot]") or login_type == "Bot"
    agent = (_BY_BOT.get(slug) if is_bot else None) or _BY_USER.get(folded)
    return Sign("login", f"{doing} `{login}`", agent.name) if agent else None


def identity_sign(name: str, email: str, doing: str, *, credited: bool = False) -> Sign | None:
    """A name and address that a known agent commits under, or (`credited`) is credited with."""
    address, called = fold(email), fold(name)
    shown = f"`{name}`" if name else f"`{email}`"
    if agent := _BY_EMAIL.get(address) or _behind_noreply(address):
        return Sign("identity", f"{doing} {shown} with the address `{email}`", agent.name)
    slug = called.removesuffix("[bot]")
    if called != slug and slug in _BY_BOT:
        return Sign("identity", f"{doing} {shown}", _BY_BOT[slug].name)
    for known, goes_on, agent in _NAMES.get(called[:2], ()):
        if (credited or goes_on is _GOES_ON) and _is_called(called, known, goes_on):
            return Sign("identity", f"{doing} {shown}", agent.name)
    if _CREDITED.search(called):
        return Sign("identity", f"{doing} {shown}", "aider")
    return None


def trailer_sign(key: str, value: str, where: str) -> Sign | None:
    """A trailer that credits a known agent, or that only an agent writes."""
    folded = fold(key)
    shown = f"{where} has the trailer `{key}: {value}`"
    if folded in _BY_TRAILER:
        return Sign("trailer", shown, _BY_TRAILER[folded].name)
    generic = folded in GENERIC_TRAILERS and fold(value) not in DENIALS
    if not generic and folded not in CREDIT_TRAILERS:
        return None
    name, address = name_and_address(value)
    if sign := identity_sign(name, address, where, credited=folded != "signed-off-by"):
        return Sign("trailer", shown, sign.agent)
    return Sign("trailer", shown, None) if generic else None


def branch_sign(branch: str) -> Sign | None:
    """A branch as a known agent names them."""
    folded = fold(branch)
    for agent in KNOWN_AGENTS:
        if any(fnmatch.fnmatchcase(folded, pattern) for pattern in agent.branches):
            return Sign("branch", f"its branch is named `{branch}`", agent.name)
    return None


def label_sign(label: str) -> Sign | None:
    """A label that a known agent puts on its pull requests."""
    folded = fold(label)
    agent = _BY_LABEL.get(folded)
    return Sign("label", f"it has the label `{label}`", agent.name) if agent else None


def marker_sign(text: str, where: str) -> Sign | None:
    """A piece of text that only a known agent writes. The text is the caller's to bound."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    plain = " ".join(text.casefold().split())
    for marker, agent in _MARKERS:
        if marker in plain:
            return Sign("marker", f"{where} says `{marker}`", agent.name)
    return None


def _behind_noreply(address: str) -> KnownAgent | None:
    """The agent whose account GitHub's address `ID+login@users.noreply.github.com` stands for."""
    match = _NOREPLY.fullmatch(address)
    if match is None:
        return None
    login = match[1]
    slug = login.removesuffix("[bot]")
    if login != slug or login == _GITHUBS_OWN:
        return _BY_BOT.get(slug)
    return _BY_USER.get(login)


def _is_called(name: str, known: str, goes_on: re.Pattern[str]) -> bool:
    """The known name itself, or going on with a model, a version, an address: "claude opus 4", "gpt-5"."""
    return name == known or (name.startswith(known) and goes_on.match(name, len(known)) is not None)
