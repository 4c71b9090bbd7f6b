"""What a check is: one module each, listed in `checks.registry`, held to one contract test."""

import threading
from dataclasses import dataclass
from typing import Protocol

from checks.report import CheckReport
from checks.staging import Staged
from runner.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class CheckInput:
    """What a check gets: the staged files, and the sandbox in which it runs whatever parses them.

    When `cancel` is set, the check ends soon by raising `runner.errors.Cancelled`.
    """

    staged: Staged
    sandbox: Sandbox
    cancel: threading.Event


class Check(Protocol):
    """Turns a change's files into findings. It has no state, so several runs may use it at once."""

    @property
    def name(self) -> str:
        """Its name in policy, findings and step keys: lower case with hyphens."""
        ...

    @property
    def title(self) -> str:
        """What it looks for, in a few words for a person who watches."""
        ...

    def run(self, work: CheckInput) -> CheckReport:
        """Look at every staged file that concerns it.

        What it could not tell is in the report's `trouble`; it does not raise for what files hold or tools do.

        Raises:
            Cancelled: `work.cancel` was set.
            SandboxFault: the sandbox failed, so that nothing is known.
        """
        ...
