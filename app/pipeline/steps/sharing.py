"""A check run belongs to a commit, not to a pull request: what may be green, and what for, is seen to here.

A commit that several pull requests have for their head is green for all of them or for none. And one that is to be
merged where nothing asks for the check gets no green one: whoever may push may make such a branch, with a policy of
their own, and a green commit could then be merged, or pushed, where the check is asked for.
"""

from collections.abc import Callable

from app.gate import report
from app.gate.check_run import REQUIRED, CheckRunPayload, Conclusion
from app.gate.reasons import Verdict
from app.github.types import PullRequest
from app.pipeline.lease import Lease
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.posting import post, posting_of
from app.store import runs
from app.store.runs import Run, RunStatus

MOST_SHARING = 50
"""Other pull requests with the same head that are looked at. With more of them none is green."""


def post_together(
    parts: Parts, run: Run, lease: Lease, pull: PullRequest, payloads: tuple[CheckRunPayload, ...]
) -> None:
    """Post a decision's check runs; green only where every open pull request with this head has passed.

    Args:
        parts: what to post with.
        run: what was decided about.
        lease: checked before each post.
        pull: the pull request, as the decision saw it.
        payloads: what the decision says by itself.

    Looked at again after a green one, because another's verdict may have been stored, and posted, in between: of two
    that go on at once, the later one sees the other.
    """
    if not any(_green(payload) for payload in payloads):
        post(parts, run, lease, payloads)
    elif _unguarded(parts, run, pull):
        posting = posting_of(parts, run)
        post(parts, run, lease, _instead(payloads, lambda title: report.nothing_guarded(posting, title, pull.base_ref)))
    else:
        waiting = _waiting(parts, run)
        post(parts, run, lease, _held_back(parts, run, payloads, waiting))
        if not waiting and (meanwhile := _waiting(parts, run)):
            post(parts, run, lease, _held_back(parts, run, payloads, meanwhile))


def _green(payload: CheckRunPayload) -> bool:
    return payload.name == REQUIRED and payload.conclusion is Conclusion.SUCCESS


def _instead(
    payloads: tuple[CheckRunPayload, ...], make: Callable[[str], CheckRunPayload]
) -> tuple[CheckRunPayload, ...]:
    """What `make` makes of its title in place of the green one."""
    return tuple(make(payload.title) if _green(payload) else payload for payload in payloads)


def _held_back(
    parts: Parts, run: Run, payloads: tuple[CheckRunPayload, ...], waiting: tuple[int, ...]
) -> tuple[CheckRunPayload, ...]:
    if not waiting:
        return payloads
    posting = posting_of(parts, run, done=True)
    return _instead(payloads, lambda title: report.shared_commit(posting, title, waiting))


def _unguarded(parts: Parts, run: Run, pull: PullRequest) -> bool:
    """Whether nothing asks for the check where this would be merged. The default branch is taken for guarded."""
    if pull.base_ref == pull.default_branch or not pull.default_branch:
        return False
    found = parts.installation(run).required_check(run.repository, pull.base_ref)
    return not found.required and not found.unsure


def _waiting(parts: Parts, run: Run) -> tuple[int, ...]:
    """Other open pull requests with this head that have not passed, by number."""
    installation = parts.installation(run)
    pulls = {pull.number: pull for pull in installation.pull_requests_with(run.repository, run.head)}
    with parts.store.reading() as connection:
        known = runs.others_with(connection, run.repository, run.number, run.head, limit=MOST_SHARING + 1)
    for number in {other.number for other in known} - pulls.keys():
        # GitHub's list of a commit's pull requests does not promise to have those from forks.
        pull = installation.pull_request(run.repository, number)
        if pull.open and pull.head == run.head:
            pulls[number] = pull
    pulls.pop(run.number, None)
    if len(pulls) > MOST_SHARING or len(known) > MOST_SHARING:
        return tuple(sorted({*pulls, *(other.number for other in known)}))
    return tuple(sorted(number for number, pull in pulls.items() if not _passed(parts, pull)))


def _passed(parts: Parts, pull: PullRequest) -> bool:
    with parts.store.reading() as connection:
        last = runs.latest(connection, pull.repository, pull.number, pull.head, pull.base_ref)
    return last is not None and last.status is RunStatus.DONE and last.verdict == Verdict.PASSED
