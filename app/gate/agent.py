"""Whether an agent wrote a change, as the rest of the gate sees it. A leaf."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """Who wrote a change.

    `name` is the agent's, where one is recognised ("Claude Code"); a change may be marked as an agent's without a name.
    `signals` says what decided, each as words for a person; they may hold the change's text: escape them to show.
    """

    authored: bool
    name: str | None = None
    signals: tuple[str, ...] = ()
