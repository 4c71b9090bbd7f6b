"""Which policy a change is judged under: the base branch's, with the server's floor laid on it."""

from dataclasses import dataclass
from pathlib import Path

from app.gate.policy import DEFAULT, Policy, PolicyError, Problem, load, loosened_by_head, with_floor


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy to judge by. With `problems` nothing may pass: it is then the defaults under the floor."""

    policy: Policy
    problems: tuple[Problem, ...] = ()
    from_file: bool = False

    @property
    def problem(self) -> str:
        """What is wrong with the file, in one text; empty where nothing is."""
        return "; ".join(str(problem) for problem in self.problems)


def read_floor(file: Path | None) -> Policy | None:
    """The server's floor policy, None where none is set.

    Raises:
        PolicyError: the file says what no policy may say.
        OSError: it cannot be read.
    """
    if file is None:
        return None
    return load(file.read_bytes())


def in_force(text: bytes | None, floor: Policy | None) -> PolicyInForce:
    """Read the base branch's policy file and lay the floor on it.

    Args:
        text: the file as it is at the base branch's tip; None where there is none, and then the defaults hold.
        floor: what may not be loosened.
    """
    policy: Policy = DEFAULT
    problems: tuple[Problem, ...] = ()
    if text is not None:
        try:
            policy = load(text)
        except PolicyError as error:
            problems = error.problems
    return PolicyInForce(with_floor(policy, floor), problems, from_file=text is not None)


def edits(before: bytes | None, after: bytes | None) -> tuple[str, ...]:
    """What the change's own edit of the policy file would do, one phrase each; the edit is never used for itself."""
    if before == after:
        return ()
    if after is None:
        return ("all of it back to the defaults, for it removes the file",)
    try:
        old = load(before) if before is not None else DEFAULT
    except PolicyError:
        old = DEFAULT
    try:
        new = load(after)
    except PolicyError as error:
        return tuple(f"it into an invalid one ({problem})" for problem in error.problems[:5])
    return tuple(loosened_by_head(old, new)) or ("nothing for the looser",)
