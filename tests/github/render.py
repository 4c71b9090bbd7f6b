"""The stand-in's state as GitHub writes it in answers and webhooks."""

from tests.github import git
from tests.github.render_accounts import Json, node
from tests.github.render_commits import CommitRenderer, simple_commit
from tests.github.world import (
    CheckRun,
    CheckSuite,
    Comment,
    IssueEvent,
    Label,
    Pull,
    Repository,
    Review,
    World,
    stamp,
)

_LINKED = ("commits", "review_comments", "review_comment", "comments", "statuses")


class Renderer(CommitRenderer):
    """Writes things out, with this server's addresses in them."""

    def label(self, repository: Repository, label: Label) -> Json:
        return {
            "id": label.id,
            "node_id": node("Label", label.id),
            "url": f"{self.api}/repos/{repository.full_name}/labels/{label.name}",
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "default": False,
        }

    def labels(self, repository: Repository, pull: Pull) -> list[Json]:
        return [self.label(repository, repository.labels[name.lower()]) for name in pull.labels]

    def pull(self, repository: Repository, pull: Pull, *, full: bool = False, webhook: bool = False) -> Json:
        """A pull request: as lists have it, in full, or as webhooks have it."""
        links = self.pull_links(repository, pull)
        return {
            "url": links["self"],
            "id": pull.id,
            "node_id": node("PullRequest", pull.id),
            "html_url": links["html"],
            "diff_url": f"{links['html']}.diff",
            "patch_url": f"{links['html']}.patch",
            "issue_url": links["issue"],
            **{f"{name}_url": links[name] for name in _LINKED},
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self.user(pull.author),
            "body": pull.body or None,
            "labels": self.labels(repository, pull),
            "created_at": stamp(pull.created),
            "updated_at": stamp(pull.updated),
            "closed_at": stamp(pull.closed),
            "merged_at": stamp(pull.closed) if pull.merged else None,
            **dict.fromkeys(("assignee", "milestone", "auto_merge", "merge_commit_sha", "active_lock_reason")),
            **{name: [] for name in ("assignees", "requested_reviewers", "requested_teams")},
            "head": self.side(pull.head_repository, pull.head_ref, pull.head),
            "base": self.side(repository, pull.base_ref, pull.base),
            "author_association": "CONTRIBUTOR",
            "draft": pull.draft,
            "_links": {key: {"href": value} for key, value in links.items()},
            **(self.pull_counts(repository, pull) if full or webhook else {}),
        }

    def pull_links(self, repository: Repository, pull: Pull) -> dict[str, str]:
        api = f"{self.api}/repos/{repository.full_name}"
        url, issue = f"{api}/pulls/{pull.number}", f"{api}/issues/{pull.number}"
        return {
            "self": url,
            "html": f"{self.world.url}/{repository.full_name}/pull/{pull.number}",
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{url}/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{api}/statuses/{pull.head}",
        }

    def pull_counts(self, repository: Repository, pull: Pull) -> Json:
        base = git.merge_base(repository.path, pull.base, pull.head)
        files = git.changed(repository.path, base, pull.head)
        return {
            "merged": pull.merged,
            "mergeable": True,
            "rebaseable": True,
            "mergeable_state": "clean" if gate_open(self.world, repository, pull) else "blocked",
            "merged_by": None,
            "comments": len(pull.comments),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": len(git.commits(repository.path, base, pull.head, 10_000)),
            "additions": sum(item["additions"] for item in files),
            "deletions": sum(item["deletions"] for item in files),
            "changed_files": len(files),
        }

    def side(self, repository: Repository, ref: str, sha: str) -> Json:
        return {
            "label": f"{repository.owner.login}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.user(repository.owner),
            "repo": self.repository(repository),
        }

    def pull_minimal(self, repository: Repository, pull: Pull) -> Json:
        def side(of: Repository, ref: str, sha: str) -> Json:
            url = f"{self.api}/repos/{of.full_name}"
            return {"ref": ref, "sha": sha, "repo": {"id": of.id, "url": url, "name": of.name}}

        return {
            "url": f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}",
            "id": pull.id,
            "number": pull.number,
            "head": side(pull.head_repository, pull.head_ref, pull.head),
            "base": side(repository, pull.base_ref, pull.base),
        }

    def pulls_with(self, repository: Repository, head: str) -> list[Json]:
        """As check events list them: never those from forks."""
        return [
            self.pull_minimal(repository, pull)
            for pull in repository.pulls.values()
            if pull.head == head and pull.state == "open" and pull.head_repository is repository
        ]

    def event(self, repository: Repository, event: IssueEvent) -> Json:
        url = f"{self.api}/repos/{repository.full_name}"
        label = repository.labels.get(event.label.lower())
        written: Json = {
            "id": event.id,
            "node_id": node("IssueEvent", event.id),
            "url": f"{url}/issues/events/{event.id}",
            "actor": self.user(event.actor),
            "event": event.event,
            "commit_id": event.commit or None,
            "commit_url": f"{url}/commits/{event.commit}" if event.commit else None,
            "created_at": stamp(event.at),
            "performed_via_github_app": self.app() if event.by_app else None,
        }
        if event.label:
            written["label"] = {"name": event.label, "color": label.color if label else "ededed"}
        return written

    def review(self, repository: Repository, pull: Pull, review: Review, *, webhook: bool = False) -> Json:
        html = f"{self.world.url}/{repository.full_name}/pull/{pull.number}#pullrequestreview-{review.id}"
        url = f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}"
        return {
            "id": review.id,
            "node_id": node("PullRequestReview", review.id),
            "user": self.user(review.user),
            "body": review.body,
            "state": review.state.lower() if webhook else review.state,
            "html_url": html,
            "pull_request_url": url,
            "author_association": "MEMBER",
            "_links": {"html": {"href": html}, "pull_request": {"href": url}},
            "submitted_at": stamp(review.at),
            "commit_id": review.commit,
        }

    def comment(self, repository: Repository, pull: Pull, comment: Comment) -> Json:
        url = f"{self.api}/repos/{repository.full_name}/issues"
        return {
            "id": comment.id,
            "node_id": node("IssueComment", comment.id),
            "url": f"{url}/comments/{comment.id}",
            "html_url": f"{self.world.url}/{repository.full_name}/pull/{pull.number}#issuecomment-{comment.id}",
            "issue_url": f"{url}/{pull.number}",
            "body": comment.body,
            "user": self.user(comment.user),
            "created_at": stamp(comment.at),
            "updated_at": stamp(comment.at),
            "author_association": "NONE",
            "performed_via_github_app": self.app() if comment.by_app else None,
        }

    def check_run(self, run: CheckRun, *, webhook: bool = False) -> Json:
        url = f"{self.api}/repos/{run.repository.full_name}/check-runs/{run.id}"
        suite = self.check_suite_simple(run.suite) if webhook else {"id": run.suite.id}
        return {
            "id": run.id,
            "name": run.name,
            "node_id": node("CheckRun", run.id),
            "head_sha": run.head,
            "external_id": run.external_id,
            "url": url,
            "html_url": f"{self.world.url}/{run.repository.full_name}/runs/{run.id}",
            "details_url": run.details_url or f"{self.world.url}/apps/{self.world.app.slug}",
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": run.started,
            "completed_at": run.completed,
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": len(run.annotations),
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": suite,
            "app": self.app() | {"id": run.app},
            "pull_requests": self.pulls_with(run.repository, run.head),
        }

    def check_suite_simple(self, suite: CheckSuite) -> Json:
        runs = self.world.runs_on(suite.repository, suite.head)
        done = bool(runs) and all(run.status == "completed" for run in runs)
        bad = [run.conclusion for run in runs if run.conclusion not in {"success", "neutral", "skipped"}]
        url = f"{self.api}/repos/{suite.repository.full_name}/check-suites/{suite.id}"
        return {
            "id": suite.id,
            "node_id": node("CheckSuite", suite.id),
            "head_branch": suite.branch or None,
            "head_sha": suite.head,
            "status": "completed" if done else "queued",
            "conclusion": (bad[0] if bad else "success") if done else None,
            "url": url,
            "before": suite.before,
            "after": suite.head,
            "pull_requests": self.pulls_with(suite.repository, suite.head),
            "app": self.app(),
            "created_at": stamp(suite.created),
            "updated_at": stamp(suite.created),
        }

    def check_suite(self, suite: CheckSuite, *, webhook: bool = False) -> Json:
        head = git.commit(suite.repository.path, suite.head) or {}
        simple = self.check_suite_simple(suite)
        return simple | {
            **({} if webhook else {"repository": self.repository(suite.repository)}),
            "latest_check_runs_count": len(self.world.runs_on(suite.repository, suite.head)),
            "check_runs_url": f"{simple['url']}/check-runs",
            "rerequestable": True,
            "runs_rerequestable": True,
            "head_commit": simple_commit(head),
        }


def gate_open(world: World, repository: Repository, pull: Pull) -> bool:
    """Whether GitHub would let it be merged: what every rule on its base branch asks for is green on its head.

    As on GitHub, neutral and skipped count as green, and the newest check run of a name decides.
    """
    for rule in repository.rules:
        if rule.branch != pull.base_ref:
            continue
        runs = [
            run
            for run in world.runs_on(repository, pull.head)
            if run.name == rule.context and rule.app in {None, run.app}
        ]
        if not runs or runs[-1].status != "completed" or runs[-1].conclusion not in {"success", "neutral", "skipped"}:
            return False
    return pull.state == "open" and not pull.draft
