"""What can go wrong in the gate: it does no I/O, so only what it is given can be wrong. A leaf."""

from dataclasses import dataclass


class GateError(Exception):
    """The base of the gate's errors; its text says what to do next."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a policy file. `line` and `column` count from 1; `key` is dotted ("review.approvals")."""

    line: int
    column: int
    key: str
    text: str
    suggestion: str = ""

    def __str__(self) -> str:
        """Read as an editor's list of problems reads: place, key, what is wrong, what was perhaps meant."""
        meant = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        where = f"{self.key}: " if self.key else ""
        return f"line {self.line}, column {self.column}: {where}{self.text}{meant}"


class PolicyError(GateError):
    """A policy file cannot be used.

    Attributes:
        problems: everything wrong with it, in the order of the file; never empty.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the policy has {count}: " + "; ".join(str(problem) for problem in problems))
        self.problems = problems


class ResultError(GateError):
    """What was given as a result's JSON is none: another schema, or a field missing or of another type."""
