"""Accounts, repositories, the App and its installations as GitHub writes them."""

import base64
from typing import Any

from tests.github.world import Delivery, Installation, Repository, User, World, stamp

Json = dict[str, Any]

_USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_URLS = (
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
)


class AccountRenderer:
    """Writes things out, with this server's addresses in them."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def api(self) -> str:
        return f"{self.world.url}/api/v3"

    def user(self, user: User) -> Json:
        url = f"{self.api}/users/{user.login}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": node("User", user.id),
            "avatar_url": f"{self.world.url}/avatars/{user.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.world.url}/{user.login.removesuffix('[bot]')}",
            "type": user.type,
            "site_admin": False,
            **{key: url + suffix for key, suffix in _USER_URLS.items()},
        }

    def repository(self, repository: Repository, *, push: bool = False) -> Json:
        """A repository; a push event writes its times as numbers."""
        url = f"{self.api}/repos/{repository.full_name}"
        html = f"{self.world.url}/{repository.full_name}"
        pulls = sum(pull.state == "open" for pull in repository.pulls.values())
        at: Any = int(repository.created.timestamp()) if push else stamp(repository.created)
        return {
            "id": repository.id,
            "node_id": node("Repository", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "owner": self.user(repository.owner) | ({"name": repository.owner.login, "email": None} if push else {}),
            "html_url": html,
            "description": None,
            "fork": repository.fork_of is not None,
            "url": url,
            **{f"{name}_url": f"{url}/{name}" for name in _REPOSITORY_URLS},
            "created_at": at,
            "updated_at": stamp(repository.created),
            "pushed_at": at,
            "git_url": f"{html}.git",
            "ssh_url": f"{html}.git",
            "clone_url": f"{html}.git",
            "svn_url": html,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "license": None,
            "default_branch": repository.default_branch,
            "visibility": "private" if repository.private else "public",
            **dict.fromkeys(("size", "stargazers_count", "watchers_count", "forks_count", "forks", "watchers"), 0),
            **dict.fromkeys(("network_count", "subscribers_count"), 0),
            **dict.fromkeys(("open_issues_count", "open_issues"), pulls),
            **dict.fromkeys(("has_issues", "has_projects", "has_downloads", "has_wiki"), True),
            **dict.fromkeys(("has_pages", "has_discussions", "archived", "disabled", "is_template"), False),
            "allow_forking": True,
            "web_commit_signoff_required": False,
            "topics": [],
        }

    def app(self) -> Json:
        app = self.world.app
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": node("App", app.id),
            "client_id": f"Iv23li{app.id}",
            "owner": self.user(app.owner),
            "name": app.slug.title(),
            "description": "",
            "external_url": f"{self.world.url}/apps",
            "html_url": f"{self.world.url}/apps/{app.slug}",
            "created_at": stamp(app.created),
            "updated_at": stamp(app.created),
            "permissions": app.permissions,
            "events": list(app.events),
        }

    def installation(self, installation: Installation) -> Json:
        url = f"{self.api}/app/installations/{installation.id}"
        account = installation.account
        # GitHub's description of the list asks of an account what a person and an enterprise have together.
        both = {"name": account.login, "slug": account.login, "created_at": stamp(installation.created)}
        return {
            "id": installation.id,
            "account": self.user(account) | both | {"updated_at": stamp(installation.created)},
            "repository_selection": "all",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.world.url}/organizations/{installation.account.login}/settings/{installation.id}",
            "app_id": self.world.app.id,
            "app_slug": self.world.app.slug,
            "target_id": installation.account.id,
            "target_type": installation.account.type,
            "permissions": installation.permissions,
            "events": list(self.world.app.events),
            "created_at": stamp(installation.created),
            "updated_at": stamp(installation.created),
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": self.user(installation.account) if installation.suspended else None,
            "suspended_at": stamp(installation.suspended),
        }

    def delivery(self, delivery: Delivery, *, full: bool = False) -> Json:
        written: Json = {
            "id": delivery.id,
            "guid": delivery.guid,
            "delivered_at": stamp(delivery.at),
            "redelivery": delivery.redelivery,
            "duration": round(delivery.duration, 2),
            "status": "OK" if delivery.status < 400 else f"Invalid HTTP Response: {delivery.status}",
            "status_code": delivery.status,
            "event": delivery.event,
            "action": delivery.payload.get("action"),
            "installation_id": delivery.installation,
            "repository_id": delivery.repository,
            "throttled_at": None,
        }
        if full:
            written["url"] = self.world.app.hook_url
            written["request"] = {"headers": delivery.headers, "payload": delivery.payload}
            written["response"] = {"headers": {}, "payload": delivery.answer}
        return written


def node(kind: str, number: int | str) -> str:
    """A global id as GitHub makes them: opaque."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()
