"""What goes out: check runs and labels, each under the lease, each safe to repeat, each on the record."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app.gate.authorship import MARK
from app.gate.check_run import REQUIRED, CheckRunPayload, Conclusion, Status
from app.gate.markdown import code, prose
from app.gate.policy import Policy
from app.gate.report import Posting
from app.gate.review import ReviewState
from app.github.client import Installation
from app.pipeline.lease import Lease
from app.pipeline.steps.parts import Parts
from app.store import audit, checks
from app.store.audit import Act
from app.store.runs import Run

OURS = "mergelock"


def posting_of(parts: Parts, run: Run, *, done: bool = False) -> Posting:
    """What all check runs of a run share."""
    return Posting(
        head_sha=run.head,
        key=run.key,
        details_url=parts.page(run.id),
        started_at=run.started_at,
        completed_at=datetime.now(UTC) if done else None,
    )


def post(parts: Parts, run: Run, lease: Lease, payloads: Iterable[CheckRunPayload]) -> None:
    """Post check runs that differ from what was posted last; the required one last, so that it never runs ahead.

    For a required one that is not green GitHub is asked as well: two that post at once may be noted in another order
    than GitHub had them in, and a green one would be left on top.
    """
    installation = parts.installation(run)
    for payload in sorted(payloads, key=lambda payload: payload.name == REQUIRED):
        digest = _digest(payload)
        with parts.store.reading() as connection:
            last = checks.find(connection, run.repository, run.head, payload.name)
        same = last is not None and last.external_id == payload.external_id and last.digest == digest
        if same and (_may_stay(payload) or _is_newest(installation, run, payload)):
            continue
        lease.check()
        identity = installation.publish(run.repository, payload)
        with parts.store.writing() as connection:
            checks.note(
                connection,
                run.repository,
                run.head,
                payload.name,
                external_id=payload.external_id,
                github_id=identity,
                digest=digest,
            )
            if payload.name == REQUIRED and payload.status is Status.COMPLETED:
                conclusion = str(payload.conclusion)
                record(connection, run, "check-posted", {"conclusion": conclusion, "title": payload.title})


def _may_stay(payload: CheckRunPayload) -> bool:
    """Whether nothing worse can come of it where it is not what GitHub shows."""
    return payload.name != REQUIRED or payload.conclusion is Conclusion.SUCCESS


def _is_newest(installation: Installation, run: Run, payload: CheckRunPayload) -> bool:
    shown = installation.check_runs(run.repository, run.head, payload.name)
    wanted = (payload.external_id, payload.status, payload.conclusion)
    return bool(shown) and (shown[-1].external_id, shown[-1].status, shown[-1].conclusion) == wanted


def mark(parts: Parts, run: Run, lease: Lease, installation: Installation, signals: tuple[str, ...]) -> None:
    """Put the agent's mark on the pull request."""
    lease.check()
    installation.add_label(
        run.repository, run.number, MARK, description="An AI agent wrote this, or part of it; set by Mergelock."
    )
    with parts.store.writing() as connection:
        record(connection, run, "marked", {"signals": list(signals)})


def settle_label(
    parts: Parts, run: Run, lease: Lease, installation: Installation, policy: Policy, review: ReviewState
) -> None:
    """Take a review label off that does not count, with a word why; put it on where an approving review does."""
    label = policy.review.label
    if review.remove_label:
        why = review.remove_label
        text = (
            f"The label {code(label)} was taken off again: {prose(why)}.\n\n"
            "It counts when a person with the permission asked for, who did not write the change, "
            "puts it on for the newest commit."
        )
        # The word why first: with the label gone, nothing would ask for it again after a crash in between.
        lease.check()
        installation.comment(run.repository, run.number, "review-label", text)
        installation.remove_label(run.repository, run.number, label)
        with parts.store.writing() as connection:
            record(connection, run, "review-label-removed", {"why": why})
    if review.set_label:
        lease.check()
        installation.add_label(
            run.repository, run.number, label, description="A person has reviewed the newest commit."
        )
        with parts.store.writing() as connection:
            record(connection, run, "review-label-set", {"by": list(review.by)})


def record(connection: sa.Connection, run: Run, action: str, data: dict[str, Any]) -> None:
    """Put an act of ours on the record."""
    audit.record(
        connection,
        Act(
            actor=OURS,
            action=action,
            repository=run.repository,
            number=run.number,
            head=run.head,
            policy=run.policy,
            data=data,
        ),
    )


def _digest(payload: CheckRunPayload) -> str:
    """Equal for payloads that say the same: when they were made does not count."""
    data = {name: value for name, value in asdict(payload).items() if not name.endswith("_at")}
    return hashlib.sha256(json.dumps(data, default=str, sort_keys=True).encode()).hexdigest()
