"""What owners do on this GitHub: make repositories, install the App, give out roles, push."""

from pathlib import Path

from tests.github import git
from tests.github.hooks import Hooks
from tests.github.render import Renderer
from tests.github.render_accounts import node
from tests.github.render_commits import push_commit
from tests.github.world import (
    Activity,
    Installation,
    IssueEvent,
    Pull,
    Repository,
    RequiredCheck,
    User,
    World,
    now,
)

_ZERO = "0" * 40


class Owners:
    """Their actions. Each change is told by webhook."""

    def __init__(self, world: World, hooks: Hooks, renderer: Renderer) -> None:
        self.world = world
        self.hooks = hooks
        self.render = renderer

    def create_repository(self, full_name: str, *, default_branch: str = "main", private: bool = False) -> Repository:
        """An empty repository; its owner may administer it."""
        owner, _, name = full_name.partition("/")
        with self.world.lock:
            account = self.world.user(owner)
            number = self.world.id()
            path = self.world.folder / f"{number}.git"
            git.create(path, default_branch)
            repository = Repository(number, account, name, path, default_branch, private)
            repository.roles[owner.lower()] = "admin"
            self.world.repositories[full_name.lower()] = repository
            return repository

    def fork(self, full_name: str, owner: str) -> Repository:
        """A copy of a repository that belongs to somebody else."""
        with self.world.lock:
            origin = self.world.repository(full_name)
            copy = self.create_repository(f"{owner}/{origin.name}", default_branch=origin.default_branch)
            copy.fork_of = origin
            git.git(copy.path, "fetch", "--quiet", "--no-tags", str(origin.path), "+refs/heads/*:refs/heads/*")
            return copy

    def install(self, owner: str, *, sender: str = "") -> Installation:
        """Installs the App for all of an account's repositories."""
        with self.world.lock:
            account = self.world.user(owner)
            installation = Installation(self.world.id(), account, dict(self.world.app.permissions))
            self.world.installations[installation.id] = installation
            self._installation("created", installation, self.world.user(sender or owner))
            return installation

    def uninstall(self, owner: str) -> None:
        """Takes the App off an account; its tokens end at once."""
        with self.world.lock:
            installation = next(i for i in self.world.installations.values() if i.account.login == owner)
            del self.world.installations[installation.id]
            for value in [v for v, t in self.world.tokens.items() if t.installation == installation.id]:
                del self.world.tokens[value]
            self._installation("deleted", installation, installation.account)

    def suspend(self, owner: str, *, suspended: bool = True) -> None:
        """Suspends the App for an account, or lets it work again."""
        with self.world.lock:
            installation = next(i for i in self.world.installations.values() if i.account.login == owner)
            installation.suspended = now() if suspended else None
            self._installation("suspend" if suspended else "unsuspend", installation, installation.account)

    def require_check(
        self, full_name: str, context: str = "mergelock", *, branch: str = "", bound: bool = True, kind: str = "ruleset"
    ) -> None:
        """Has a branch ask for a check; `bound` to this App or anybody's; by a `ruleset` or by `protection`."""
        with self.world.lock:
            repository = self.world.repository(full_name)
            app = self.world.app.id if bound else None
            repository.rules.append(RequiredCheck(branch or repository.default_branch, context, app, kind))

    def set_permission(self, full_name: str, login: str, role: str) -> None:
        """Gives a person a role: none, read, triage, write, maintain or admin."""
        with self.world.lock:
            self.world.user(login)
            self.world.repository(full_name).roles[login.lower()] = role

    def role(self, repository: Repository, login: str) -> str:
        """A person's role; anybody may read what is public."""
        return repository.roles.get(login.lower(), "none" if repository.private else "read")

    def push(self, login: str, full_name: str, branch: str, source: Path, revision: str = "HEAD") -> str:
        """Pushes a revision of a git repository on this machine to a branch, forced where need be.

        Returns:
            The commit that the branch is at now.
        """
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            ref = f"refs/heads/{branch}"
            before = git.tip(repository.path, ref)
            git.fetch(repository.path, source.resolve(), revision, ref)
            after = git.tip(repository.path, ref) or ""
            if after == before:
                return after
            forced = before is not None and not git.is_ancestor(repository.path, before, after)
            kind = "branch_creation" if before is None else "force_push" if forced else "push"
            repository.activity.append(Activity(self.world.id(), actor, ref, before or _ZERO, after, kind, now()))
            self._push_event(repository, actor, ref, before, after, forced=forced)
            self._suite_event(repository, actor, branch, before, after)
            self._synchronize(repository, actor, branch, before or _ZERO, after, forced=forced)
            return after

    def _installation(self, action: str, installation: Installation, sender: User) -> None:
        owned = [item for item in self.world.repositories.values() if item.owner is installation.account]
        repositories = [
            {
                "id": r.id,
                "node_id": node("Repository", r.id),
                "name": r.name,
                "full_name": r.full_name,
                "private": r.private,
            }
            for r in owned
        ]
        body = {
            "action": action,
            "installation": self.render.installation(installation),
            "repositories": repositories,
        }
        self.hooks.emit("installation", body, sender=sender)

    def _push_event(
        self, repository: Repository, actor: User, ref: str, before: str | None, after: str, *, forced: bool
    ) -> None:
        url = f"{self.world.url}/{repository.full_name}"
        base = before if before and not forced else git.tip(repository.path, repository.default_branch) or after
        added = [push_commit(item, url) for item in git.commits(repository.path, base, after, 20)]
        head = git.commit(repository.path, after)
        body = {
            "ref": ref,
            "before": before or _ZERO,
            "after": after,
            "created": before is None,
            "deleted": False,
            "forced": forced,
            "base_ref": None,
            "compare": f"{url}/compare/{(before or _ZERO)[:12]}...{after[:12]}",
            "commits": added,
            "head_commit": push_commit(head, url) if head else None,
            "pusher": {"name": actor.login, "email": f"{actor.login}@example.com"},
        }
        self.hooks.emit("push", body, repository, sender=actor)

    def _suite_event(self, repository: Repository, actor: User, branch: str, before: str | None, after: str) -> None:
        if self.world.installation_for(repository) is None:
            return
        suite = self.world.suite(repository, after, branch, before or _ZERO)
        body = {"action": "requested", "check_suite": self.render.check_suite(suite, webhook=True)}
        self.hooks.emit("check_suite", body, repository, sender=actor)

    def _synchronize(
        self, source: Repository, actor: User, branch: str, before: str, after: str, *, forced: bool
    ) -> None:
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                if pull.head_repository is not source or pull.head_ref != branch or pull.state != "open":
                    continue
                pull.head, pull.updated = after, now()
                pull.base = git.tip(repository.path, f"refs/heads/{pull.base_ref}") or pull.base
                self._keep_head(repository, pull)
                if forced:
                    pull.events.append(IssueEvent(self.world.id(), "head_ref_force_pushed", actor, now(), commit=after))
                self.hooks.pull_request("synchronize", repository, pull, actor, before=before, after=after)

    def _keep_head(self, repository: Repository, pull: Pull) -> None:
        git.fetch(repository.path, pull.head_repository.path, pull.head, f"refs/pull/{pull.number}/head")
