"""What a policy says about the environment, as the runner needs it. A leaf."""

from dataclasses import dataclass, field

from runner.sandbox import Limits


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """How to make the environment and run the tests; from the base branch's policy, never from the head.

    Attributes:
        language: "auto", or the language by name.
        install: the command that installs everything, in place of what is found in the tree; run with the package
            index in reach, and what it makes is seen by this commit only.
        test: the command that runs the tests, in place of `pytest`; it must come down to one pytest process.
        limits: bounds of each command inside.
        install_hosts: what the install phase may reach: "language" (where this machine's package client gets its
            packages from) and names of further hosts, at port 443.
    """

    language: str = "auto"
    install: tuple[str, ...] | None = None
    test: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    install_hosts: tuple[str, ...] = ("language",)
