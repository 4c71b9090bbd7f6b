"""What we put on a pull request besides check runs: labels and comments. Each is safe to repeat."""

import contextlib
import re

from app.github.checks import CheckCalls
from app.github.errors import Gone, Refused
from app.github.transport import repository_path, route
from app.github.wire import WireComment
from app.github.wire_base import read

_LABEL = 50  # GitHub's limit, characters
_COLOUR = re.compile(r"[0-9a-f]{6}")
_MARKER = re.compile(r"[a-z0-9-]{1,64}")
_COMMENT = 65_000


class MarkCalls(CheckCalls):
    """Labels and comments, in the App's name."""

    def add_label(
        self, repository: str, number: int, label: str, *, colour: str = "5319e7", description: str = ""
    ) -> None:
        """Puts a label on; makes it first where the repository has none of that name.

        Args:
            repository: its full name.
            number: the pull request's.
            label: its name, 50 characters at most.
            colour: six hexadecimal digits, for a label that is new.
            description: 100 characters at most, likewise.
        """
        if not 0 < len(label) <= _LABEL or not _COLOUR.fullmatch(colour):
            raise ValueError("a label has a name of 1 to 50 characters and a colour of six hexadecimal digits")
        root = repository_path(repository)
        try:
            self._get(root + route("/labels/{}", label))
        except Gone:
            with contextlib.suppress(Refused):  # another worker made it meanwhile; if not, the next request says so
                self._send("POST", root + "/labels", {"name": label, "color": colour, "description": description[:100]})
        self._send("POST", root + route("/issues/{}/labels", number), {"labels": [label]})

    def remove_label(self, repository: str, number: int, label: str) -> None:
        """Takes a label off; one that is not on is no error."""
        with contextlib.suppress(Gone):
            self._send("DELETE", repository_path(repository) + route("/issues/{}/labels/{}", number, label))

    def comment(self, repository: str, number: int, marker: str, text: str) -> int:
        """Says something once: a comment of ours with the same marker is brought to this text instead.

        Args:
            repository: its full name.
            number: the pull request's.
            marker: what the comment is about, `[a-z0-9-]`; hidden in the comment.
            text: Markdown, already escaped.

        Returns:
            GitHub's number for the comment.
        """
        if not _MARKER.fullmatch(marker) or not 0 < len(text) <= _COMMENT:
            raise ValueError("a comment has a marker of [a-z0-9-] and a text of 1 to 65,000 characters")
        root = repository_path(repository)
        hidden = f"<!-- mergelock: {marker} -->"
        body = f"{text}\n\n{hidden}"
        for item in self._list(root + route("/issues/{}/comments", number), limit=50):
            comment = read(WireComment, item)
            if self._ours(comment) and (comment.body or "").endswith(hidden):
                if comment.body != body:
                    self._send("PATCH", root + route("/issues/comments/{}", comment.id), {"body": body})
                return comment.id
        sent = self._send("POST", root + route("/issues/{}/comments", number), {"body": body})
        return read(WireComment, sent).id

    def _ours(self, comment: WireComment) -> bool:
        app = comment.performed_via_github_app
        return app is not None and app.id == self._app().id
