"""What GitHub's records say, put into the gate's terms. Asks; decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from app.gate.authorship import Authorship
from app.gate.policy_model import Permission, Policy
from app.gate.review import LabelEvent, Person, Review, ReviewInput, ReviewVerdict
from app.github import types as github
from app.github.client import Installation


@dataclass(frozen=True, slots=True)
class Known:
    """What we know that GitHub does not tell: our own account ("name[bot]"), and when we first saw this head."""

    app_login: str
    seen_since: datetime


def authorship_of(
    pull: github.PullRequest, commits: github.Commits, *, marked_before: bool, unmarked_by: str | None
) -> Authorship:
    """Everything that may tell who wrote a pull request."""
    return Authorship(
        login=pull.author.login,
        login_type=pull.author.type,
        labels=pull.labels,
        branch=pull.head_ref,
        title=pull.title,
        body=pull.body,
        commits=commits.items,
        more_commits=not commits.complete,
        marked_before=marked_before,
        unmarked_by=unmarked_by,
    )


def review_facts(
    installation: Installation, pull: github.PullRequest, policy: Policy, known: Known, *, approvals: int
) -> ReviewInput:
    """Ask GitHub who labelled and who reviewed, and what each of them may do.

    Args:
        installation: asks in its name.
        pull: as it is now.
        policy: names the review label.
        known: what we know ourselves.
        approvals: how many people are asked for.
    """
    events = installation.label_events(pull.repository, pull.number)
    reviews = installation.reviews(pull.repository, pull.number)
    logins = {event.actor.login for event in events if event.actor.human}
    logins |= {review.person.login for review in reviews if review.person.human}
    return ReviewInput(
        policy=policy.review,
        head=pull.head,
        head_since=installation.head_since(pull) or known.seen_since,
        author=_person(pull.author),
        app=Person(known.app_login, "Bot"),
        label_present=policy.review.label.casefold() in {label.casefold() for label in pull.labels},
        label_events=tuple(
            LabelEvent(_person(event.actor), event.label, event.added, "", event.at, app=event.app) for event in events
        ),
        reviews=tuple(
            Review(_person(review.person), review.commit, ReviewVerdict(review.state), review.at)
            for review in reviews
            if review.state in ReviewVerdict.__members__
        ),
        permissions=_permissions(installation, pull.repository, logins),
        approvals=approvals,
        base_since=installation.retargeted_at(pull.repository, pull.number),
    )


def _permissions(installation: Installation, repository: str, logins: set[str]) -> dict[str, Permission]:
    found = {login: installation.permission(repository, login) for login in sorted(logins)}
    return {
        login.casefold(): Permission(level.value)
        for login, level in found.items()
        if level is not github.Permission.NONE
    }


def _person(person: github.Person) -> Person:
    return Person(person.login, person.type)
