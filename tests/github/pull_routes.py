"""Routes about pull requests: themselves, their commits and files, labels, events, reviews, comments."""

from typing import Any

from flask import request

from tests.github import git
from tests.github.api import Api, Problem, body, invalid, paged
from tests.github.world import Comment, Label, Pull, Repository, now


class PullRoutes:
    """Registers them."""

    def __init__(self, api: Api) -> None:
        self._world = api.parts.world
        self._render = api.parts.render
        self._people = api.parts.people
        pulls, issues = {"needs": "pull_requests"}, {"needs": "issues"}
        add = api.for_installation
        add("GET", "/pulls", self._list, **pulls)
        add("GET", "/pulls/<int:number>", self._get, **pulls)
        add("GET", "/pulls/<int:number>/commits", self._commits, **pulls)
        add("GET", "/pulls/<int:number>/files", self._files, **pulls)
        add("GET", "/pulls/<int:number>/reviews", self._reviews, **pulls)
        add("GET", "/commits/<sha>/pulls", self._with_commit, **pulls)
        add("GET", "/issues/<int:number>/events", self._events, **issues)
        add("GET", "/issues/<int:number>/timeline", self._timeline, **issues)
        add("GET", "/issues/<int:number>/labels", self._labels, **issues)
        add("POST", "/issues/<int:number>/labels", self._add_labels, **issues, level="write")
        add("DELETE", "/issues/<int:number>/labels/<path:label>", self._drop_label, **issues, level="write")
        add("GET", "/labels/<path:label>", self._label, **issues)
        add("POST", "/labels", self._new_label, **issues, level="write")
        add("GET", "/issues/<int:number>/comments", self._comments, **issues)
        add("POST", "/issues/<int:number>/comments", self._new_comment, **issues, level="write")
        add("PATCH", "/issues/comments/<int:comment>", self._edit_comment, **issues, level="write")

    def _list(self, repository: Repository) -> Any:
        state, base, head = (request.args.get(name, "") for name in ("state", "base", "head"))
        found = [
            pull
            for pull in reversed(repository.pulls.values())
            if state == "all" or pull.state == (state or "open")
            if base in {"", pull.base_ref}
            if head in {"", f"{pull.head_repository.owner.login}:{pull.head_ref}"}
        ]
        return paged(found, lambda pull: self._render.pull(repository, pull))

    def _get(self, repository: Repository, number: int) -> Any:
        return self._render.pull(repository, _pull(repository, number), full=True)

    def _commits(self, repository: Repository, number: int) -> Any:
        pull = _pull(repository, number)
        found = git.commits(repository.path, pull.base, pull.head, 250)
        return paged(found, lambda item: self._render.commit(repository, item))

    def _files(self, repository: Repository, number: int) -> Any:
        pull = _pull(repository, number)
        found = git.changed(repository.path, git.merge_base(repository.path, pull.base, pull.head), pull.head)
        return paged(found[:3000], lambda item: self._render.file(repository, pull.head, item))

    def _reviews(self, repository: Repository, number: int) -> Any:
        pull = _pull(repository, number)
        return paged(pull.reviews, lambda review: self._render.review(repository, pull, review))

    def _with_commit(self, repository: Repository, sha: str) -> Any:
        found = [pull for pull in repository.pulls.values() if pull.head == sha]
        return paged(found, lambda pull: self._render.pull(repository, pull))

    def _events(self, repository: Repository, number: int) -> Any:
        return paged(_pull(repository, number).events, lambda event: self._render.event(repository, event))

    def _timeline(self, repository: Repository, number: int) -> Any:
        pull = _pull(repository, number)
        commits = git.commits(repository.path, pull.base, pull.head, 250)
        entries = [self._render.committed(repository, item) for item in commits]
        entries += [self._render.event(repository, event) for event in pull.events]
        return paged(entries)

    def _labels(self, repository: Repository, number: int) -> Any:
        return paged(self._render.labels(repository, _pull(repository, number)))

    def _add_labels(self, repository: Repository, number: int) -> Any:
        pull, names = _pull(repository, number), body().get("labels")
        if not isinstance(names, list) or not all(isinstance(name, str) and 0 < len(name) <= 50 for name in names):
            raise invalid("Label", "name", "invalid")
        for name in names:
            self._people.add_label(repository, pull, self._world.bot, name, by_app=True)
        return self._render.labels(repository, pull)

    def _drop_label(self, repository: Repository, number: int, label: str) -> Any:
        pull = _pull(repository, number)
        if not self._people.drop_label(repository, pull, self._world.bot, label, by_app=True):
            raise Problem(404, "Label does not exist")
        return self._render.labels(repository, pull)

    def _label(self, repository: Repository, label: str) -> Any:
        found = repository.labels.get(label.lower())
        if found is None:
            raise Problem(404, "Not Found")
        return self._render.label(repository, found)

    def _new_label(self, repository: Repository) -> Any:
        asked = body()
        name = asked.get("name", "")
        if name.lower() in repository.labels:
            raise invalid("Label", "name", "already_exists")
        label = Label(self._world.id(), name, asked.get("color", "ededed"), asked.get("description", ""))
        repository.labels[name.lower()] = label
        return self._render.label(repository, label), 201

    def _comments(self, repository: Repository, number: int) -> Any:
        pull = _pull(repository, number)
        return paged(pull.comments, lambda comment: self._render.comment(repository, pull, comment))

    def _new_comment(self, repository: Repository, number: int) -> Any:
        pull, text = _pull(repository, number), body().get("body")
        if not isinstance(text, str) or not 0 < len(text) <= 65_536:
            raise invalid("IssueComment", "body", "invalid")
        comment = Comment(self._world.id(), self._world.bot, text, now(), by_app=True)
        pull.comments.append(comment)
        return self._render.comment(repository, pull, comment), 201

    def _edit_comment(self, repository: Repository, comment: int) -> Any:
        for pull in repository.pulls.values():
            for found in pull.comments:
                if found.id == comment:
                    if not found.by_app:
                        raise Problem(403, "Resource not accessible by integration")
                    found.body = body()["body"]
                    return self._render.comment(repository, pull, found)
        raise Problem(404, "Not Found")


def _pull(repository: Repository, number: int) -> Pull:
    if number not in repository.pulls:
        raise Problem(404, "Not Found")
    return repository.pulls[number]
