"""The four pull requests: what each brings, who brings it, and what must come of it."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.demo.library import NEW, PACKAGE, Author, Checkout

COPILOT = Author("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
DEVELOPER = Author("developer", "developer@example.com")
MAINTAINER = "maintainer"


@dataclass(frozen=True, slots=True)
class Scene:
    """One pull request.

    `make` turns a checkout of the base branch into the change, given the new release's tree; `conclusion` and `codes`
    are what GitHub's required check must say, and the reasons that must be among the verdict's.
    """

    key: str
    title: str
    what: str
    login: str
    branch: str
    author: Author
    message: str
    make: Callable[[Checkout, Path], None]
    conclusion: str
    codes: tuple[str, ...]
    body: str = field(default="")


def _whole_release(checkout: Checkout, release: Path) -> None:
    checkout.replace_with(release)


def _tests_without_the_fix(checkout: Checkout, release: Path) -> None:
    checkout.replace_with(release, only=("tests",))


def _credential_and_eval(checkout: Checkout, release: Path) -> None:
    checkout.replace_with(release)
    key = "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))  # made up afresh
    (checkout.folder / "src" / PACKAGE / "remote.py").write_text(
        '"""Cache whose key function comes from the person at the keyboard."""\n\n'
        "import sys\n\n"
        f'AWS_ACCESS_KEY_ID = "{key}"\n\n\n'
        "def key_function():\n"
        '    """Evaluate what was typed."""\n'
        "    return eval(input())\n\n\n"
        'if __name__ == "__main__":\n'
        "    sys.exit(key_function()())\n"
    )


SCENES = (
    Scene(
        key="honest",
        title="Copy attributes when a cache is copied",
        what=f"an agent's honest change: {PACKAGE} {NEW}, as it was released",
        login="copilot-swe-agent[bot]",
        branch="copilot/copy-attributes",
        author=COPILOT,
        message="Copy attributes when a cache is copied",
        make=_whole_release,
        conclusion="action_required",
        codes=("review-missing",),
    ),
    Scene(
        key="failing",
        title="Test that attributes are copied",
        what=f"an agent's change whose tests fail: the tests of {NEW} without its fix",
        login="developer",
        branch="codex/test-attributes",
        author=DEVELOPER,
        message="Test that attributes are copied",
        make=_tests_without_the_fix,
        conclusion="failure",
        codes=("new-tests-fail",),
    ),
    Scene(
        key="dangerous",
        title="Add a remote key function",
        what="an agent's change with a hard-coded credential and an `eval` of what somebody types",
        login="developer",
        branch="remote-keys",
        author=DEVELOPER,
        message="Add a remote key function\n\nCo-Authored-By: Claude <noreply@anthropic.com>",
        make=_credential_and_eval,
        conclusion="failure",
        codes=("findings",),
    ),
    Scene(
        key="person",
        title=f"Update to {NEW}",
        what=f"a person's change: {PACKAGE} {NEW} again, without any agent",
        login="developer",
        branch="update",
        author=DEVELOPER,
        message=f"Update to {NEW}",
        make=_whole_release,
        conclusion="success",
        codes=("not-agent-authored",),
    ),
)
