"""What can go wrong in the pipeline."""


class PipelineError(Exception):
    """The base of this package's errors; its text says what to do next."""


class SecondWorker(PipelineError):  # noqa: N818 - a state of the machine
    """SQLite carries one worker process only, and there is one."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"another worker already runs on this SQLite database ({path}): stop it first, "
            "or set MERGELOCK_DATABASE_URL to a PostgreSQL database, which carries several"
        )


class Transient(PipelineError):  # noqa: N818 - names a kind of fault
    """A fault of ours or GitHub's that may pass: the step is tried again, and the change is not blamed.

    Attributes:
        retry_after: seconds to wait at least, None where nobody said.
    """

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class LeaseLost(PipelineError):  # noqa: N818
    """This process may no longer act for the run: it was superseded, called off, or handed to another worker."""


class Stopping(BaseException):
    """Ends a workflow's thread and leaves the workflow as it is, to be taken up again by this or another worker.

    No `Exception`: the engine records those as the workflow's outcome, and this is none.
    """
