"""What can go wrong in the runner. A leaf: it imports nothing."""


class RunnerError(Exception):
    """The base of the runner's errors; its text says what to do next."""


class SandboxUnavailable(RunnerError):  # noqa: N818 - a state of the machine, named as doctor names it
    """No sandbox can run here.

    Attributes:
        missing: what is missing, one sentence each, with how to get it.
    """

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("no sandbox can run on this machine: " + "; ".join(missing))
        self.missing = missing


class SandboxFault(RunnerError):  # noqa: N818 - the field's word for a failure that is not the patch's
    """The sandbox itself failed (engine gone, disk full, our bug): never the patch's fault."""


class EnvironmentFault(RunnerError):  # noqa: N818
    """The environment could not be made.

    Attributes:
        by_change: whether what the change declares is the reason (a package that does not exist), not an outage.
        log: the end of what the installer printed, for the report; text from outside, escape it where it is shown.
    """

    def __init__(self, text: str, *, by_change: bool, log: str = "") -> None:
        super().__init__(text)
        self.by_change = by_change
        self.log = log


class Cancelled(RunnerError):  # noqa: N818 - a wish fulfilled, not an error of ours
    """The run was superseded or called off, and its sandbox is gone."""
