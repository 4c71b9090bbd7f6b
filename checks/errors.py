"""What can go wrong in the checks. A leaf: it imports nothing."""


class ChecksError(Exception):
    """The base of the checks' errors; its text says what to do next."""


class UnreadableReport(ChecksError):  # noqa: N818 - a state of the report, named as it is told
    """A scanner's report is not what its format says. Its text is shown as the check's trouble."""


class UnknownCheck(ChecksError):  # noqa: N818 - the caller's mistake, named as it is told
    """A check was asked for that the registry does not list.

    Attributes:
        names: the unknown names, sorted.
    """

    def __init__(self, names: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(f"unknown checks: {', '.join(names)}; choose among {', '.join(known)}")
        self.names = names
