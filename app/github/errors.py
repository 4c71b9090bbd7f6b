"""What can go wrong in speaking to GitHub, by what the caller should do about it. A leaf: standard library only."""


class GitHubError(Exception):
    """The base of this package's errors; its text says what to do next and never holds a token.

    Attributes:
        status: the HTTP status that was answered, or None where there was no answer.
        request: what was asked, as "GET /repos/o/r/pulls/1", without its query.
    """

    def __init__(self, text: str, *, status: int | None = None, request: str = "") -> None:
        super().__init__(f"{text} ({request})" if request else text)
        self.status = status
        self.request = request


class Transient(GitHubError):  # noqa: N818 - names a kind of fault, as the retry rules do
    """A fault that passes by itself: 5xx, a time-out, a broken connection. Try again.

    Attributes:
        retry_after: seconds to wait at least, as GitHub said; None where it said nothing.
    """

    def __init__(
        self, text: str, *, retry_after: float | None = None, status: int | None = None, request: str = ""
    ) -> None:
        super().__init__(text, status=status, request=request)
        self.retry_after = retry_after


class RateLimited(Transient):
    """A rate limit was met. `retry_after` is always set, in seconds, and must be obeyed.

    Attributes:
        secondary: whether it was the limit on bursts, not the hourly one.
    """

    retry_after: float

    def __init__(
        self, text: str, *, retry_after: float, secondary: bool, status: int | None = None, request: str = ""
    ) -> None:
        super().__init__(text, retry_after=retry_after, status=status, request=request)
        self.secondary = secondary


class CredentialsRefused(GitHubError):  # noqa: N818
    """GitHub does not take the App's key (replaced, of another App) or this machine's clock: a person must look."""


class Gone(GitHubError):  # noqa: N818
    """What was asked for is not there, or not any more: 404, 410, 451. After an uninstall everything answers so."""


class Forbidden(GitHubError):  # noqa: N818
    """The installation may not do this.

    Attributes:
        needs: the permissions that would do, as GitHub names them ("checks=write"); empty where it did not say.
    """

    def __init__(self, text: str, *, needs: str = "", status: int | None = 403, request: str = "") -> None:
        super().__init__(text, status=status, request=request)
        self.needs = needs


class Refused(GitHubError):  # noqa: N818
    """GitHub understood and said no (400, 409, 413, 422 …): the request is at odds with its state, or our bug.

    Attributes:
        problems: what GitHub listed as wrong, one sentence each; text from outside, bounded.
    """

    def __init__(
        self, text: str, *, problems: tuple[str, ...] = (), status: int | None = None, request: str = ""
    ) -> None:
        super().__init__(text, status=status, request=request)
        self.problems = problems


class UnexpectedAnswer(GitHubError):  # noqa: N818
    """An answer without the fields it must have. Not to be read as "nothing there"."""


class TooLarge(GitHubError):  # noqa: N818
    """There is more of it than we read (too many pages, a file over the limit). Not to be read as "that is all"."""


class PayloadRefused(GitHubError):  # noqa: N818
    """A check run that must not be posted as it is: see the text. Our bug, caught before GitHub sees it."""


class WebhookRefused(GitHubError):  # noqa: N818
    """The base of what is wrong with a webhook request."""


class BadSignature(WebhookRefused):
    """The body was not signed with one of our secrets. Answer 401, keep nothing."""


class Malformed(WebhookRefused):
    """A signed (or unsigned) request that is not as it must be. Answer 400 with the reason.

    Attributes:
        reason: one sentence, ours: it holds nothing from the request's body.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownEvent(WebhookRefused):
    """A well signed event that we do not handle. Answer 204.

    Attributes:
        name: the event's name, bounded and plain.
        action: its action, or "".
    """

    def __init__(self, name: str, action: str = "") -> None:
        super().__init__(f"event {name}.{action} is not one we handle" if action else f"event {name} is not handled")
        self.name = name
        self.action = action
