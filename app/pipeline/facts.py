"""What GitHub's records say, put into the gate's terms. Asks; decides nothing."""

from datetime import datetime

from app.gate.authorship import Authorship
from app.gate.policy_model import Permission, Policy
from app.gate.review import LabelEvent, Person, Review, ReviewInput, ReviewVerdict
from app.github import types as github
from app.github.client import Installation


def authorship_of(pull: github.PullRequest, commits: github.Commits) -> Authorship:
    """Everything that may tell who wrote a pull request."""
    return Authorship(
        login=pull.author.login,
        login_type=pull.author.type,
        labels=pull.labels,
        branch=pull.head_ref,
        title=pull.title,
        body=pull.body,
        commits=commits.items,
    )


def review_facts(
    installation: Installation,
    pull: github.PullRequest,
    policy: Policy,
    *,
    app_login: str,
    approvals: int,
    seen_since: datetime,
) -> ReviewInput:
    """Ask GitHub who labelled and who reviewed, and what each of them may do.

    Args:
        installation: asks in its name.
        pull: as it is now.
        policy: names the review label.
        app_login: our own account ("name[bot]").
        approvals: how many people are asked for.
        seen_since: when we first saw this head: counts where GitHub's record does not say since when it is the head.
    """
    events = installation.label_events(pull.repository, pull.number)
    ours = tuple(event for event in events if event.label.casefold() == policy.review.label.casefold())
    reviews = installation.reviews(pull.repository, pull.number)
    logins = {event.actor.login for event in ours if event.actor.human}
    logins |= {review.person.login for review in reviews if review.person.human}
    return ReviewInput(
        policy=policy.review,
        head=pull.head,
        head_since=installation.head_since(pull) or seen_since,
        author=_person(pull.author),
        app=Person(app_login, "Bot"),
        label_present=policy.review.label.casefold() in {label.casefold() for label in pull.labels},
        label_events=tuple(_label_event(event) for event in ours),
        reviews=tuple(_review(review) for review in reviews if review.state in ReviewVerdict.__members__),
        permissions=_permissions(installation, pull.repository, logins),
        approvals=approvals,
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


def _label_event(event: github.LabelEvent) -> LabelEvent:
    """Done through an App counts as done by a machine, whoever's name the App acted in."""
    actor = Person(event.actor.login, "Bot") if event.app else _person(event.actor)
    return LabelEvent(actor, event.label, event.added, "", event.at)


def _review(review: github.Review) -> Review:
    return Review(_person(review.person), review.commit, ReviewVerdict(review.state), review.at)
