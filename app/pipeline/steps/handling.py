"""What a delivery asks for: start a judging, decide again, call off, or nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from app.gate.authorship import marks
from app.github.client import Installation
from app.github.errors import Gone
from app.github.events import Event, event_from
from app.github.types import PullRequest
from app.pipeline import reconcile
from app.pipeline.facts import Known
from app.pipeline.steps import gating
from app.pipeline.steps.deciding import released
from app.pipeline.steps.parts import Parts
from app.pipeline.steps.sharing import MOST_SHARING
from app.pipeline.work import CallOff, Decide, Intent, Judge, run_key
from app.store import runs
from app.store.deliveries import Delivery
from app.store.runs import NewRun, Run, RunStatus

MOST_PULLS = 1000
"""Open pull requests looked at after an installation or a change of policy; reconciliation finds the rest."""

_START = frozenset({"opened", "reopened", "synchronize", "ready_for_review", "converted_to_draft"})
_LABELS = frozenset({"labeled", "unlabeled"})


class Handling:
    """Reads deliveries. GitHub is asked how things stand: a payload says only where to look."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def intents(self, delivery: Delivery) -> tuple[Intent, ...]:
        """What to do about a delivery."""
        if delivery.payload is None or delivery.installation is None:
            return ()
        if delivery.event == reconcile.EVENT:
            return tuple(self._overlooked(delivery))
        event = event_from(delivery.event, delivery.guid, json.loads(delivery.payload))
        installation = self._parts.app.installation(delivery.installation)
        return tuple(self._of_event(event, installation, delivery.received_at))

    def _overlooked(self, delivery: Delivery) -> Iterator[Intent]:
        """A head that reconciliation found without a run."""
        if delivery.number is None or delivery.installation is None:
            return
        installation = self._parts.app.installation(delivery.installation)
        pull = installation.pull_request(delivery.repository, delivery.number)
        if pull.open and self._last(pull) is None:
            yield from self._judge(pull, installation)

    def _of_event(self, event: Event, installation: Installation, received: datetime) -> Iterator[Intent]:
        match event.name:
            case "pull_request":
                yield from self._pull_request(event, installation, received)
                yield from self._let_go(event, installation)
            case "pull_request_review":
                yield from self._about_review(event, installation)
            case "check_run" | "check_suite":
                yield from self._again(event, installation)
            case "push":
                yield from self._base_moved(event, installation)
            case "installation" | "installation_repositories":
                yield from self._installed(event, installation)
            case _:
                return

    def _pull_request(self, event: Event, installation: Installation, received: datetime) -> Iterator[Intent]:
        number = event.number
        if number is None:
            return
        if event.action == "closed":
            yield CallOff(event.repository, number, "the pull request was closed")
            return
        pull = installation.pull_request(event.repository, number)
        if not pull.open:
            yield CallOff(event.repository, number, "the pull request is not open")
            return
        last = self._last(pull)
        if last is None or event.action in _START or event.base_changed:
            # Told of another head after this one was there: this one has come back.
            back = last is not None and event.head != pull.head and last.created_at < received
            yield from self._judge(pull, installation, again=back)
        elif event.action in _LABELS:
            yield from self._label_changed(event, pull, last, installation)
        elif event.action == "edited" and not _gated(last):
            # The description may say now that an agent wrote it.
            yield from self._judge(pull, installation, again=True)

    def _let_go(self, event: Event, installation: Installation) -> Iterator[Intent]:
        """A commit that a pull request no longer has for its head may be green for the others that have it."""
        commit = event.head if event.action == "closed" else event.before if event.action == "synchronize" else ""
        if not commit:
            return
        with self._parts.store.reading() as connection:
            shared = runs.others_with(connection, event.repository, event.number or 0, commit, limit=MOST_SHARING)
        for run in shared:
            if run.status is RunStatus.DONE and installation.pull_request(run.repository, run.number).open:
                yield Decide(run.id)

    def _label_changed(
        self, event: Event, pull: PullRequest, last: Run, installation: Installation
    ) -> Iterator[Intent]:
        policy = gating.base_policy(installation, pull, self._parts.floor).policy.policy
        if event.label.casefold() in marks(policy) and _gated(last) != (event.action == "labeled"):
            yield from self._judge(pull, installation, again=True)
        elif event.label.casefold() == policy.review.label.casefold():
            yield from self._review_changed(pull, last, installation)

    def _about_review(self, event: Event, installation: Installation) -> Iterator[Intent]:
        if event.number is None:
            return
        pull = installation.pull_request(event.repository, event.number)
        last = self._last(pull)
        if not pull.open:
            return
        if last is None:
            yield from self._judge(pull, installation)
        else:
            yield from self._review_changed(pull, last, installation)

    def _review_changed(self, pull: PullRequest, last: Run, installation: Installation) -> Iterator[Intent]:
        if last.status is not RunStatus.DONE:
            return  # it asks for itself when it has judged
        if released(last, self._parts):
            yield from self._judge(pull, installation, again=True)
        else:
            yield Decide(last.id)

    def _again(self, event: Event, installation: Installation) -> Iterator[Intent]:
        """A person asked for another judging: by the check's own button, or for the whole suite."""
        if event.action not in {"rerequested", "requested_action"} or event.app != self._parts.app.info().id:
            return
        numbers = set(event.numbers)
        if not numbers and event.head:
            numbers = {pull.number for pull in installation.pull_requests_with(event.repository, event.head)}
        for number in sorted(numbers):
            pull = installation.pull_request(event.repository, number)
            if pull.open and pull.head == event.head:
                yield from self._judge(pull, installation, again=True)

    def _base_moved(self, event: Event, installation: Installation) -> Iterator[Intent]:
        """A push to a base branch may have changed the policy: what was judged by another one is judged anew."""
        if not event.base_ref:
            return
        for pull in installation.open_pull_requests(event.repository, limit=MOST_PULLS):
            last = self._last(pull)
            if pull.base_ref != event.base_ref or last is None:
                continue
            if last.policy != gating.base_policy(installation, pull, self._parts.floor).digest:
                yield from self._judge(pull, installation)

    def _installed(self, event: Event, installation: Installation) -> Iterator[Intent]:
        if event.action not in {"created", "unsuspend", "added"}:
            return
        for repository in event.repositories or installation.repositories():
            try:
                pulls = installation.open_pull_requests(repository, limit=MOST_PULLS)
            except Gone:
                continue  # removed again meanwhile
            for pull in pulls:
                if self._last(pull) is None:
                    yield from self._judge(pull, installation)

    def _judge(self, pull: PullRequest, installation: Installation, *, again: bool = False) -> Iterator[Intent]:
        base = gating.base_policy(installation, pull, self._parts.floor)
        last = self._last(pull)
        with self._parts.store.reading() as connection:
            newest = runs.latest(connection, pull.repository, pull.number)
        # A head, or a branch to merge into, that was left and came back is judged anew: it may not live on what was
        # said meanwhile, and its check run must be the newest.
        again = again or (last is not None and newest is not None and newest.id != last.id)
        attempt = (last.attempt + 1 if again else last.attempt) if last else 1
        new = new_run(pull, base.tip, base.digest, installation.number, attempt)
        yield Judge(new, quick=base.policy.problems != () or not self._is_gated(pull, installation, base, last))

    def _is_gated(
        self, pull: PullRequest, installation: Installation, base: gating.BasePolicy, last: Run | None
    ) -> bool:
        """Whether the change will be executed, as far as can be told now; the run itself finds out for good."""
        seen = last.created_at if last else datetime.now(UTC)
        known = Known(self._parts.app_login(), seen)
        agent = gating.find_author(installation, self._parts.store, pull, base.policy.policy, known)
        return gating.gated(base.policy, agent)

    def _last(self, pull: PullRequest) -> Run | None:
        with self._parts.store.reading() as connection:
            return runs.latest(connection, pull.repository, pull.number, pull.head, pull.base_ref)


def new_run(pull: PullRequest, base: str, policy: str, installation: int, attempt: int) -> NewRun:
    """A judging of a pull request's head, as it is asked for."""
    key = run_key(
        repository=pull.repository, number=pull.number, head=pull.head, base=base, policy=policy, attempt=attempt
    )
    return NewRun(
        key=key,
        repository=pull.repository,
        number=pull.number,
        head=pull.head,
        installation=installation,
        base=base,
        base_ref=pull.base_ref,
        title=pull.title,
        author=pull.author.login,
        policy=policy,
        attempt=attempt,
    )


def _gated(run: Run) -> bool:
    """Whether a run held its change for an agent's; one that has not found out yet will do so by itself."""
    return run.agent is None or bool(run.agent.get("authored"))
