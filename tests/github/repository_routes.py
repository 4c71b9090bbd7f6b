"""Routes about a repository: contents, commits, branches, rules, who may do what, what was pushed."""

from typing import Any

from flask import request

from tests.github import git
from tests.github.api import Api, Problem, by_cursor, paged
from tests.github.render_accounts import node
from tests.github.world import Activity, Repository, RequiredCheck, stamp


class RepositoryRoutes:
    """Registers them."""

    def __init__(self, api: Api) -> None:
        self._world = api.parts.world
        self._render = api.parts.render
        self._people = api.parts.people
        add, contents = api.for_installation, {"needs": "contents"}
        add("GET", "", self._get)
        add("GET", "/contents/<path:path>", self._contents, **contents)
        add("GET", "/git/commits/<sha>", self._git_commit, **contents)
        add("GET", "/git/ref/<path:ref>", self._ref, **contents)
        add("GET", "/commits/<sha>", self._commit, **contents)
        add("GET", "/branches/<path:branch>", self._branch, **contents)
        add("GET", "/rules/branches/<path:branch>", self._rules)
        add("GET", "/collaborators/<login>/permission", self._permission)
        add("GET", "/activity", self._activity, **contents)

    def _get(self, repository: Repository) -> Any:
        return self._render.repository(repository)

    def _contents(self, repository: Repository, path: str) -> Any:
        ref = request.args.get("ref", repository.default_branch)
        if git.tip(repository.path, ref) is None:
            raise Problem(404, f"No commit found for the ref {ref}")
        found = git.entry(repository.path, ref, path)
        if found is None:
            raise Problem(404, "Not Found")
        _, kind, blob = found
        if kind != "blob":
            return []
        return self._render.content(repository, path, blob, git.blob(repository.path, blob), ref)

    def _git_commit(self, repository: Repository, sha: str) -> Any:
        return self._render.git_commit(repository, self._known(repository, sha))

    def _commit(self, repository: Repository, sha: str) -> Any:
        return self._render.commit(repository, self._known(repository, sha))

    def _ref(self, repository: Repository, ref: str) -> Any:
        sha = git.tip(repository.path, f"refs/{ref}")
        if sha is None:
            raise Problem(404, "Not Found")
        url = f"{self._render.api}/repos/{repository.full_name}/git"
        return {
            "ref": f"refs/{ref}",
            "node_id": node("Ref", ref),
            "url": f"{url}/refs/{ref}",
            "object": {"sha": sha, "type": "commit", "url": f"{url}/commits/{sha}"},
        }

    def _branch(self, repository: Repository, branch: str) -> Any:
        sha = git.tip(repository.path, f"refs/heads/{branch}")
        if sha is None:
            raise Problem(404, "Branch not found")
        url = f"{self._render.api}/repos/{repository.full_name}/branches/{branch}"
        rules = [rule for rule in repository.rules if rule.branch == branch]
        protected = [rule for rule in rules if rule.kind == "protection"]
        checks = {
            "enforcement_level": "everyone" if protected else "off",
            "contexts": [rule.context for rule in protected],
            "checks": [{"context": rule.context, "app_id": rule.app} for rule in protected],
        }
        return {
            "name": branch,
            "commit": self._render.commit(repository, self._known(repository, sha)),
            "_links": {"self": url, "html": f"{self._world.url}/{repository.full_name}/tree/{branch}"},
            "protected": bool(rules),
            "protection": {"enabled": bool(protected), "required_status_checks": checks},
            "protection_url": f"{url}/protection",
        }

    def _rules(self, repository: Repository, branch: str) -> Any:
        found = [rule for rule in repository.rules if rule.branch == branch and rule.kind == "ruleset"]
        return paged(list(enumerate(found, 1)), lambda item: _rule(repository, *item))

    def _permission(self, repository: Repository, login: str) -> Any:
        user = self._world.users.get(login.lower())
        if user is None:
            raise Problem(404, f"{login} is not a user")
        role = self._people.role(repository, login)
        folded = {"maintain": "write", "triage": "read"}.get(role, role)
        return {"permission": folded, "role_name": role, "user": self._render.user(user) | {"role_name": role}}

    def _activity(self, repository: Repository) -> Any:
        ref = request.args.get("ref", "")
        found = [item for item in reversed(repository.activity) if not ref or item.ref in {ref, f"refs/heads/{ref}"}]
        return by_cursor(found, "after", self._pushed)

    def _pushed(self, item: Activity) -> Any:
        return {
            "id": item.id,
            "node_id": node("Push", item.id),
            "before": item.before,
            "after": item.after,
            "ref": item.ref,
            "timestamp": stamp(item.at),
            "activity_type": item.kind,
            "actor": self._render.user(item.actor),
        }

    def _known(self, repository: Repository, sha: str) -> dict[str, Any]:
        found = git.commit(repository.path, sha)
        if found is None:
            raise Problem(404, "Not Found")
        return found


def _rule(repository: Repository, number: int, rule: RequiredCheck) -> dict[str, Any]:
    check: dict[str, Any] = {"context": rule.context}
    if rule.app is not None:
        check["integration_id"] = rule.app
    return {
        "type": "required_status_checks",
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": number,
        "parameters": {
            "strict_required_status_checks_policy": False,
            "do_not_enforce_on_create": False,
            "required_status_checks": [check],
        },
    }
