"""What people do on this GitHub: push, open pull requests, label, review. Each change is told by webhook."""

from typing import Any

from tests.github import git
from tests.github.owners import Owners
from tests.github.render import gate_open
from tests.github.render_commits import push_commit
from tests.github.world import (
    CheckRun,
    Comment,
    IssueEvent,
    Label,
    Pull,
    Repository,
    Review,
    User,
    now,
    stamp,
)

_ZERO = "0" * 40


class People(Owners):
    """The actions. Repositories are named by full name, people by login; accounts come into being when named."""

    def open_pull_request(
        self,
        login: str,
        full_name: str,
        head: str,
        *,
        title: str = "A change",
        body: str = "",
        base: str = "",
        head_repository: str = "",
        draft: bool = False,
        labels: tuple[str, ...] = (),
    ) -> int:
        """Opens a pull request for a branch, of this repository or of a fork.

        Returns:
            Its number.
        """
        with self.world.lock:
            repository, author = self.world.repository(full_name), self.world.user(login)
            source = self.world.repository(head_repository) if head_repository else repository
            base_ref = base or repository.default_branch
            sha, base_sha = (
                git.tip(source.path, f"refs/heads/{head}"),
                git.tip(repository.path, f"refs/heads/{base_ref}"),
            )
            if sha is None or base_sha is None:
                raise ValueError(f"there is no branch {head} or {base_ref}")
            number, at = len(repository.pulls) + 1, now()
            pull = Pull(
                self.world.id(), number, title, body, author, source, head, sha, base_ref, base_sha, at, at, draft=draft
            )
            repository.pulls[number] = pull
            self._keep_head(repository, pull)
            self.hooks.pull_request("opened", repository, pull, author)
            for name in labels:
                self.label(login, full_name, number, name)
            return number

    def label(self, login: str, full_name: str, number: int, name: str) -> None:
        """Puts a label on, which is made where the repository has none of that name."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            self.add_label(repository, repository.pulls[number], actor, name)

    def unlabel(self, login: str, full_name: str, number: int, name: str) -> None:
        """Takes a label off."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            self.drop_label(repository, repository.pulls[number], actor, name)

    def review(self, login: str, full_name: str, number: int, state: str = "APPROVED", *, commit: str = "") -> int:
        """Submits a review of the head, or of an older commit."""
        with self.world.lock:
            repository, user = self.world.repository(full_name), self.world.user(login)
            pull = repository.pulls[number]
            review = Review(self.world.id(), user, state, commit or pull.head, "", now())
            pull.reviews.append(review)
            self._review_event("submitted", repository, pull, review, user)
            return review.id

    def dismiss_review(self, login: str, full_name: str, number: int, review: int) -> None:
        """Dismisses a review."""
        with self.world.lock:
            repository = self.world.repository(full_name)
            pull = repository.pulls[number]
            found = next(item for item in pull.reviews if item.id == review)
            found.state = "DISMISSED"
            self._review_event("dismissed", repository, pull, found, self.world.user(login))

    def close(self, login: str, full_name: str, number: int, *, merge: bool = False) -> None:
        """Closes a pull request, or merges it if its rules let it be."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            pull = repository.pulls[number]
            if merge and not gate_open(self.world, repository, pull):
                raise PermissionError("a required check is not green")
            pull.state, pull.merged, pull.closed, pull.updated = "closed", merge, now(), now()
            self.hooks.pull_request("closed", repository, pull, actor)

    def reopen(self, login: str, full_name: str, number: int) -> None:
        """Opens a closed pull request again."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            pull = repository.pulls[number]
            pull.state, pull.closed, pull.updated = "open", None, now()
            self.hooks.pull_request("reopened", repository, pull, actor)

    def set_draft(self, login: str, full_name: str, number: int, *, draft: bool) -> None:
        """Makes a draft of a pull request, or has it ready for review."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            pull = repository.pulls[number]
            pull.draft, pull.updated = draft, now()
            action = "converted_to_draft" if draft else "ready_for_review"
            self.hooks.pull_request(action, repository, pull, actor)

    def edit(self, login: str, full_name: str, number: int, *, title: str = "", body: str = "", base: str = "") -> None:
        """Changes a pull request's title, text, or the branch it is to be merged into; what is "" stays."""
        with self.world.lock:
            repository, actor = self.world.repository(full_name), self.world.user(login)
            pull = repository.pulls[number]
            changes: dict[str, Any] = {"title": {"from": pull.title}} if title else {}
            changes |= {"body": {"from": pull.body}} if body else {}
            if base:
                tip = git.tip(repository.path, f"refs/heads/{base}")
                if tip is None:
                    raise ValueError(f"there is no branch {base}")
                changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base}}
                pull.base_ref, pull.base = base, tip
                pull.events.append(IssueEvent(self.world.id(), "base_ref_changed", actor, now()))
            pull.title, pull.body, pull.updated = title or pull.title, body or pull.body, now()
            self.hooks.pull_request("edited", repository, pull, actor, changes=changes)

    def comment(self, login: str, full_name: str, number: int, body: str) -> int:
        """Writes a comment."""
        with self.world.lock:
            pull = self.world.repository(full_name).pulls[number]
            comment = Comment(self.world.id(), self.world.user(login), body, now())
            pull.comments.append(comment)
            return comment.id

    def rerun(self, login: str, check_run: int) -> None:
        """Presses "re-run" on a check run."""
        with self.world.lock:
            run = self.world.check_runs[check_run]
            body = {"action": "rerequested", "check_run": self.render.check_run(run, webhook=True)}
            self.hooks.emit("check_run", body, run.repository, sender=self.world.user(login))

    def rerun_all(self, login: str, full_name: str, head: str) -> None:
        """Presses "re-run all checks" on a commit."""
        with self.world.lock:
            repository = self.world.repository(full_name)
            suite = self.render.check_suite(self.world.suite(repository, head), webhook=True)
            # GitHub's description of this one event does not know that an App may hear of merge queues.
            suite["app"]["events"].remove("merge_group")
            body = {"action": "rerequested", "check_suite": suite}
            self.hooks.emit("check_suite", body, repository, sender=self.world.user(login))

    def press(self, login: str, check_run: int, identifier: str) -> None:
        """Presses one of a check run's own buttons."""
        with self.world.lock:
            run = self.world.check_runs[check_run]
            if identifier not in {action["identifier"] for action in run.actions}:
                raise ValueError(f"the check run has no button {identifier}")
            body = {
                "action": "requested_action",
                "check_run": self.render.check_run(run, webhook=True),
                "requested_action": {"identifier": identifier},
            }
            self.hooks.emit("check_run", body, run.repository, sender=self.world.user(login))

    def enter_merge_queue(self, login: str, full_name: str, head: str, branch: str = "") -> None:
        """Has the merge queue ask for checks of a commit."""
        with self.world.lock:
            repository = self.world.repository(full_name)
            base_ref = branch or repository.default_branch
            group = {
                "head_sha": head,
                "head_ref": f"refs/heads/gh-readonly-queue/{base_ref}/pr-1-{head}",
                "base_sha": git.tip(repository.path, base_ref),
                "base_ref": f"refs/heads/{base_ref}",
                "head_commit": self._simple(repository, head),
            }
            body = {"action": "checks_requested", "merge_group": group}
            self.hooks.emit("merge_group", body, repository, sender=self.world.user(login))

    # What is to be seen

    def check_runs(self, full_name: str, head: str, name: str = "") -> list[CheckRun]:
        """The check runs on a commit, oldest first, of one name or all."""
        with self.world.lock:
            runs = self.world.runs_on(self.world.repository(full_name), head)
            return [run for run in runs if name in {"", run.name}]

    def pull(self, full_name: str, number: int) -> Pull:
        """A pull request as it is."""
        with self.world.lock:
            return self.world.repository(full_name).pulls[number]

    def gate_open(self, full_name: str, number: int) -> bool:
        """Whether GitHub would let it be merged."""
        with self.world.lock:
            repository = self.world.repository(full_name)
            return gate_open(self.world, repository, repository.pulls[number])

    # Shared with the API

    def add_label(self, repository: Repository, pull: Pull, actor: User, name: str, *, by_app: bool = False) -> None:
        """Puts a label on, by whoever; one that is on is left."""
        label = repository.labels.setdefault(name.lower(), Label(self.world.id(), name))
        if label.name in pull.labels:
            return
        pull.labels.append(label.name)
        self._label_event("labeled", repository, pull, actor, label, by_app=by_app)

    def drop_label(self, repository: Repository, pull: Pull, actor: User, name: str, *, by_app: bool = False) -> bool:
        """Takes a label off; False where it is not on."""
        label = repository.labels.get(name.lower())
        if label is None or label.name not in pull.labels:
            return False
        pull.labels.remove(label.name)
        self._label_event("unlabeled", repository, pull, actor, label, by_app=by_app)
        return True

    def check_run_event(self, action: str, run: CheckRun) -> None:
        """Tells that a check run was posted."""
        body = {"action": action, "check_run": self.render.check_run(run, webhook=True)}
        self.hooks.emit("check_run", body, run.repository, sender=self.world.bot)

    def _label_event(
        self, event: str, repository: Repository, pull: Pull, actor: User, label: Label, *, by_app: bool
    ) -> None:
        pull.updated = now()
        pull.events.append(IssueEvent(self.world.id(), event, actor, now(), label.name, by_app=by_app))
        self.hooks.pull_request(event, repository, pull, actor, label=self.render.label(repository, label))

    def _review_event(self, action: str, repository: Repository, pull: Pull, review: Review, sender: User) -> None:
        rendered = self.render.pull(repository, pull)
        body: dict[str, Any] = {
            "action": action,
            "review": self.render.review(repository, pull, review, webhook=True) | {"updated_at": stamp(now())},
            "pull_request": rendered,
        }
        self.hooks.emit("pull_request_review", body, repository, sender=sender)

    def _simple(self, repository: Repository, head: str) -> dict[str, Any]:
        found = git.commit(repository.path, head)
        if found is None:
            raise ValueError(f"there is no commit {head}")
        item = push_commit(found, "")
        return {key: item[key] for key in ("id", "tree_id", "message", "timestamp", "author", "committer")}
